"""Restating (B3): how texts are compared, what the evidence says, and what a team can add."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest

from qa_scorer.checks import Plan, compile_plan, judge
from qa_scorer.checks.content import Synonyms, read_contents, read_mentions
from qa_scorer.checks.quantities import MINUTES, contradicted, derivable, follows, read_number, read_quantities
from qa_scorer.checks.told import Told
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.normalise import normalise
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import EvidenceKind, Verdict
from qa_scorer.rulebook import load
from qa_scorer.transcripts.script import batch_of, parse_script
from tests.checks.build import F, N, P

SHIPPING = Synonyms({"发货": ["寄出", "发出"], "未发货": ["没动静"], "退款": ["退钱", "退"]}, [("发货", "未发货")])


@cache
def rulebook() -> Rulebook:
    """The default rulebook with the rule for restating only."""
    book = load(None)
    return dataclasses.replace(book, rules=tuple(rule for rule in book.rules if "B3" in rule.standard))


@cache
def plan() -> Plan:
    return compile_plan(rulebook())


def judged(chat: str, with_plan: Plan | None = None) -> tuple[list[Verdict], list[tuple[EvidenceKind, int, str, str]]]:
    """Verdicts per unit and evidence as (kind, message, text, note); an empty text stands for the whole message."""
    batch = Batch(batch_of([("chat", parse_script(chat))]))
    result = judge(batch, with_plan or plan())
    rows = result.evidence
    spans = zip(rows.kind, rows.message, rows.start, rows.end, [rows.notes[note] for note in rows.note], strict=True)
    evidence = [
        (EvidenceKind(kind), int(message), batch.texts[message][start:end], note)
        for kind, message, start, end, note in spans
    ]
    return [Verdict(code) for code in result.verdict[:, 0]], evidence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三天", "3天"), ("半个月", "15天"), ("一周", "7天"), ("一礼拜", "七天"), ("半小时", "30分钟"), ("半个钟头", "30分钟"),
        ("一个半小时", "90分钟"), ("两天半", "60小时"), ("一天", "24小时"), ("半年", "6个月"), ("一年", "12个月"),
        ("两百块", "200元"), ("9块9", "9.9元"), ("1.5万元", "一万五千块"), ("一百二十块", "120元"), ("四回", "4次"), ("五百押金", "500元"),
        ("星期天", "周日"), ("下午三点", "15点"), ("中午12点", "十二点"), ("上礼拜", "上周"), ("3号", "三号"), ("十点半", "10点半"),
    ],
)  # fmt: skip
def test_numbers_are_one_value_however_they_are_written(one: str, other: str) -> None:
    told, restated = read_quantities(one), read_quantities(other)
    assert len(told) == len(restated) == 1
    assert told[0].unit == restated[0].unit
    assert follows(restated[0], derivable(told))


@pytest.mark.parametrize("text", ["一个", "等一下", "有一点", "千万别", "万一", "13800138000", "3号楼", "第一"])
def test_what_only_looks_like_an_amount_is_none(text: str) -> None:
    assert read_quantities(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("二十五", 25), ("一百二", 120), ("一百零二", 102), ("两千三", 2300), ("一万零五", 10005), ("十", 10)],
)
def test_numerals_have_their_value(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("told", "restated"),
    [("800条看到300条", "500条"), ("周一付款今天周四", "三天"), ("299元收了359元", "60元"), ("昨天", "1天"),
     ("10点约的11点了", "一个小时"), ("4次每次9.9元", "39.6元"), ("说好299，收了我359", "60元")],
)  # fmt: skip
def test_what_follows_from_told_numbers_is_no_contradiction(told: str, restated: str) -> None:
    given = read_quantities(told)
    assert all(contradicted(quantity, given, derivable(given)) is None for quantity in read_quantities(restated))


def test_another_value_of_the_same_unit_contradicts_and_another_unit_does_not() -> None:
    given = read_quantities("扣了四次")
    known = derivable(given)
    assert contradicted(read_quantities("两次")[0], given, known) == given[0]
    assert read_quantities("两天")[0].unit == MINUTES
    assert contradicted(read_quantities("两天")[0], given, known) is None


@pytest.mark.parametrize(
    "text", ["没发货", "还没寄出", "没把东西寄出来", "没有发出", "一直没动静", "未發貨", "尚未寄出"]
)  # fmt: skip
def test_a_group_is_negated_by_its_own_members_and_by_any_negation_before_it(text: str) -> None:
    mentions = read_mentions(normalise([text]), SHIPPING)[0]
    assert ("发货", True) in [mention.meaning for mention in mentions]


@pytest.mark.parametrize("text", ["发货了", "有没有发货", "不知道寄出了", "寄出，没收到"])
def test_a_negation_of_something_else_leaves_the_group_alone(text: str) -> None:
    assert ("发货", False) in [mention.meaning for mention in read_mentions([text], SHIPPING)[0]]


def test_one_character_is_a_word_only_where_the_segmenter_says_so() -> None:
    def words(text: str) -> list[str]:
        return [mention.word for mention in read_mentions([text], SHIPPING)[0]]

    assert "退款" in words("我要退")
    assert "退款" not in words("产业衰退")


def test_characters_of_a_told_word_make_its_other_forms_shared() -> None:
    content = read_contents(["奶锅的盖子裂"], SHIPPING)[0]
    told = Told([(0, content)], content.tokens)
    shares = {m.text: told.share(m, m.tokens)[0] for m in read_mentions(["锅盖和电池"], SHIPPING)[0]}
    assert shares == {"锅盖": 1.0, "电池": 0.0}


def test_a_hit_names_the_customers_message_and_the_shared_words() -> None:
    verdicts, evidence = judged(
        "客: 在吗\n客: 付款三天了还没发货\n服: 您好。您是说3天前支付的订单至今未发出，对吗？请稍等"
    )
    assert verdicts == [P]
    assert evidence == [
        (EvidenceKind.HIT, 2, "您是说3天前支付的订单至今未发出，对吗？", "与客户第2条消息共有：3天、支付、发出"),
        (EvidenceKind.TRIGGER, 1, "", ""),
    ]


@pytest.mark.parametrize(
    ("chat", "note"),
    [
        ("客: 付款三天了还没发货\n服: 您是说三天了还没收到货，对吗", "与客户第1条消息矛盾：未发货说成未收货"),
        ("客: 裤子短，要退钱\n服: 您的意思是想换一条，对吗", "与客户第1条消息矛盾：退款说成换货"),
        ("客: 被扣了四次费\n服: 您是说被扣费两次，是吗", "与客户第1条消息矛盾：四次说成两次"),
        ("客: 灯泡不亮了\n服: 灯泡不亮了是吗", "照抄客户第1条消息"),
    ],
)
def test_a_near_miss_says_what_was_put_wrong(chat: str, note: str) -> None:
    verdicts, evidence = judged(chat)
    assert verdicts == [F]
    assert [row[3] for row in evidence if row[0] is EvidenceKind.NEAR_MISS] == [note]


def test_an_own_action_is_shown_as_excused_with_its_guard() -> None:
    verdicts, evidence = judged("客: 我要取消体检预约\n服: 我帮您取消体检预约，对吗")
    assert verdicts == [F]
    assert [row[0] for row in evidence] == [EvidenceKind.EXCUSED, EvidenceKind.TRIGGER]
    assert evidence[0][3] == "except: $not_restated"


def test_the_verdict_is_of_who_answered_a_need_and_each_for_himself() -> None:
    chat = (
        "客: 在吗\n服[小美]: 您好\n客: 洗衣机脱水时声音特别大\n服[小李]: 您是说洗衣机脱水噪音大，对吗\n"
        "客: 对\n服[小王]: 好的"
    )
    assert judged(chat)[0] == [N, P, N]


def test_what_the_customer_tells_later_cannot_have_been_restated() -> None:
    assert judged("客: 有个问题\n服: 您是说快递停在中转站，对吗\n客: 快递停在中转站了")[0] == [F]


def test_a_customer_who_restates_the_agent_is_no_agent() -> None:
    assert judged("客: 押金怎么还没退\n服: 还车三天后原路退回\n客: 您是说还车三天后退押金，对吗\n服: 嗯")[0] == [F]


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("停车是免费的哦", N),
        ("请问您是住店客人吗", N),
        ("您是想问今晚有没有房，对吗", N),
        ("您的意思是要取消预订，对吗", F),
        ("您的意思是想了解泊车是否免费，对吗", P),
    ],
)
def test_a_plain_question_need_not_be_restated_but_who_tries_is_judged(reply: str, verdict: Verdict) -> None:
    book = rulebook()
    plan = compile_plan(dataclasses.replace(book, synonyms={**book.synonyms, "停车": ("泊车",), "免费": ("不要钱",)}))
    assert judged(f"客: 停车要不要钱\n服: {reply}", plan)[0] == [verdict]


def test_a_team_adds_synonyms_and_conflicts_of_its_trade() -> None:
    chat = "客: 绣球蔫巴了\n服: 您是说无尽夏失水了，对吗"
    assert judged(chat)[0] == [F]
    book = rulebook()
    more = {**book.synonyms, "绣球": ("无尽夏",), "失水": ("蔫巴",), "烂根": ("黑根",)}
    extended = dataclasses.replace(book, synonyms=more, conflicts=(*book.conflicts, ("失水", "烂根")))
    assert judged(chat, compile_plan(extended))[0] == [P]
    verdicts, evidence = judged("客: 绣球蔫巴了\n服: 您是说绣球黑根了，对吗", compile_plan(extended))
    assert verdicts == [F]
    assert (EvidenceKind.NEAR_MISS, "与客户第1条消息矛盾：失水说成烂根") in [(row[0], row[3]) for row in evidence]


@pytest.mark.parametrize(
    "chat",
    [
        "客: 取款机把我卡吞了，钱也没出来\n服: 您是说ATM吞卡了，而且没有吐钞，对吗",
        "客: 柜子格口开了里面是空的\n服: 您打开格口后没有看到包裹，是吗",
        "客: 洗碗机洗完杯子上全是白印子\n服: 您反馈的是餐具洗后留有白色水渍，对不对",
        "客: 卡里明明剩六百，昨天剪个头就剩四百了，剪发才98\n服: 您是说储值卡被多划走了一百左右，对吗",
        "客: 锁上了还在给我计费，都二十多块了\n服: 车已经锁好，但系统仍在收费，产生了20多元费用？我马上看",
        "客: 想把那个自动扣钱的功能关了\n服: 您是要取消自动扣费，对吗",
    ],
)
@pytest.mark.xfail(strict=True, reason="says the same in words that no list relates")
def test_restatements_beyond_the_lists(chat: str) -> None:
    assert judged(chat)[0] == [P]
