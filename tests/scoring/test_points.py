"""The arithmetic of scores: what an agent earns, loses and cannot lose."""

from __future__ import annotations

from typing import Any

import pytest

from qa_scorer.checks import compile_plan
from qa_scorer.engines import score_one
from qa_scorer.model.checks import Forbid, Require
from qa_scorer.model.rules import Dimension, Rule, Rulebook, Scoring
from qa_scorer.model.words import Role
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts.script import batch_of, parse_script
from tests.checks.build import condition

CUSTOMER_SAID = condition("退货", role=(Role.CUSTOMER,))


def rule(identity: str, check: Any, dimension: str = "a", **given: Any) -> Rule:
    return Rule(identity, identity, dimension, check, **given)


def scored(rules: list[Rule], *chats: str, scoring: Scoring | None = None, points: float = 10.0) -> ScoredBatch:
    rulebook = Rulebook(
        "test", tuple(rules), (Dimension("a", "A", points), Dimension("b", "B", points)), scoring=scoring or Scoring()
    )
    batch = batch_of([(f"c{number}", parse_script(chat)) for number, chat in enumerate(chats)])
    return score_one(batch, compile_plan(rulebook))


def scores(batch: ScoredBatch) -> list[float | None]:
    return batch.conversations["score"].to_pylist()


GREET = rule("greet", Require(condition("您好")), points=6.0)
BYE = rule("bye", Require(condition("再见")), points=4.0)
BLAME = rule("blame", Forbid(condition("不归我管")), "b", deduct=10.0, cap=15.0)


def test_award_points_are_a_share_of_the_total() -> None:
    assert scores(scored([GREET, BYE], "客: 在吗\n服: 您好\n服: 再见", "客: 在吗\n服: 您好", "客: 在吗\n服: 嗯")) == [
        100,
        60,
        0,
    ]


def test_what_does_not_apply_is_rescaled_away() -> None:
    bye = rule("bye", Require(condition("再见")), points=4.0, when=CUSTOMER_SAID)
    assert scores(scored([GREET, bye], "客: 在吗\n服: 您好", "客: 退货\n服: 您好")) == [100, 60]


def test_deductions_count_each_hit_up_to_the_cap() -> None:
    chats = ["客: 在\n服: 您好不归我管", "客: 在\n服: 您好不归我管，不归我管", "客: 在\n服: 您好" + "不归我管。" * 5]
    assert scores(scored([GREET, BLAME], *chats)) == [90, 85, 85]


def test_a_deduction_for_what_is_missing_is_taken_once() -> None:
    rules = [rule("hello", Require(condition("您好")), deduct=4)]
    assert scores(scored(rules, "客: 在\n服: 嗯\n客: 好\n服: 行", "客: 在\n服: 您好")) == [96, 100]


def test_the_score_never_falls_below_the_floor_or_rises_above_the_total() -> None:
    bonus = rule("bonus", Require(condition("评价")), bonus=5.0)
    low = scored([GREET, BLAME], "客: 在\n服: 不归我管", scoring=Scoring(floor=20))
    assert scores(low) == [20]
    assert scores(scored([GREET, bonus], "客: 在\n服: 您好，请评价", "客: 在\n服: 您好")) == [100, 100]
    assert scores(scored([GREET, BYE, bonus], "客: 在\n服: 您好，请评价")) == [65]


def test_a_veto_makes_the_total_zero_and_fails_the_conversation() -> None:
    veto = rule("veto", Forbid(condition("滚")), "b", veto=True)
    batch = scored([GREET, veto], "客: 在\n服: 您好，滚", "客: 在\n服: 您好")
    assert scores(batch) == [0, 100]
    assert batch.conversations["vetoed"].to_pylist() == [True, False]
    assert batch.conversations["passed"].to_pylist() == [False, True]
    assert batch.conversations["grade"].to_pylist() == ["不合格", "优秀"]
    assert batch.scorecards["dimensions"].to_pylist() == [[100.0, 0.0], [100.0, 100.0]]


def test_agents_of_one_conversation_are_scored_each_by_their_own_words() -> None:
    batch = scored([GREET, BLAME], "客: 在\n服[小美]: 您好\n服[小李]: 不归我管\n服[小李]: 嗯")
    assert batch.scorecards["agent"].to_pylist() == ["小美", "小李"]
    assert batch.scorecards["score"].to_pylist() == [100, 0]
    [row] = batch.conversations.to_pylist()
    assert (row["agent"], row["agents"], row["score"]) == ("小李", "小美、小李", 0)


def test_dimensions_with_awards_and_with_deductions_only() -> None:
    batch = scored([GREET, BYE, BLAME], "客: 在\n服: 您好，不归我管")
    assert batch.scorecards["dimensions"].to_pylist() == [[60.0, 0.0]]
    assert scored([GREET], "客: 在\n服: 您好").scorecards["dimensions"].to_pylist() == [[100.0, None]]


@pytest.mark.parametrize(
    ("chat", "reason"),
    [("客: 在吗\n客: 人呢", "no_agent"), ("服: 您好", "too_short"), ("客: 在\n机: 您好", "no_agent")],
)
def test_what_cannot_be_judged_is_not_scored_and_says_why(chat: str, reason: str) -> None:
    batch = scored([GREET], chat)
    [row] = batch.conversations.to_pylist()
    assert (row["scored"], row["skip_reason"], row["score"], row["passed"]) == (False, reason, None, None)
    assert batch.verdicts.num_rows == batch.evidence.num_rows == batch.scorecards.num_rows == 0


def test_verdicts_carry_points_and_evidence_quotes_the_original() -> None:
    batch = scored([GREET, BLAME], "客: 在\n服: 您好，不 归 我 管！")
    rows = {row["rule_id"]: row for row in batch.verdicts.to_pylist()}
    assert (rows["greet"]["points"], rows["greet"]["max_points"]) == (6, 6)
    assert (rows["blame"]["points"], rows["blame"]["max_points"], rows["blame"]["hits"]) == (-10, 0, 1)
    [hit] = [row for row in batch.evidence.to_pylist() if row["rule_id"] == "blame"]
    assert (hit["text"], hit["seq"], hit["start"], hit["end"]) == ("不 归 我 管", 1, 3, 10)
