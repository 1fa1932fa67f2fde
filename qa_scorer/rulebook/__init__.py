"""YAML rule files become one typed rulebook, with every mistake at its line and column. Nothing here reads a chat.

``load`` gives a rulebook that stands, or raises with all that is wrong; ``diagnose`` gives both. ``schema`` describes
the files for editors. All three follow the dataclasses of ``qa_scorer.model``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook.diagnostics import Diagnostic, Level, render_all
from qa_scorer.rulebook.digest import digest
from qa_scorer.rulebook.files import BUILTIN, Files, builtin_folder
from qa_scorer.rulebook.merge import merge


def load(paths: Sequence[str | Path] | None = None) -> Rulebook:
    """The rulebook of these files and folders together, or the builtin one.

    Raises RulebookError with every diagnostic of every file.
    """
    rulebook, diagnostics = diagnose(paths)
    if rulebook is None:
        errors = [diagnostic for diagnostic in diagnostics if diagnostic.level is Level.ERROR]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise RulebookError(f"{render_all(errors)}\n{count} in the rules; nothing was scored")
    return rulebook


def diagnose(paths: Sequence[str | Path] | None = None) -> tuple[Rulebook | None, tuple[Diagnostic, ...]]:
    """The rulebook (``None`` when an error keeps it from standing) and all diagnostics, by file and line."""
    files = Files()
    files.add([BUILTIN] if paths is None else paths)
    rulebook = merge(files)
    found = [*files.diagnostics, *(found for document in files.documents for found in document.source.diagnostics)]
    # Who extends the builtin rules cannot mend them: of those only an error is worth a word.
    told = {d for d in found if d.level is Level.ERROR or not d.place.file.startswith("builtin:")}
    diagnostics = tuple(sorted(told, key=lambda diagnostic: diagnostic.order))
    if any(diagnostic.level is Level.ERROR for diagnostic in diagnostics):
        return None, diagnostics
    return dataclasses.replace(rulebook, digest=digest(rulebook)), diagnostics


__all__ = ["BUILTIN", "Diagnostic", "Level", "builtin_folder", "diagnose", "load"]
