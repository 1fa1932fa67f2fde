"""What is allowed in a rule file, and yet most likely a mistake. One module for each family of findings.

``check`` reads rule files, looks closer, and honours ``# qa-scorer: ignore Q304 -- reason`` comments.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import Diagnostic, Level, case_files, read
from qa_scorer.ruletools.cases import read_cases
from qa_scorer.ruletools.lint import contradictions, impossible, lists, regexes, tests, worth
from qa_scorer.ruletools.lint.findings import Findings
from qa_scorer.ruletools.lint.suppressions import suppress


def check(paths: Sequence[str | Path] | None = None) -> tuple[Rulebook | None, tuple[Diagnostic, ...]]:
    """The rulebook (``None`` when an error keeps it from standing), and all diagnostics by file and line."""
    reading = read(paths)
    tested, sources = read_cases(reading.rulebook, case_files(paths))
    reading = dataclasses.replace(reading, rulebook=tested)
    findings = Findings(reading, sources)
    for family in (
        lists.patterns, regexes.boundaries, impossible.never_match, impossible.scopes, worth.caps, worth.bounds, tests.present,
    ):  # fmt: skip
        family(findings)
    broken = any(diagnostic.level is Level.ERROR for diagnostic in findings.diagnostics())
    if not broken:  # these look at the whole, and the whole is not there
        for family in (lists.unused, lists.never_counts, worth.sums, contradictions.wanted_and_banned):
            family(findings)
    diagnostics = suppress(reading, findings.diagnostics())
    if not broken:  # a rule that is not there for its own mistakes cannot be asked about
        of_cases = {diagnostic for source in sources for diagnostic in source.diagnostics}
        diagnostics += tuple(sorted(of_cases, key=lambda diagnostic: diagnostic.order))
    stands = all(diagnostic.level is not Level.ERROR for diagnostic in diagnostics)
    return reading.rulebook if stands else None, diagnostics


__all__ = ["check"]
