"""Which rules carry which item of the service standard: ``python -m qa_scorer.ruletools.standard > docs/standard.md``."""

from __future__ import annotations

from collections import Counter

from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Verdict
from qa_scorer.rulebook import load

ITEMS = {
    "A1": "首次响应及时",
    "A2": "主动问候",
    "A3": "自我介绍",
    "A4": "主动询问需求",
    "A5": "先回应再要信息",
    "B1": "积极倾听",
    "B2": "不打断",
    "B3": "复述确认",
    "B4": "信息确认",
    "B5": "澄清提问",
    "C1": "礼貌用语",
    "C2": "敬称：您而不是你",
    "C3": "禁用语",
    "C4": "建议代替要求",
    "C5": "不用方言、网络用语、攻击性语言",
    "C6": "不敷衍",
    "D1": "共情",
    "D2": "道歉",
    "D3": "不说教、不否定感受",
    "D4": "情绪升级",
    "D5": "引导解决",
    "E1": "正面表述",
    "E2": "不含糊",
    "E3": "不用内部术语",
    "E4": "简洁",
    "F1": "给出方案",
    "F2": "不过度承诺",
    "F3": "进度告知",
    "F4": "不让用户空等",
    "F5": "先核实再回答",
    "F6": "升级",
    "F7": "紧急优先",
    "F8": "后续跟进",
    "G1": "确认解决",
    "G2": "友好道别",
    "G3": "邀请评价",
    "G4": "有始有终",
    "H1": "不泄露个人信息",
    "H2": "不引导站外",
    "H3": "不夸大",
    "H4": "不索要验证码或密码",
    "H5": "不泄露内部信息",
}
"""The items of the standard for online customer service. Ids are stable."""

_HEAD = """# 服务规范与规则对照 · The standard and its rules

Made from the built-in rules by `python -m qa_scorer.ruletools.standard`; a test holds it up to date. An item counts as
covered when a rule with passing and failing examples carries it. Tests: pass / fail / not applicable.

| item | standard | rules | check | worth | tests |
|---|---|---|---|---|---|
"""


def standard_table(rulebook: Rulebook) -> str:
    """The whole page, in Markdown."""
    lines = []
    for item, title in ITEMS.items():
        rules = [rule for rule in rulebook.rules if item in rule.standard]
        cells = [
            "<br>".join(f"`{rule.id}` {rule.title}" for rule in rules),
            "<br>".join(type(rule.check).__name__.lower() for rule in rules),
            "<br>".join(_worth(rule) for rule in rules),
            "<br>".join(_tests(rule) for rule in rules),
        ]
        lines.append(f"| {item} | {title} | " + " | ".join(cells) + " |")
    return _HEAD + "\n".join(lines) + "\n"


def uncovered(rulebook: Rulebook) -> list[str]:
    """Items without a rule that has a passing and a failing test."""
    covered = {item for rule in rulebook.rules if _is_proven(rule) for item in rule.standard}
    return [item for item in ITEMS if item not in covered]


def _is_proven(rule: Rule) -> bool:
    return {Verdict.PASS, Verdict.FAIL} <= {test.expect for test in rule.tests}


def _worth(rule: Rule) -> str:
    parts = [f"{rule.points:g}" if rule.points else "", f"+{rule.bonus:g}" if rule.bonus else ""]
    if rule.deduct:
        parts.append(f"−{rule.deduct:g}" + (f" (≤ {rule.cap:g})" if rule.cap is not None else ""))
    return " ".join(part for part in (*parts, "veto" if rule.veto else "") if part)


def _tests(rule: Rule) -> str:
    counts = Counter(test.expect for test in rule.tests)
    return " / ".join(str(counts[verdict]) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE))


if __name__ == "__main__":
    print(standard_table(load(None)), end="")
