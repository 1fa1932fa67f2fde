"""Wording that rules must tell apart, in case files: one short chat, one item of the standard, one verdict."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_scorer.checks import compile_plan, judge
from qa_scorer.matching.batch import Batch
from qa_scorer.model.words import Verdict
from qa_scorer.rulebook import load
from qa_scorer.transcripts.script import batch_of, parse_script

FOLDER = Path(__file__).parent
EXPECTED = {
    "hit": {Verdict.PASS},
    "miss": {Verdict.FAIL},
    "violation": {Verdict.FAIL},
    "clean": {Verdict.PASS, Verdict.NOT_APPLICABLE},
    "not_applicable": {Verdict.NOT_APPLICABLE},
}
CASES = [
    pytest.param(item, case, id=f"{item}-{number}-{case['expect']}")
    for path in sorted(FOLDER.glob("cases_*.yaml"))
    for item, cases in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    for number, case in enumerate(cases, start=1)
]


@cache
def verdicts() -> dict[tuple[str, str], Verdict]:
    """The gravest verdict of an item's rules on each chat, all chats judged in one batch."""
    chats = sorted({param.values[1]["chat"] for param in CASES})  # type: ignore[index]
    rulebook = load(None)
    batch = Batch(batch_of([(chat, parse_script(chat)) for chat in chats]))
    judged = judge(batch, compile_plan(rulebook))
    gravest = {}
    for number, rule in enumerate(rulebook.rules):
        for unit in range(batch.units):
            verdict = Verdict(judged.verdict[unit, number])
            for item in rule.standard if verdict is not Verdict.ABSENT else ():
                key = (chats[int(batch.unit_conv[unit])], item)
                order = (Verdict.FAIL, Verdict.PASS, Verdict.NOT_APPLICABLE)
                gravest[key] = min(gravest.get(key, verdict), verdict, key=order.index)
    return gravest


@pytest.mark.parametrize(("item", "case"), CASES)
def test_case(item: str, case: dict[str, Any]) -> None:
    assert verdicts()[case["chat"], item] in EXPECTED[case["expect"]]
