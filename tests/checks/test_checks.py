"""What each check decides, for whom, and on what evidence."""

from __future__ import annotations

import pytest

from qa_scorer.model.checks import (
    Answer,
    Count,
    Entity,
    Follow,
    Forbid,
    Length,
    Logic,
    Metadata,
    Order,
    Ratio,
    Repeat,
    Require,
    Timing,
)
from qa_scorer.model.patterns import AllOf, Extent, Field, Fuzzy, Literal, Near, Negated, Not, Quoted, Regex, Scope
from qa_scorer.model.words import EvidenceKind, Responsible, Role
from qa_scorer.privacy.digits import id_card_is_valid, luhn_is_valid
from tests.checks.build import F, N, P, _, condition, judged, refs

CUSTOMER = (Role.CUSTOMER,)


def test_opening_rules_belong_to_who_opens_and_closing_rules_to_who_closes() -> None:
    chat = "客: 在吗\n服[小美]: 您好\n客: 退货\n服[小李]: 好的，再见"
    assert judged(Require(condition("您好", first=Extent(1, "message"))), chat).verdicts == [P, _]
    assert judged(Require(condition("再见", last=Extent(1, "turn"))), chat).verdicts == [_, P]


def test_wording_rules_belong_to_who_said_it() -> None:
    chat = "客: 在吗\n服[小美]: 不归我管\n服[小李]: 我来处理"
    outcome = judged(Forbid(condition("不归我管")), chat)
    assert outcome.verdicts == [F, P]
    assert outcome.evidence(EvidenceKind.HIT) == ["不归我管"]


def test_bots_notes_and_withdrawn_messages_are_never_an_agents_words() -> None:
    chat = "机: 您好\n客: 人工\n服 (withdrawn): 您好\n服 (note): 您好\n服: 什么事"
    assert judged(Require(condition("您好", first=Extent(2, "message"))), chat).verdicts == [F]


def test_a_fail_for_absence_shows_what_was_searched() -> None:
    outcome = judged(Require(condition("$greeting")), "客: 在吗\n服: 什么事")
    assert outcome.verdicts == [F]
    assert outcome.evidence(EvidenceKind.SEARCHED) == ["什么事"]


def test_guards_excuse_hits_and_say_so() -> None:
    check = Forbid(
        condition("不行", except_=(Literal("行不行"), Quoted("any"), Near(refs("可以换"), Extent(1, "message"))))
    )
    chats = [
        "客: 换\n服: 行不行",
        "客: 换\n服: 您说的“不行”我记下了",
        "客: 换\n服: 不行\n服: 可以换蓝色",
        "客: 换\n服: 不行",
    ]
    outcome = judged(check, *chats)
    assert outcome.verdicts == [P, P, P, F]
    assert outcome.evidence(EvidenceKind.EXCUSED) == ["不行", "不行", "不行"]


def test_near_does_not_reach_into_the_next_conversation_or_beyond_its_extent() -> None:
    check = Forbid(condition("不行", except_=(Near(refs("可以换"), Extent(1, "message")),)))
    assert judged(check, "服: 不行", "服: 可以换").verdicts == [F, P]
    assert judged(check, "服: 不行\n服: 嗯\n服: 可以换").verdicts == [F]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("我保证明天到", F), ("我不能保证明天到", P), ("不过我保证明天到", F), ("没有，我保证到", F), ("谁也不敢保证", P)],
)
def test_negation_counts_only_in_the_same_clause(text: str, verdict: int) -> None:
    assert judged(Forbid(condition("保证", except_=(Negated(),))), f"客: 明天到吗\n服: {text}").verdicts == [verdict]


def test_overlapping_patterns_are_one_hit() -> None:
    patterns = ("不是我的问题", Fuzzy("这不是我的问题", 85), Regex("不是我.{0,3}题"))
    outcome = judged(Forbid(condition(*patterns)), "客: 坏了\n服: 这不是我的问题，真不是我的问题")
    assert outcome.hits == [2]


def test_count_per_conversation_message_and_hundred_characters() -> None:
    chat = "客: 在吗\n服: 您好您好\n服: 一二三四五六"
    assert judged(Count(condition("您好"), at_least=2), chat).verdicts == [P]
    assert judged(Count(condition("您好"), at_least=1.5, per="message"), chat).verdicts == [F]
    assert judged(Count(condition("您好"), at_least=20, per="100 characters"), chat).verdicts == [P]
    assert judged(Count(condition("您好"), at_most=1), chat).verdicts == [F]


def test_ratio_needs_enough_hits() -> None:
    check = Ratio(condition("您"), of=refs("你"), at_least=0.5, min_hits=2)
    assert judged(check, "服: 您你", "服: 您", "服: 你你您").verdicts == [P, N, F]


