"""Honest emptiness: whatever is missing, the audit stands, says None where nothing is known, and never NaN."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_scorer.audit.build import build_audit
from qa_scorer.audit.data import as_json
from qa_scorer.audit.model import Audit
from qa_scorer.audit.period import parse_period
from qa_scorer.errors import InputError
from qa_scorer.results.summary import Figure
from tests.audit.build import GOOD, POOR, Chat, agent, audit_of, figure, keep, many


def stands(audit: Audit) -> Audit:
    """The audit, once it can be written (``as_json`` refuses NaN) and its counts add up."""
    assert json.loads(as_json(audit))["period"]["label"] == audit.period.label
    told = audit.coverage
    assert told.conversations == told.scored + told.too_short + told.no_agent
    assert sum(audit.histogram) == sum(count for _, count in audit.grades) == told.scored
    for found in figures(audit):
        assert (found.value is None) == (found.n == 0)
        assert found.low is None or found.low <= (found.value or 0) + 1e-9
    return audit


def figures(audit: Audit) -> Iterator[Figure]:
    for of in (audit, *audit.agents):
        for layer in of.layers:
            yield from (metric.figure for metric in layer.metrics)
        yield from (item.rate for item in of.items)
    yield from (entry.figure for entry in audit.dimensions)


def test_without_times(tmp_path: Path) -> None:
    chats = [Chat(GOOD.format("甲"), None), Chat(POOR.format("乙"), None)]
    audit = stands(audit_of(tmp_path, chats, undated_month="2026-10", against="2026-09"))
    assert (audit.coverage.conversations, audit.coverage.dated.value, audit.volume.undated) == (2, 0, 2)
    assert audit.volume.days == ()
    assert [figure(audit, name).value for name in ("first_response", "handle_time", "fcr")] == [None, None, None]
    assert all(not any(entry.counts) and entry.median is None for entry in audit.responses)
    assert figure(audit, "score").value == 50
    assert agent(audit, "乙").focus[0].messages[0].time is None


def test_undated_conversations_are_in_no_day(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, [Chat(GOOD.format("甲"), None)], period="2026-10-05", undated_month="2026-10")
    assert stands(audit).coverage.conversations == 0


def test_an_empty_period(tmp_path: Path) -> None:
    audit = stands(audit_of(tmp_path, many(GOOD, ["甲"], 3), period="2026-11", against="2026-12"))
    assert (audit.agents, audit.problems, audit.excellent, audit.vetoes.cases) == ((), (), (), ())
    assert audit.against is not None
    assert (audit.against.comparable, audit.against.reason) == (False, "empty")
    assert all(found.value is None for found in figures(audit))
    assert audit.histogram_before is None


def test_a_period_with_nothing_before_it(tmp_path: Path) -> None:
    audit = stands(audit_of(tmp_path, many(GOOD, ["甲"], 3), against="2026-09"))
    assert all(metric.change is None for layer in audit.layers for metric in layer.metrics)


def test_one_agent(tmp_path: Path) -> None:
    """Nobody to be compared with: no rank, no mark, no estimate, but every figure."""
    audit = stands(audit_of(tmp_path, many(GOOD, ["甲"], 12)))
    only = agent(audit, "甲")
    assert (only.few, only.rank, only.standing, only.difference, only.estimate.value) == (False, None, "", None, None)
    assert only.score.value == 100
    assert audit.method.team_mean is None


def test_one_conversation(tmp_path: Path) -> None:
    audit = stands(audit_of(tmp_path, [Chat(GOOD.format("甲"))]))
    assert figure(audit, "score") == Figure(100, 1, None, None, 85, True)
    assert agent(audit, "甲").few


def test_no_failures(tmp_path: Path) -> None:
    audit = stands(audit_of(tmp_path, many(GOOD, ["甲", "乙"], 10)))
    assert (audit.problems, audit.vetoes.conversations, audit.vetoes.rules) == ((), 0, ())
    assert figure(audit, "veto_rate").value == 0
    assert all(entry.focus == () and entry.excellent for entry in audit.agents)


def test_all_vetoed(tmp_path: Path) -> None:
    audit = stands(audit_of(tmp_path, many("客: 在吗\n服[{}] +20s: 滚", ["甲", "乙"], 10)))
    assert (figure(audit, "score").value, figure(audit, "veto_rate").value) == (0, 1)
    assert (audit.vetoes.conversations, audit.vetoes.rules[0].agents) == (20, 2)
    assert audit.vetoes.cases[0].veto
    assert audit.excellent == ()
    assert audit.problems[0].problem.rule_id == "insult"


@pytest.mark.parametrize(("script", "reason"), [("客: 在吗\n客: 有人吗", "no_agent"), ("服[甲]: 您好", "too_short")])
def test_nothing_could_be_scored(tmp_path: Path, script: str, reason: str) -> None:
    audit = stands(audit_of(tmp_path, [Chat(script)]))
    assert (getattr(audit.coverage, reason), audit.agents) == (1, ())
    assert (audit.volume.hours[10], audit.volume.days[9].score) == (1, None)


def test_a_month_of_only_unscored_conversations_is_nothing_to_compare_with(tmp_path: Path) -> None:
    keep(tmp_path / "history", [Chat("客: 在吗", "2026-09-05 10:00:00")])
    audit = stands(audit_of(tmp_path, [Chat(GOOD.format("甲"))], against="2026-09"))
    assert audit.against is not None
    assert (audit.against.conversations, audit.against.comparable, audit.against.reason) == (1, False, "empty")


@pytest.mark.parametrize("table", ["conversations", "messages"])
def test_a_damaged_file_is_named(tmp_path: Path, table: str) -> None:
    chats = [Chat(GOOD.format("甲"))]
    keep(tmp_path / "history", chats)
    part = next((tmp_path / "history").glob(f"month=*/*/*/{table}.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(InputError, match=f"{table}.parquet"):
        build_audit(tmp_path / "history", parse_period("2026-10"))
