"""Regexes that are valid and do not do what they look like."""

from __future__ import annotations

import re

from qa_scorer.model.patterns import Regex
from qa_scorer.ruletools.lint.findings import Findings

_HAN = r"[\u3400-\u9fff]"
_BOUNDARY = re.compile(rf"(?<!\\)(?:\\\\)*\\b{_HAN}|{_HAN}\\b")


def boundaries(findings: Findings) -> None:
    r"""Q308: ``\b`` right beside a Han character."""
    for pattern, place in findings.own_patterns():
        if isinstance(pattern, Regex):
            found = _BOUNDARY.search(pattern.regex)
            if found:
                findings.report("Q308", f"{found[0]} holds only next to an ASCII letter or digit", place,
                                help="For a whole word write {word: …}; for the end of a clause ([,。!?]|$).")  # fmt: skip
