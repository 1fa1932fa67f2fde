"""YAML rule files become one typed rulebook, with every mistake at its line and column. Nothing here reads a chat.

``load`` gives a rulebook that stands, or raises with all that is wrong; ``diagnose`` gives both. ``schema`` describes
the files for editors. All three follow the dataclasses of ``qa_scorer.model``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Place, Rulebook
from qa_scorer.rulebook.diagnostics import Diagnostic, Level, render_all
from qa_scorer.rulebook.digest import digest
from qa_scorer.rulebook.folders import BUILTIN, builtin_folder, case_files

if TYPE_CHECKING:
    from qa_scorer.rulebook.files import Files


def load(paths: Sequence[str | Path] | None = None) -> Rulebook:
    """The rulebook of these files and folders together, or the builtin one.

    Raises RulebookError with every diagnostic of every file. What RE2 says of the builtin rules' regexes is left to
    ``diagnose`` and to those who compile them: trying them would be a tenth of the start.
    """
    if paths is not None:
        return _load(paths)
    from qa_scorer.rulebook.builtin import builtin_rulebook

    return builtin_rulebook(_load)


def _load(paths: Sequence[str | Path] | None = None) -> Rulebook:
    reading = read(paths, trust_builtin=True)
    errors = reading.errors()
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise RulebookError(f"{render_all(errors)}\n{count} in the rules; nothing was scored")
    return reading.rulebook


def diagnose(paths: Sequence[str | Path] | None = None) -> tuple[Rulebook | None, tuple[Diagnostic, ...]]:
    """The rulebook (``None`` when an error keeps it from standing) and all diagnostics, by file and line."""
    reading = read(paths)
    return None if reading.errors() else reading.rulebook, reading.diagnostics()


@dataclass(frozen=True)
class Reading:
    """Rule files with all that was understood of them: for tools that look closer than the reader does.

    ``places`` tells where each (kind, name) is defined; kinds are ``dimension``, ``list``, ``synonym``, ``rule``.
    """

    files: Files
    rulebook: Rulebook
    places: dict[tuple[str, str], Place]

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported so far, by file and line."""
        found = list(self.files.diagnostics)
        for document in self.files.documents:
            # Who extends the builtin rules cannot mend them: of those only an error is worth a word.
            builtin = document.source.file.startswith("builtin:")
            found += [d for d in document.source.diagnostics if not builtin or d.level is Level.ERROR]
        return tuple(sorted(set(found), key=lambda diagnostic: diagnostic.order))

    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep the rulebook from standing."""
        return tuple(diagnostic for diagnostic in self.diagnostics() if diagnostic.level is Level.ERROR)


def read(paths: Sequence[str | Path] | None = None, *, trust_builtin: bool = False) -> Reading:
    """These files and folders together, or the builtin ones, mistakes and all."""
    from qa_scorer.rulebook.files import Files
    from qa_scorer.rulebook.merge import merge

    files = Files(trust_builtin)
    files.add([BUILTIN] if paths is None else paths)
    rulebook, places = merge(files)
    return Reading(files, dataclasses.replace(rulebook, digest=digest(rulebook)), places)


__all__ = ["BUILTIN", "Diagnostic", "Level", "Reading", "builtin_folder", "case_files", "diagnose", "load", "read"]
