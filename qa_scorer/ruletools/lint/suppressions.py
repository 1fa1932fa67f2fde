"""``# qa-scorer: ignore Q304, Q501 -- reason``: silences codes on its line, or on the next when it stands alone.

Errors are not silenced: a rulebook stands or it does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qa_scorer.model.rules import Place
from qa_scorer.rulebook import Diagnostic, Level, Reading

_COMMENT = re.compile(
    r"(?:^|\s)#\s*qa-scorer:\s*ignore\s+(?P<codes>Q\d+(?:\s*,\s*Q\d+)*)\s*(?:--\s*(?P<reason>\S.*))?$"
)


@dataclass
class _Suppression:
    place: Place
    length: int
    text: str
    target: int
    codes: list[str]
    reason: str
    used: set[str] = field(default_factory=set)


def suppress(reading: Reading, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The diagnostics that are left, with a word on suppressions that do nothing or say no reason."""
    found = {(s.place.file, s.target): s for s in _suppressions(reading)}
    left: list[Diagnostic] = []
    for diagnostic in diagnostics:
        silent = found.get((diagnostic.place.file, diagnostic.place.line))
        if silent is not None and diagnostic.code in silent.codes and diagnostic.level is not Level.ERROR:
            silent.used.add(diagnostic.code)
        else:
            left.append(diagnostic)
    for silent in found.values():
        if not silent.reason:
            left.append(Diagnostic("Q602", "the suppression gives no reason", silent.place, silent.length,
                                   "Write `-- ` and the reason after the code.", silent.text))  # fmt: skip
        idle = [code for code in silent.codes if code not in silent.used]
        if idle:
            left.append(Diagnostic("Q601", f"nothing to ignore here: {', '.join(idle)}", silent.place, silent.length,
                                   "Take the comment out.", silent.text))  # fmt: skip
    return tuple(sorted(left, key=lambda diagnostic: diagnostic.order))


def _suppressions(reading: Reading) -> list[_Suppression]:
    result = []
    for document in reading.files.documents:
        source = document.source
        if source.file.startswith("builtin:") or "qa-scorer:" not in source.text:
            continue
        for number, line in enumerate(source.lines, start=1):
            comment = _COMMENT.search(line)
            if comment is None:
                continue
            begin = line.index("#", comment.start())
            alone = not line[:begin].strip()
            codes = re.findall(r"Q\d+", comment["codes"])
            place = Place(source.file, number, begin + 1)
            target = number + 1 if alone else number
            result.append(_Suppression(place, len(line) - begin, line, target, codes, comment["reason"] or ""))
    return result
