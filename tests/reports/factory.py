"""Invented runs: realistic Chinese chats of several trades, judged by a handful of rules, summed up as a RunSummary.

Everything is drawn from ``random.Random(seed)``, so the same call gives the same run. The sums are plain means; the
intervals are the normal approximation, which is enough for pages that only show them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from qa_scorer.results.summary import (
    AgentSummary,
    ConversationRow,
    DimensionScore,
    Excellent,
    Figure,
    Finding,
    Line,
    Metric,
    Problem,
    Reading,
    RuleRate,
    RunSummary,
    Span,
)

AGENTS = ("林小满", "周子涵", "陈佳怡", "客服小王", "苏州店:阿紫", "何嘉明", "工号 1023", "Mia Chen")
HOSTILE_AGENTS = (
    "<script>alert('客服')</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "../../x",
    "-2+3+cmd|'x'!A1 ‮gnol",
    "{{ 7 * 7 }}{% raw %}",
)
HOSTILE_TEXTS = (
    "<script>alert('x')</script>不是说了吗",
    "\"><img src=x onerror=alert(1)> 不是说了吗",
    "</script><script>alert(2)</script>不是说了吗",
    "=HYPERLINK(\"http://evil.example\",\"不是说了吗\")",
    "=cmd|' /C calc'!A0 不是说了吗",
    "\x00\x07😀👨‍👩‍👧不是说了吗&amp;<!-- ]]>",
)  # fmt: skip
DIMENSIONS = (
    ("opening", "接待", 20.0),
    ("listening", "倾听与理解", 20.0),
    ("wording", "礼貌与用语", 20.0),
    ("empathy", "共情与情绪", 15.0),
    ("resolution", "解决与承诺", 15.0),
    ("closing", "结束", 10.0),
)
GRADES = (("优秀", 95.0), ("良好", 85.0), ("待改进", 70.0), ("不合格", 0.0))


@dataclass(frozen=True)
class Sketch:
    """A rule and the chats that break it: (customer, agent with ``[marked]`` words, customer)."""

    rule_id: str
    title: str
    standard: str
    dimension: str
    points: float
    advice: str
    chance: float
    chats: tuple[tuple[str, str, str], ...]
    note: str = ""
    veto: bool = False


SKETCHES = (
    Sketch("opening.greeting", "主动问候", "A2", "opening", 5, "开头先问候，例如“您好，请问有什么可以帮您？”", 0.12,
           (("在吗", "什么事", "我想问下订单"), ("有人吗？我的冰箱不制冷了", "型号发来", "BCD-215"))),
    Sketch("opening.name", "自我介绍", "A3", "opening", 5, "报上称呼或工号，例如“我是客服小满，很高兴为您服务”。", 0.28,
           (("请问这件羽绒服还有货吗", "您好，有的", "那我拍一件"), ("宽带又断了", "您好，请稍等", "好的"))),
    Sketch("opening.first_response", "首次响应及时", "A1", "opening", 5, "30 秒内先回一句“您好，我在，马上为您查看”。", 0.2,
           (("快递显示签收了，可是我没收到", "您好，让您久等了", "等了好久了"),), note="首次响应 1 分 42 秒，标准为 30 秒内"),
    Sketch("listening.paraphrase", "复述确认需求", "B3", "listening", 12,
           "用自己的话复述再确认，例如“您是说三天前付款的订单到现在还没发货，对吗？”", 0.34,
           (("我的订单已经付款三天了，还没发货", "订单号发一下", "88231045"),
            ("信用卡这个月的账单比我记的多了两百多块", "您看下账单明细", "看了，没看懂"),
            ("我昨天订的酒店想改到下周五，还能改吗", "改不改", "改，下周五"))),
    Sketch("wording.honorific", "使用敬称“您”", "C2", "wording", 4, "对客户称“您”，不称“你”。", 0.15,
           (("怎么退货", "[你]点右上角申请", "找到了"), ("流量怎么这么快就没了", "[你]套餐只有 5G", "哦"))),
    Sketch("wording.impatience", "不耐烦用语", "C3", "wording", 10, "换成“我再为您说明一次：……”，不要反问客户。", 0.08,
           (("还是没看懂怎么开发票", "[不是说了吗]，在订单详情里[自己看]", "你什么态度"),
            ("外卖都迟了四十分钟了，到哪儿了", "[催什么]，骑手在路上", "我要投诉"))),
    Sketch("wording.blame", "推诿责任", "C3", "wording", 10, "先承担再解决，例如“这件事我来跟进，今天 18 点前给您答复”。", 0.06,
           (("东西到手就是坏的", "[这不是我的问题]，你找快递", "东西是在你们店买的"),
            ("安装师傅没来", "安装[不归我管]", "那归谁管？"))),
    Sketch("empathy.after_upset", "情绪回应", "D1 D2", "empathy", 8,
           "先说出客户的处境再道歉，例如“等了这么久还没收到，换谁都会着急，真的抱歉”。", 0.22,
           (("等了半个月了还不到，太失望了", "帮您查一下", "快点吧"), ("孩子等着用，你们一拖再拖！", "单号多少", "我都发过了"))),
    Sketch("resolution.over_promise", "过度承诺", "F2", "resolution", 8, "给出可兑现的时间，例如“预计 24 小时内给您回复”。", 0.1,
           (("明天能到吗", "亲，[保证明天]一定能收到", "那太好了"), ("这个药有用吗", "[百分之百有效]的", "真的吗"))),
    Sketch("resolution.no_time", "未告知进度时间", "F3", "resolution", 6, "说出具体时间，例如“正在核实，预计 1 小时内回复您”。", 0.18,
           (("退款什么时候到", "会[尽快]处理的", "尽快是多快"), ("装修师傅哪天来", "[应该]这几天吧", "……"))),
    Sketch("closing.farewell", "友好道别", "G2", "closing", 5, "结束时感谢并道别，例如“感谢您的理解，祝您生活愉快”。", 0.3,
           (("好的，知道了", "嗯", "谢谢"), ("行，那我等着", "好", ""))),
    Sketch("safety.off_platform", "引导站外联系或付款", "H2", "resolution", 0, "只在平台内沟通和收款，不留私人联系方式。", 0.008,
           (("能便宜点吗", "[加我微信]转账，给你便宜 50", "还能这样？"),), veto=True),
)  # fmt: skip
GOOD = (
    ("customer", "我的订单付款三天了还没发货，急用"),
    ("agent", "您好，我是客服小满。您是说三天前付款的订单到现在没发出，对吗？"),
    ("customer", "对，出差要用"),
    ("agent", "换谁都会着急，真的抱歉。我已联系仓库加急，今天 18 点前发出，单号第一时间发您。"),
    ("customer", "好的谢谢"),
    ("agent", "不客气，还有其他可以帮您的吗？祝您出差顺利，生活愉快！"),
)
DAY = datetime(2026, 10, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class _Chat:
    conversation_id: str
    agent: str
    started: datetime | None
    messages: int
    failed: list[Sketch]
    findings: list[Finding] = field(default_factory=list)

    @property
    def score(self) -> float:
        if any(sketch.veto for sketch in self.failed):
            return 0.0
        return max(0.0, 100.0 - 1.3 * sum(sketch.points for sketch in self.failed))


def make_run(
    agents: Sequence[str] = AGENTS,
    per_agent: int = 40,
    *,
    seed: int = 7,
    timestamps: bool = True,
    skill: float | None = None,
    texts: Sequence[str] = (),
    veto_all: bool = False,
    language: str = "zh",
) -> RunSummary:
    """A run of ``len(agents) * per_agent`` conversations.

    ``skill`` 0 … 1 is every agent's quality (default: each their own; 1 fails nothing). ``texts`` are extra agent
    messages that break "wording.impatience" at 不是说了吗. ``veto_all`` makes every conversation vetoed.
    """
    dice = random.Random(seed)
    chats: list[_Chat] = []
    for number, agent in enumerate(agents):
        ease = skill if skill is not None else 1.0 - dice.uniform(0.1, 1.7) * (0.4 + 0.6 * (number % 3) / 2)
        chats += [
            _chat(dice, agent, f"{20261001 + index % 31}-{number:02d}{index:04d}", ease, timestamps, veto_all)
            for index in range(per_agent)
        ]
    for index, text in enumerate(texts):
        _add_text(chats[index % len(chats)], text)
    return _sum_up(chats, agents, language)


def _chat(dice: random.Random, agent: str, name: str, ease: float, timestamps: bool, veto_all: bool) -> _Chat:
    started = DAY + timedelta(days=dice.randrange(31), seconds=dice.randrange(12 * 3600)) if timestamps else None
    failed = [sketch for sketch in SKETCHES if dice.random() < sketch.chance * 1.4 * (1 - ease)]
    if veto_all:
        failed = [sketch for sketch in failed if not sketch.veto] + [SKETCHES[-1]]
    chat = _Chat(name, agent, started, dice.randrange(6, 28), failed)
    for sketch in failed:
        before, said, after = dice.choice(sketch.chats)
        seq = dice.randrange(1, chat.messages - 1)
        chat.findings.append(_finding(chat, sketch, seq, (before, said, after)))
    return chat


def _finding(chat: _Chat, sketch: Sketch, seq: int, words: tuple[str, str, str]) -> Finding:
    lines = []
    for offset, (role, marked) in enumerate(zip(("customer", "agent", "customer"), words, strict=True)):
        text, spans = unmark(marked)
        if text:
            at = None if chat.started is None else chat.started + timedelta(seconds=23 * (seq + offset))
            lines.append(Line(seq - 1 + offset, role, chat.agent if role == "agent" else "", at, text, spans))
    at = None if chat.started is None else chat.started + timedelta(seconds=23 * (seq + 1))
    return Finding(chat.conversation_id, chat.agent, sketch.rule_id, sketch.title, sketch.standard, sketch.dimension,
                   sketch.points, sketch.veto, seq, at, sketch.note, sketch.advice, tuple(lines),
                   tuple((line.seq, span) for line in lines for span in line.spans))  # fmt: skip


def unmark(marked: str) -> tuple[str, tuple[Span, ...]]:
    """``[催什么]，在路上`` → the plain text and the spans of what stood in brackets."""
    text, spans, start = "", [], 0
    for character in marked:
        if character == "[":
            start = len(text)
        elif character == "]":
            spans.append(Span(start, len(text)))
        else:
            text += character
    return text, tuple(spans)


def _add_text(chat: _Chat, text: str) -> None:
    sketch = next(item for item in SKETCHES if item.rule_id == "wording.impatience")
    start = text.index("不是说了吗")
    line = Line(3, "agent", chat.agent, chat.started, text, (Span(start, start + 5),))
    finding = Finding(chat.conversation_id, chat.agent, sketch.rule_id, sketch.title, sketch.standard, sketch.dimension,
                      sketch.points, False, 3, chat.started, "", sketch.advice, (line,),
                      ((3, line.spans[0]),))  # fmt: skip
    chat.findings = [item for item in chat.findings if item.rule_id != sketch.rule_id] + [finding]
    if sketch not in chat.failed:
        chat.failed.append(sketch)


def mean(values: Sequence[float], target: float | None = None, scale: float = 1.0) -> Figure:
    """The mean as a Figure; ``scale`` is the highest possible value."""
    if not values:
        return Figure(None, 0, target=target)
    value = sum(values) / len(values)
    spread = (sum((item - value) ** 2 for item in values) / max(1, len(values) - 1)) ** 0.5
    half = 1.96 * spread / len(values) ** 0.5
    low, high = (max(0.0, value - half), min(scale, value + half)) if len(values) > 1 else (None, None)
    return Figure(value, len(values), low, high, target, None if target is None else value >= target)


def _problems(chats: Sequence[_Chat]) -> tuple[Problem, ...]:
    found = []
    for sketch in SKETCHES:
        findings = [item for chat in chats for item in chat.findings if item.rule_id == sketch.rule_id]
        if findings:
            rate = mean([float(sketch in chat.failed) for chat in chats])
            found.append(Problem(sketch.rule_id, sketch.title, sketch.standard, sketch.dimension, len(findings), rate,
                                 sketch.points * (rate.value or 0), sketch.advice, tuple(findings[:5])))  # fmt: skip
    return tuple(sorted(found, key=lambda problem: (-problem.lost, problem.rule_id)))


def _dimensions(chats: Sequence[_Chat], team: Sequence[DimensionScore] = ()) -> tuple[DimensionScore, ...]:
    result = []
    for index, (key, name, points) in enumerate(DIMENSIONS):
        means = [
            max(0.0, 100 - 100 / points * sum(s.points for s in chat.failed if s.dimension == key)) for chat in chats
        ]
        result.append(DimensionScore(key, name, mean(means, scale=100), team[index].figure.value if team else None))
    return tuple(result)


def _rules(chats: Sequence[_Chat], team: Sequence[RuleRate] = ()) -> tuple[RuleRate, ...]:
    return tuple(
        RuleRate(s.rule_id, s.title, s.standard, s.dimension, mean([float(s not in chat.failed) for chat in chats]),
                 team[index].rate.value if team else None)
        for index, s in enumerate(SKETCHES)
    )  # fmt: skip


def _metrics(chats: Sequence[_Chat], timestamps: bool, team: Sequence[Metric] = ()) -> tuple[Metric, ...]:
    first = [12.0 + 7.7 * len(chat.failed) for chat in chats] if timestamps else []
    figures = (
        ("first_response", mean(first, 30.0, 1e9), "seconds"),
        ("mean_response", mean([1.6 * value for value in first], None, 1e9), "seconds"),
        ("longest_wait", mean([4.1 * value for value in first], None, 1e9), "seconds"),
        ("handle_time", mean([chat.messages * 23.0 for chat in chats] if timestamps else [], None, 1e9), "seconds"),
        ("csat", mean([float(chat.score > 70) for chat in chats], 0.9), "share"),
        ("resolved", Figure(None, 0, target=0.75), "share"),
        ("compliance", mean([1 - len(chat.failed) / len(SKETCHES) for chat in chats]), "share"),
    )
    result = []
    for index, (key, figure, unit) in enumerate(figures):
        if figure.target is not None and unit == "seconds" and figure.value is not None:
            figure = Figure(
                figure.value, figure.n, figure.low, figure.high, figure.target, figure.value <= figure.target
            )
        result.append(Metric(key, figure, unit, team[index].figure.value if team else None))
    return tuple(result)


def grade(score: float) -> str:
    return next(name for name, least in GRADES if score >= least)


def _row(chat: _Chat) -> ConversationRow:
    vetoed = any(sketch.veto for sketch in chat.failed)
    titles = tuple(sketch.title for sketch in chat.failed)
    return ConversationRow(chat.conversation_id, chat.agent, chat.started, chat.messages, chat.score, grade(chat.score),
                           chat.score >= 85, vetoed, None, titles, "十月导出.csv")  # fmt: skip


def _best(chats: Sequence[_Chat]) -> tuple[Excellent, ...]:
    good = sorted((chat for chat in chats if chat.score >= 90), key=lambda chat: (-chat.score, chat.conversation_id))
    return tuple(
        Excellent(chat.conversation_id, chat.agent, chat.score, ("主动问候", "复述确认需求", "情绪回应", "友好道别"),
                  tuple(Line(i, role, chat.agent if role == "agent" else "",
                             chat.started and chat.started + timedelta(seconds=31 * i), text)
                        for i, (role, text) in enumerate(GOOD)))
        for chat in good[:3]
    )  # fmt: skip


def _agent(agent: str, number: int, chats: Sequence[_Chat], team: RunSummary, timestamps: bool) -> AgentSummary:
    scores = [chat.score for chat in chats]
    findings = [finding for chat in chats for finding in chat.findings]
    findings.sort(key=lambda finding: (not finding.veto, -finding.points, finding.conversation_id))
    score = mean(scores, 85.0, 100.0)
    skipped = ConversationRow(f"skip-{number:02d}", agent, DAY if timestamps else None, 1, None, "", None, False,
                              "too_short", (), "十月导出.csv")  # fmt: skip
    return AgentSummary(
        agent, f"agent-{number:02d}", len(chats), None, score, grade(score.value or 0),
        mean([float(value >= 85) for value in scores]), sum(row.vetoed for row in map(_row, chats)),
        _metrics(chats, timestamps, team.metrics), _dimensions(chats, team.dimensions), _rules(chats, team.rules),
        _problems(chats), tuple(findings), len(findings), _best(chats), (*map(_row, chats), skipped), len(chats) + 1,
    )  # fmt: skip


def _sum_up(chats: Sequence[_Chat], agents: Sequence[str], language: str) -> RunSummary:
    scores = [chat.score for chat in chats]
    times = [chat.started for chat in chats if chat.started is not None]
    histogram = [0] * 20
    for value in scores:
        histogram[min(19, int(value // 5))] += 1
    messages = sum(chat.messages for chat in chats) + len(agents)
    reading = Reading(3, messages + 9, messages, 4, 5, len(chats) + len(agents), len(chats), len(agents), 0,
                      (("十月导出.csv", 1843, "时间无法识别：“13月5日”"), ("门店 B.xlsx", 77, "no conversation id in this row")))  # fmt: skip
    run = RunSummary(
        "在线客服质检标准", language, "0.1.0", 100.0, 85.0, (min(times, default=None), max(times, default=None)), reading,
        mean(scores, 85.0, 100.0), mean([float(value >= 85) for value in scores]),
        sum(any(sketch.veto for sketch in chat.failed) for chat in chats),
        tuple((name, sum(grade(value) == name for value in scores)) for name, _ in GRADES), tuple(histogram),
        _metrics(chats, bool(times)), _dimensions(chats), _rules(chats), _problems(chats), (),
    )  # fmt: skip
    team = [
        _agent(agent, number, [chat for chat in chats if chat.agent == agent], run, bool(times))
        for number, agent in enumerate(agents, start=1)
    ]
    order = sorted(team, key=lambda item: (-(item.score.value or 0), item.agent))
    ranked = [item for item in order if item.conversations >= 10]
    placed = tuple(replace(item, rank=ranked.index(item) + 1 if item in ranked else None) for item in order)
    return replace(run, agents=placed)


def empty_run(language: str = "zh") -> RunSummary:
    """A run in which nothing could be scored: every conversation too short, no agents."""
    return RunSummary(
        "在线客服质检标准", language, "0.1.0", 100.0, 85.0, (None, None), Reading(1, 12, 12, 0, 0, 6, 0, 6, 0, ()),
        Figure(None, 0, target=85.0), Figure(None, 0), 0, tuple((name, 0) for name, _ in GRADES), (0,) * 20,
        _metrics([], False), tuple(DimensionScore(key, name, Figure(None)) for key, name, _ in DIMENSIONS), (), (), (),
    )  # fmt: skip
