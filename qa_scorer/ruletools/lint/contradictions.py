"""What one rule asks for and another punishes, found by judging the rulebook's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qa_scorer.checks import compile_plan, judge_rule
from qa_scorer.checks.finding import Evaluator
from qa_scorer.matching.batch import Batch
from qa_scorer.model.checks import Follow, Forbid, Require
from qa_scorer.model.patterns import Condition, Literal
from qa_scorer.model.rules import Place, Rule
from qa_scorer.model.words import Role, Verdict
from qa_scorer.ruletools.lint.findings import Findings
from qa_scorer.transcripts.script import Message, batch_of

_QUOTED = re.compile(r"(?<![把将])“([^”]{4,})”")  # 把“…”写成“…” quotes what not to say first


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that the rulebook puts into an agent's mouth."""

    text: str
    rule: Rule
    code: str
    place: Place


def wanted_and_banned(findings: Findings) -> None:
    """Q306, Q307: texts that a rule rewards and examples in advice, judged by the rules that forbid."""
    words = list(_wanted(findings))
    banning = [rule for rule in findings.rulebook.rules if isinstance(rule.check, Forbid)]
    if not words or not banning:
        return
    chats = [(str(number), [Message(Role.AGENT, word.text, "客服")]) for number, word in enumerate(words)]
    batch = Batch(batch_of(chats))
    view = Evaluator(batch, compile_plan(findings.rulebook))
    for rule in banning:
        failed = batch.unit_conv[np.flatnonzero(judge_rule(rule, view).verdict == Verdict.FAIL)]
        for number in failed.tolist():
            word = words[number]
            if findings.own(word.place):
                what = "the advice of" if word.code == "Q307" else "wanted by"
                findings.report(word.code, f"{word.text}: {what} {word.rule.id}, forbidden by {rule.id}", word.place)


def _wanted(findings: Findings) -> Iterator[_Words]:
    for rule in findings.rulebook.rules:
        place = rule.place or Place("", 1)
        yield from (_Words(text, rule, "Q307", place) for text in _QUOTED.findall(rule.advice))
        condition = _rewarded(rule)
        if condition is not None and Role.AGENT in condition.scope.role:
            for pattern, where in findings.opened(condition.any, place):
                if isinstance(pattern, Literal):
                    yield _Words(pattern.text, rule, "Q306", where)


def _rewarded(rule: Rule) -> Condition | None:
    if isinstance(rule.check, Require):
        return rule.check.condition
    return rule.check.then if isinstance(rule.check, Follow) else None
