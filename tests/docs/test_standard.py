"""The page that shows what the rules cover must be true."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.rulebook import load
from qa_scorer.ruletools.standard import standard_table, uncovered

PAGE = Path(__file__).parents[2] / "docs" / "standard.md"


def test_every_item_is_carried_by_a_rule_with_a_passing_and_a_failing_example() -> None:
    assert uncovered(load(None)) == []


def test_the_page_is_up_to_date() -> None:
    told = "run: python -m qa_scorer.ruletools.standard > docs/standard.md"
    assert PAGE.read_text(encoding="utf-8") == standard_table(load(None)), told
