"""A rulebook that is all search: more than 800 phrases, 80 of them fuzzy, words of the segmenter, 20 regexes, and B3.

Its phrases are put together from parts of service chats, so most are rare and many begin like one another, as the
lists of a large company do.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from qa_scorer.model.checks import Check, Count, Follow, Forbid, Require
from qa_scorer.model.patterns import Condition, Extent, Fuzzy, Literal, Negated, Pattern, Regex, Scope, Word
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Role
from qa_scorer.rulebook import load

_WHO = ("这边", "我们", "您的", "客户", "商家", "仓库")
_WHAT = ("订单", "包裹", "发票", "退款", "运费", "尺码", "地址", "优惠券", "保修卡", "会员")
_HOW = ("已经登记", "马上核实", "没办法处理", "需要等待", "可以更换", "不归我管", "稍后联系", "正在催促", "无法查询", "帮您申请",
        "请您谅解", "重新发出", "不能保证")  # fmt: skip
_FUZZY = 80
_WORDS = ("请", "您", "谢谢", "麻烦", "抱歉", "退款", "发票", "亲", "客服", "评价", "快递", "地址")
_REGEXES = (
    r"(请|麻烦)您.{0,6}(稍等|等待|提供)", r"\d{1,2}(点|时)(前|之前|左右)", r"(已经|已)(给|帮|为)您.{0,8}(登记|反馈|申请)",
    r"(什么|啥)时候.{0,6}(到|发|退)", r"(不|没)(能|法|办法).{0,4}(处理|解决|查)", r"还有(什么|其他).{0,8}(可以|能)帮",
    r"(感谢|谢谢).{0,6}(支持|理解|配合|光临)", r"(应该|大概|可能).{0,4}(到|好|行)", r"^(您好|你好|亲)[,，!~ ]", r"(投诉|举报|曝光).{0,4}(你|你们|客服)",
    r"(多久|几天|哪天).{0,6}[?吗呢]", r"(赠送|补偿|赔).{0,4}(券|积分|红包)", r"(点击|打开).{0,6}(我的|设置|订单)", r"[我咱]们?.{0,4}(核实|核对)(一下|下)",
    r"(号码|电话|手机).{0,4}(是|为)\d", r"(微信|vx|扣扣).{0,4}[a-z0-9]{5,}", r"(再见|拜拜|祝您).{0,8}", r"(到底|究竟).{0,8}[?!]",
    r"(保证|承诺|一定).{0,6}(到|好|解决)", r"(差评|退货|拒收).{0,6}",
)  # fmt: skip


def stress_rulebook() -> Rulebook:
    """Rules over the phrases in groups of forty, each with another check, and the default rulebook's B3."""
    default = load(None)
    phrases = ["".join(parts) for parts in itertools.product(_WHO, _WHAT, _HOW)]
    patterns: list[Pattern] = [Literal(phrase) for phrase in phrases[_FUZZY:]]
    patterns += [Fuzzy(phrase, 80.0) for phrase in phrases[:_FUZZY]]
    patterns += [Word(word) for word in _WORDS] + [Regex(regex) for regex in _REGEXES]
    rules = [
        Rule(
            f"stress.{number}",
            f"第{number}组",
            "phrases",
            _check(number, tuple(patterns[number::20])),
            deduct=1.0,
            cap=5.0,
        )
        for number in range(20)
    ]
    rules += [replace(rule, dimension="phrases") for rule in default.rules if "B3" in rule.standard]
    return replace(
        default, name="stress", rules=tuple(rules),
        dimensions=(replace(default.dimensions[0], id="phrases", name="话术", points=100.0),),
    )  # fmt: skip


def _check(number: int, patterns: tuple[Pattern, ...]) -> Check:
    agent = Condition(patterns, Scope(), (Negated(),))
    kinds: tuple[Check, ...] = (
        Forbid(agent),
        Require(agent),
        Count(agent, at_most=2),
        Follow(Condition(patterns, Scope(role=(Role.CUSTOMER,))), agent, Extent(2, "message")),
    )
    return kinds[number % len(kinds)]
