"""The tests that stand with the rules, run in one batch, and what of the rules no test made fire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.checks import compile_plan, judge_rule
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.plan import Plan
from qa_scorer.errors import InputError
from qa_scorer.matching.batch import Batch
from qa_scorer.model.patterns import Guard
from qa_scorer.model.rules import Rule, Rulebook, RuleTest
from qa_scorer.model.words import EvidenceKind, Verdict
from qa_scorer.ruletools.cases import ItemTest
from qa_scorer.transcripts.script import Message, batch_of, parse_script

Ints = npt.NDArray[np.int64]

_GRAVITY = {Verdict.NOT_APPLICABLE: 0, Verdict.PASS: 1, Verdict.FAIL: 2}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of evidence in a test's chat: message number from 0, code points in its text."""

    kind: EvidenceKind
    message: int
    start: int
    end: int
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of one test of a rule, or of all rules of an item. ``got`` is ``None`` when its chat cannot be read;
    ``error`` says why."""

    __test__ = False  # for pytest: this is no test class

    rules: tuple[Rule, ...]
    test: RuleTest
    got: Verdict | None
    spans: tuple[Span, ...] = ()
    error: str = ""

    @property
    def whose(self) -> str:
        """The rule or the item that is tested."""
        return _whose(self.rules[0], self.test)

    @property
    def passed(self) -> bool:
        return self.got is self.test.expect

    @property
    def missed(self) -> bool:
        """The rule saw less than it should: a fail gone unseen, or a pass where it did not even apply."""
        return self.got is not None and _GRAVITY[self.got] < _GRAVITY[self.test.expect]

    @property
    def unexpected(self) -> bool:
        """The rule saw more than it should: a fail for nothing, or a verdict where none is due."""
        return self.got is not None and _GRAVITY[self.got] > _GRAVITY[self.test.expect]


@dataclass(frozen=True, slots=True)
class TestReport:
    """All tests of a rulebook that were run."""

    __test__ = False

    outcomes: tuple[TestOutcome, ...]
    recorder: Recorder

    @property
    def passed(self) -> bool:
        return all(outcome.passed for outcome in self.outcomes)


class Recorder(Evaluator):
    """An evaluator that remembers which guards forgave a hit, and in which conversations."""

    def __init__(self, batch: Batch, plan: Plan) -> None:
        super().__init__(batch, plan)
        self.forgave: dict[Guard, set[int]] = {}

    def note_excused(self, message: Ints, excuse: Ints, guards: tuple[Guard, ...]) -> None:
        """Remember the guards that forgave something."""
        for number, guard in enumerate(guards):
            conversations = self.batch.conv[message[excuse == number]]
            self.forgave.setdefault(guard, set()).update(conversations.tolist())


def run_tests(rulebook: Rulebook, keep: Sequence[str] = ()) -> TestReport:
    """Run the rules' tests, only those whose ``rule: name`` (or ``item: name``) holds one of ``keep`` (any case) if given.

    The verdict of a chat with several agents, or of an item with several rules, is the gravest.
    """
    cases = _cases(rulebook, keep)
    chats = [read_chat(test) for test, _ in cases]
    named = [(str(n), chat) for n, chat in enumerate(chats) if not isinstance(chat, str)]
    batch = Batch(batch_of(named, [cases[int(name)][0].metadata for name, _ in named]))
    view = Recorder(batch, compile_plan(rulebook))
    conversation = {int(name): row for row, (name, _) in enumerate(named)}
    by_rule: dict[int, list[int]] = {}
    for n in conversation:
        for number in cases[n][1]:
            by_rule.setdefault(number, []).append(n)
    verdicts: dict[int, list[Verdict]] = {n: [] for n in conversation}
    evidence: dict[int, list[Span]] = {n: [] for n in conversation}
    for number, tests in by_rule.items():
        outcome = judge_rule(rulebook.rules[number], view)
        spans = spans_of(outcome.evidence, batch)
        for n in tests:
            units = slice(*np.searchsorted(batch.unit_conv, [conversation[n], conversation[n] + 1]).tolist())
            verdicts[n] += [Verdict(code) for code in outcome.verdict[units].tolist() if code != Verdict.ABSENT]
            evidence[n] += spans.get(conversation[n], [])
    outcomes = []
    for n, (test, numbers) in enumerate(cases):
        rules, error = tuple(rulebook.rules[number] for number in numbers), chats[n]
        if isinstance(error, str):
            outcomes.append(TestOutcome(rules, test, None, error=error))
        else:
            got = max(verdicts[n], key=lambda verdict: _GRAVITY[verdict], default=Verdict.NOT_APPLICABLE)
            outcomes.append(TestOutcome(rules, test, got, tuple(evidence[n])))
    return TestReport(tuple(outcomes), view)


def _cases(rulebook: Rulebook, keep: Sequence[str]) -> list[tuple[RuleTest, list[int]]]:
    """The tests to run, each with the numbers of its rules."""
    cases: dict[int, tuple[RuleTest, list[int]]] = {}  # by identity: a test of an item stands with several rules
    for number, rule in enumerate(rulebook.rules):
        for test in rule.tests:
            name = f"{_whose(rule, test)}: {test.name}".lower()
            if not keep or any(word.lower() in name for word in keep):
                cases.setdefault(id(test), (test, []))[1].append(number)
    return list(cases.values())


def _whose(rule: Rule, test: RuleTest) -> str:
    return test.item if isinstance(test, ItemTest) else rule.id


def read_chat(test: RuleTest) -> list[Message] | str:
    """The messages of a test's chat, or what is wrong with it."""
    try:
        messages = parse_script(test.chat)
        if test.metadata:
            batch_of([("0", messages)], [test.metadata])
    except (InputError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        return str(error)
    return messages or "the chat holds no message"


def spans_of(evidence: Iterable[Any], batch: Batch) -> dict[int, list[Span]]:
    """Evidence by conversation, in the order of the chat."""
    found: dict[int, list[Span]] = {}
    for rows in evidence:
        notes = [rows.note] * len(rows.unit) if isinstance(rows.note, str) else rows.note
        columns = zip(rows.message.tolist(), rows.start.tolist(), rows.end.tolist(), notes, strict=True)
        for message, start, end, note in columns:
            conversation = int(batch.conv[message])
            text = batch.texts[message][start : end or None]
            span = Span(rows.kind, message - int(batch.conv_start[conversation]), start, end, text, note)
            found.setdefault(conversation, []).append(span)
    return {number: sorted(spans, key=lambda s: (s.message, s.start, s.kind)) for number, spans in found.items()}