def test_follow_looks_only_inside_the_window() -> None:
    check = Follow(condition("气死", role=CUSTOMER), condition("抱歉"), Extent(2, "message"))
    within = "客: 气死了\n服: 稍等\n服: 抱歉"
    late = "客: 气死了\n服: 稍等\n服: 查询中\n服: 抱歉"
    nobody = "服: 您好\n客: 气死了"
    assert judged(check, within, late, nobody, "客: 你好\n服: 抱歉").verdicts == [P, F, N, N]


def test_follow_may_be_answered_in_the_same_message_and_each_needs_every_answer() -> None:
    reason = Follow(condition("不能"), condition("因为"), Extent(1, "message"), each=True)
    assert judged(reason, "客: 改\n服: 不能改，因为已发货").verdicts == [P]
    outcome = judged(reason, "客: 改\n服: 不能改，因为已发货\n客: 退\n服: 不能退\n客: 啊\n服: 嗯")
    assert outcome.verdicts == [F]
    assert outcome.hits == [1]


def test_follow_in_seconds_and_turns() -> None:
    seconds = Follow(condition("在吗", role=CUSTOMER), condition("在的"), Extent(30, "second"))
    assert judged(seconds, "客 +0s: 在吗\n服 +20s: 在的", "客 +0s: 在吗\n服 +40s: 在的").verdicts == [P, N]
    turns = Follow(condition("在吗", role=CUSTOMER), condition("在的"), Extent(1, "turn"))
    assert judged(turns, "客: 在吗\n服: 嗯\n服: 在的", "客: 在吗\n服: 嗯\n客: ？\n服: 在的").verdicts == [P, F]


def test_order() -> None:
    check = Order(condition("核实"), condition("结论"))
    assert judged(check, "服: 核实\n服: 结论", "服: 结论\n服: 核实", "服: 核实").verdicts == [P, F, N]


def test_timing_is_graded_and_silent_without_times() -> None:
    check = Timing("first_response", full=30, half=60, none=180)
    outcome = judged(
        check, *(f"客 +0s: 在吗\n服 +{seconds}s: 在" for seconds in (10, 50, 100, 300)), "客: 在吗\n服: 在"
    )
    assert outcome.verdicts == [P, P, F, F, N]
    assert outcome.shares == [1.0, 0.5, 0.25, 0.0, 0.0]


def test_a_hold_notice_buys_time_and_office_hours_count() -> None:
    chat = "客 +0s: 查\n服 +5s: 请稍等\n客 +10s: 好\n服 +130s: 查到了"
    assert judged(Timing("longest_wait", full=60), chat).verdicts == [F]
    assert judged(Timing("longest_wait", full=60, hold=refs("稍等"), hold_extra=120), chat).verdicts == [P]
    night = Timing("longest_wait", full=60, hours="18:00-20:00")  # the notation's chats begin at nine in the morning
    assert judged(night, chat).verdicts == [N]


def test_no_wait_begins_with_a_message_that_asks_for_nothing() -> None:
    check = Timing("longest_wait", full=60, ignore=refs("收到", "谢谢"))
    thanked = "客 +0s: 查\n服 +5s: 查到了\n客 +10s: 收到\n服 +300s: 还在吗"
    then_asked = "客 +0s: 谢谢\n客 +100s: 再查一张\n服 +{}s: 好"
    assert judged(check, thanked, then_asked.format(150), then_asked.format(170)).verdicts == [P, P, F]
    assert judged(check, then_asked.format(170)).evidence(EvidenceKind.TRIGGER) == ["再查一张"]
    assert judged(check, "客 +0s: 谢谢\n服 +300s: 不客气").verdicts == [N]


def test_the_robots_answer_is_no_first_response() -> None:
    chat = "客 +0s: 在吗\n机 +1s: 您好\n服 +200s: 在"
    assert judged(Timing("first_response", full=30, half=60, none=180), chat).shares == [0.0]


def test_length_of_messages_and_sentences() -> None:
    chat = "客: 说\n服: 一二三四五六。七八"
    assert judged(Length(at_most=8), chat).verdicts == [F]
    assert judged(Length(unit="sentence", at_most=6), chat).verdicts == [P]


def test_repeat_counts_alike_texts_of_one_agent() -> None:
    again = "\n".join(["服: 您的问题已经记录请耐心等待"] * 3)
    assert judged(
        Repeat(times=3), again, "服[甲]: 您的问题已经记录请耐心等待\n服[乙]: 您的问题已经记录请耐心等待"
    ).verdicts == [F, P, P]
    assert judged(Repeat(times=3, except_=refs("耐心等待")), again).verdicts == [P]


