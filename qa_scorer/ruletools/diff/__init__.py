"""What a change of the rules does to scores: the same conversations judged by two rulebooks, and the difference told.

``revisions`` finds rules in git, ``compare`` judges and collects, ``report`` says it to people and programs.
"""

from __future__ import annotations

from qa_scorer.ruletools.diff.compare import compare
from qa_scorer.ruletools.diff.difference import Difference
from qa_scorer.ruletools.diff.report import as_json, as_markdown, as_text
from qa_scorer.ruletools.diff.revisions import load_rules

__all__ = ["Difference", "as_json", "as_markdown", "as_text", "compare", "load_rules"]
