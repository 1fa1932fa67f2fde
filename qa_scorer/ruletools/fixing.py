"""Mending what is certain: the text of a rule file with other words in their places, every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from qa_scorer.errors import OutputError
from qa_scorer.rulebook import Diagnostic

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""As YAML counts lines."""


def fix_files(diagnostics: Iterable[Diagnostic]) -> int:
    """Write what diagnostics say is to be written instead; how many places. Raises OutputError.

    The builtin rules are left alone.
    """
    by_file: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if diagnostic.mended is not None and not diagnostic.place.file.startswith("builtin:"):
            by_file.setdefault(diagnostic.place.file, []).append(diagnostic)
    for file, found in by_file.items():
        path = Path(file)
        try:
            path.write_bytes(mend(path.read_bytes().decode("utf-8"), found).encode("utf-8"))
        except OSError as error:
            raise OutputError(f"{file} cannot be written: {error.strerror}") from None
    return sum(map(len, by_file.values()))


def mend(text: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text with each diagnostic's words in place of what it points at."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    mark = text.startswith("\ufeff")  # no part of the first line to YAML
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.order, reverse=True):
        line, column = diagnostic.place.line - 1, diagnostic.place.column - 1
        begin = starts[line] + column + (mark and line == 0)
        text = text[:begin] + (diagnostic.mended or "") + text[begin + diagnostic.length :]
    return text
