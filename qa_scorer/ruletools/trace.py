"""How one rule judges one chat, step by step: scope, normalised text, hits, excuses, verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa_scorer.checks import compile_plan, judge_rule
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.wording import guard_texts
from qa_scorer.errors import InputError
from qa_scorer.matching.batch import Batch
from qa_scorer.model.patterns import (
    AllOf,
    AnyOf,
    Condition,
    Fuzzy,
    ListRef,
    Literal,
    Not,
    PatternRef,
    Regex,
    Scope,
    Word,
)
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Role, Verdict
from qa_scorer.rulebook.diagnostics import printable
from qa_scorer.ruletools.describe import count, name_of, table, tree_text
from qa_scorer.ruletools.testing import Span, spans_of
from qa_scorer.transcripts.script import batch_of, parse_script

_PATTERNS = (Literal, Word, Regex, Fuzzy, ListRef)
_SIGNS = {Role.AGENT: "服", Role.CUSTOMER: "客", Role.BOT: "机", Role.SYSTEM: "系"}


@dataclass(frozen=True, slots=True)
class Step:
    """A hit of a pattern; ``excuse`` names the guard that forgives it, ``where`` the list that it stands in."""

    message: int
    text: str
    pattern: str
    where: str
    excuse: str


@dataclass(frozen=True, slots=True)
class Search:
    """A condition of the rule: which messages it looks at (numbers from 0), and what it finds."""

    name: str
    what: str
    messages: tuple[int, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict of one agent."""

    agent: str
    verdict: Verdict
    hits: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A rule on a chat. ``chat`` holds (speaker, text, normalised text) by message."""

    rule: Rule
    chat: tuple[tuple[str, str, str], ...]
    searches: tuple[Search, ...]
    verdicts: tuple[Judged, ...]
    evidence: tuple[Span, ...]


def trace(rule: Rule, rulebook: Rulebook, chat: str) -> Trace:
    """Judge a chat in the notation of tests. Raises InputError when it cannot be read or holds no message."""
    messages = parse_script(chat)
    if not messages:
        raise InputError("the chat holds no message; write one a line, as 客: 在吗")
    batch = Batch(batch_of([("chat", messages)]))
    view = Evaluator(batch, compile_plan(dataclasses.replace(rulebook, rules=(rule,))))
    outcome = judge_rule(rule, view)
    verdicts = [
        Judged(batch.agents[int(batch.unit_agent[unit])], Verdict(int(outcome.verdict[unit])), int(outcome.hits[unit]))
        for unit in range(batch.units)
    ]
    return Trace(
        rule,
        tuple(
            (_speaker(message.role, message.sender), text, view.search.clean(number))
            for number, (message, text) in enumerate(zip(messages, batch.texts, strict=True))
        ),
        tuple(_searches(rule, view)),
        tuple(verdicts),
        tuple(spans_of(outcome.evidence, batch).get(0, ())),
    )


def _speaker(role: Role, sender: str) -> str:
    return f"{_SIGNS[role]}[{sender}]" if role is Role.AGENT and sender else _SIGNS[role]


def _searches(rule: Rule, view: Evaluator) -> Iterator[Search]:
    if rule.when is not None:
        yield from _of_value("when", rule.when, view)
    for field in dataclasses.fields(rule.check):
        yield from _of_value(field.name.rstrip("_"), getattr(rule.check, field.name), view)


def _of_value(name: str, value: Any, view: Evaluator) -> Iterator[Search]:
    if isinstance(value, Condition):
        yield _search(name, value, view)
    elif isinstance(value, (AllOf, AnyOf)):
        for part in value.all if isinstance(value, AllOf) else value.any:
            yield from _of_value(name, part, view)
    elif isinstance(value, Not):
        yield from _of_value(f"{name}, not", value.negate, view)
    elif isinstance(value, tuple) and value and all(isinstance(item, _PATTERNS) for item in value) and name != "except":
        # The check decides where such patterns count; here every message is looked at.
        yield _search(name, Condition(value, Scope(tuple(Role))), view)


def _search(name: str, condition: Condition, view: Evaluator) -> Search:
    mask = view.batch.mask(condition.scope)
    steps = []
    for pattern, where in _opened(condition.any, view):
        spans = view.spans((pattern,), mask)
        excuse = view.excuse(spans.message, spans.start, spans.end, condition.except_)
        texts = guard_texts(condition.except_)
        for row in range(len(spans.message)):
            message, start, end = int(spans.message[row]), int(spans.start[row]), int(spans.end[row])
            forgiven = texts[int(excuse[row])] if excuse[row] >= 0 else ""
            steps.append(
                (message, start, Step(message, view.batch.texts[message][start:end], name_of(pattern), where, forgiven))
            )
    ordered = tuple(step for _, _, step in sorted(steps, key=lambda entry: entry[:2]))
    return Search(name, tree_text(condition), tuple(np.flatnonzero(mask).tolist()), ordered)


def _opened(refs: tuple[PatternRef, ...], view: Evaluator) -> Iterator[tuple[PatternRef, str]]:
    """Every pattern with the list that it comes from."""
    for ref in refs:
        for pattern in view.plan.expand((ref,)):
            yield pattern, f"${ref.name}" if isinstance(ref, ListRef) else ""


def trace_text(traced: Trace) -> str:
    """The steps for a terminal."""
    rows = []
    for number, (speaker, text, normalised) in enumerate(traced.chat, start=1):
        shown, seen = _line(text), _line(normalised)
        rows.append((str(number), speaker, shown, f"→ {seen}" if seen != shown else ""))
    parts = [table(rows)]
    for search in traced.searches:
        looked = _numbers(search.messages) if search.messages else "no message"
        lines = [f"{search.name}: {search.what}", f"  looks at {looked}"]
        for step in search.steps:
            source = f" of {step.where}" if step.where else ""
            forgiven = f", forgiven ({step.excuse})" if step.excuse else ""
            lines.append(f"  {step.message + 1}: “{_line(step.text)}” is a hit of {step.pattern}{source}{forgiven}")
        parts.append("\n".join(lines if search.steps else [*lines, "  finds nothing"]))
    verdicts = [_verdict(judged) for judged in traced.verdicts] or ["verdict: none, no agent speaks"]
    for span in traced.evidence:
        note = f" ({span.note})" if span.note else ""
        verdicts.append(f"  {span.kind.name.lower().replace('_', ' ')} in {span.message + 1}: {_line(span.text)}{note}")
    lines = "\n\n".join([*parts, "\n".join(verdicts)]).split("\n")
    return "\n".join(map(printable, lines))


def _verdict(judged: Judged) -> str:
    if judged.verdict is Verdict.ABSENT:
        return f"verdict: {judged.agent} is not concerned"
    hits = f", {count(judged.hits, 'hit')}" if judged.hits else ""
    return f"verdict: {judged.agent} {judged.verdict.name.lower().replace('_', ' ')}{hits}"


def _numbers(messages: tuple[int, ...]) -> str:
    return f"message{'s' if len(messages) > 1 else ''} {', '.join(str(number + 1) for number in messages)}"


def _line(text: str) -> str:
    return " ".join(text.split())
