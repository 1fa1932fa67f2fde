"""The engine gives the verdicts that the plain definitions give, conversation by conversation and message by message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.baseline import JUDGED, Baseline
from benchmarks.stress import stress_rulebook
from qa_scorer.engines import run
from qa_scorer.matching import index
from qa_scorer.model.patterns import Fuzzy, Regex
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import load
from qa_scorer.transcripts import ReadOptions, read

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"
EXPORTS = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".md")


def judged(rulebook: Rulebook) -> Rulebook:
    """The rules that the plain definitions cover."""
    return replace(rulebook, rules=tuple(rule for rule in rulebook.rules if isinstance(rule.check, JUDGED)))


@pytest.mark.filterwarnings("ignore:pkg_resources")
@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("name", ["default", "stress"])
def test_every_verdict_is_the_plain_one(export: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FEW_TEXTS", 0)  # so few texts would do without gates
    rulebook = judged(stress_rulebook() if name == "stress" else load(None))
    batches = list(read([SAMPLES / export], ReadOptions(batch_messages=100)).batches())
    plain = {}
    for batch in batches:
        plain |= Baseline(rulebook).judge(batch.messages.to_pandas())
    found = {}
    for scored in run(iter(batches), rulebook):
        table = scored.verdicts.select(["conversation_id", "agent", "rule_id", "verdict"]).to_pylist()
        found |= {(row["conversation_id"], row["agent"], row["rule_id"]): row["verdict"] for row in table}
    assert found
    assert {key: plain.get(key) for key in found} == found


def test_the_stress_rulebook_is_one() -> None:
    rulebook = stress_rulebook()
    patterns = {pattern for rule in judged(rulebook).rules for pattern in _patterns(rule.check)}
    assert len(patterns) >= 800
    assert sum(isinstance(pattern, Fuzzy) for pattern in patterns) == 80
    assert sum(isinstance(pattern, Regex) for pattern in patterns) == 20


def _patterns(check: object) -> tuple[object, ...]:
    condition = getattr(check, "condition", None) or check.when  # type: ignore[attr-defined]
    return tuple(condition.any)