@pytest.mark.parametrize("block", [1, 100_000])
def test_texts_that_differ_a_little_repeat_each_other(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_scorer.checks.repeat._BLOCK", block)
    one, other, third = "您的问题已经记录请耐心等待", "您的问题已经记录请耐心等待哦", "这边查到包裹明天上午送到"
    chat = "\n".join(f"服: {text}" for text in (third, other, one, one, third, other))
    result = judged(Repeat(times=3), chat)
    assert result.verdicts == [F]
    assert result.hits == [3]
    assert result.evidence(EvidenceKind.HIT) == [one, one, other]


@pytest.mark.parametrize(("similarity", "verdict"), [(0, F), (100, P)])
def test_the_bounds_of_likeness(similarity: float, verdict: int) -> None:
    chat = "服: 您的问题已经记录\n服: 您的包裹明天送到\n服: 您的退款今天到账"
    assert judged(Repeat(times=3, similarity=similarity), chat).verdicts == [verdict]


def test_entities_are_validated_and_what_the_customer_gave_is_free() -> None:
    check = Entity(("mobile", "id_card", "bank_card"), except_=(Regex("单号[:：]?[0-9]+"),))
    given = "客: 改成138 0000 1234\n服: 已改成13800001234"
    told = "客: 留的谁\n服: 留的是１３８００００１２３４"
    masked = "客: 发到哪\n服: 发到138****1234"
    order = "客: 单号\n服: 单号13800001234"
    assert judged(check, given, told, masked, order).verdicts == [P, F, P, P]


def test_numbers_in_han_digits_are_told_too() -> None:
    check = Entity(("mobile",))
    told = "客: 留的谁\n服: 留的是一三八零零零零一二三四"
    given = "客: 改成13800001234\n服: 已改成幺三八 零零零零 幺二三四"
    days = "客: 哪天开门\n服: 一二三四五六日都开门"
    assert judged(check, told, given, days).verdicts == [F, P, P]


def test_checksums() -> None:
    assert id_card_is_valid("11010519491231002x")
    assert not id_card_is_valid("110105194912310021")
    assert luhn_is_valid("4111111111111111")
    assert not luhn_is_valid("4111111111111112")


def test_answer_wants_more_than_courtesies_after_the_last_question() -> None:
    check = Answer(refs(Regex(r"\?|吗$")), beyond=refs("感谢您的支持"))
    chats = [
        "客: 能退吗\n服: 能",
        "客: 能退吗\n服: 感谢您的支持",
        "客: 能退吗",
        "客: 退\n服: 好",
        "客: 哪?\n服 (media): [图片]",
    ]
    outcome = judged(check, *chats)
    assert outcome.verdicts == [P, F, N, P]  # the third chat has no agent at all
    assert outcome.evidence(EvidenceKind.HIT) == ["吗"]


def test_metadata_is_silent_where_the_export_is() -> None:
    check = Metadata(Field("csat", ">=", 4.0))
    outcome = judged(check, "服: a", "服: b", "服: c", metadata=[{"csat": 5}, {"csat": 2}, {}])
    assert outcome.verdicts == [P, F, N]
    extra = judged(Metadata(Field("vip", "=", "1")), "服: a", "服: b", metadata=[{"vip": 1}, {}])
    assert extra.verdicts == [P, N]


def test_logic_and_when() -> None:
    tree = AllOf((condition("您好"), Not(condition("不行"))))
    assert judged(Logic(tree), "服: 您好", "服: 您好\n服: 不行").verdicts == [P, F]
    when = condition("退货", role=CUSTOMER)
    assert judged(Require(condition("您好")), "客: 退货\n服: 嗯", "客: 在吗\n服: 嗯", when=when).verdicts == [F, N]


def test_a_rule_may_name_its_bearer() -> None:
    chat = "客: 在吗\n服[小美]: 您好\n服[小李]: 再见"
    check = Require(condition("不存在"))
    assert judged(check, chat, responsible=Responsible.OPENER).verdicts == [F, _]
    assert judged(check, chat, responsible=Responsible.CLOSER).verdicts == [_, F]


def test_scopes_count_messages_of_the_role_only() -> None:
    chat = "客: 一\n客: 二\n服: 三\n客: 四\n服: 五"
    assert judged(Require(condition("二", role=CUSTOMER, first=Extent(2, "message"))), chat).verdicts == [P]
    assert judged(Require(condition("二", role=CUSTOMER, first=Extent(1, "message"))), chat).verdicts == [F]
    assert judged(Require(condition("二", role=CUSTOMER, first=Extent(1, "turn"))), chat).verdicts == [P]
    assert judged(Require(condition("三", last=Extent(1, "message"))), chat).verdicts == [F]


def test_a_conversation_without_a_human_agent_has_no_verdict() -> None:
    assert judged(Require(condition("您好")), "客: 在吗\n机: 您好").verdicts == []


def test_an_empty_scope_default_is_the_agent() -> None:
    assert Scope().role == (Role.AGENT,)
