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
    """What became of one test. ``got`` is ``None`` when its chat cannot be read; ``error`` says why."""

    __test__ = False  # for pytest: this is no test class

    rule: Rule
    test: RuleTest
    got: Verdict | None
    spans: tuple[Span, ...] = ()
    error: str = ""

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
    """Run the rules' tests, only those whose ``rule: name`` holds one of ``keep`` (any case) if given.

    The verdict of a chat with several agents is the gravest of theirs.
    """
    cases = [(n, test) for n, rule in enumerate(rulebook.rules) for test in rule.tests if _kept(rule, test, keep)]
    chats = [read_chat(test) for _, test in cases]
    named = [(str(n), chat) for n, chat in enumerate(chats) if not isinstance(chat, str)]
    batch = Batch(batch_of(named, [cases[int(name)][1].metadata for name, _ in named]))
    view = Recorder(batch, compile_plan(rulebook))
    conversation = {int(name): row for row, (name, _) in enumerate(named)}
    outcomes: dict[int, TestOutcome] = {}
    by_rule: dict[int, list[int]] = {}
    for n, (number, test) in enumerate(cases):
        error = chats[n]
        if isinstance(error, str):
            outcomes[n] = TestOutcome(rulebook.rules[number], test, None, error=error)
        else:
            by_rule.setdefault(number, []).append(n)
    for number, tests in by_rule.items():
        rule = rulebook.rules[number]
        outcome = judge_rule(rule, view)
        spans = spans_of(outcome.evidence, batch)
        for n in tests:
            units = slice(*np.searchsorted(batch.unit_conv, [conversation[n], conversation[n] + 1]).tolist())
            verdicts = [Verdict(code) for code in outcome.verdict[units].tolist() if code != Verdict.ABSENT]
            got = max(verdicts, key=lambda verdict: _GRAVITY[verdict], default=Verdict.NOT_APPLICABLE)
            outcomes[n] = TestOutcome(rule, cases[n][1], got, tuple(spans.get(conversation[n], ())))
    return TestReport(tuple(outcomes[n] for n in range(len(cases))), view)


def _kept(rule: Rule, test: RuleTest, keep: Sequence[str]) -> bool:
    name = f"{rule.id}: {test.name}".lower()
    return not keep or any(word.lower() in name for word in keep)


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
