"""``paraphrase``: the agent restates the customer's need in other words and asks for confirmation (B3).

An agent's sentence with a confirming form or a question is compared with everything that the customer told before it,
as content words, synonyms and quantities (``checks.content``). It is a paraphrase when enough of it was told, none of it
contradicts what was told, and it is no copy.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.bearers import bearers
from qa_scorer.checks.content import Content, Synonyms, compiled_synonyms, read_contents
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.guards import needs_the_chat
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.restating import Restatement, Span, restatements
from qa_scorer.checks.told import Told
from qa_scorer.checks.weighing import Said, weigh, what_it_says
from qa_scorer.matching.index import ByText
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.patterns import Condition, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible, Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CUSTOMER = Scope(role=(Role.CUSTOMER,))
_ASKING = re.compile(r"\?|[吗么嘛](?!\w)")
_LEAST_NEED = 2
"""Characters beyond courtesies that make a message a need."""

_Sentence = tuple[int, Restatement, list[int]]
"""A message, a sentence of it, and for each of the sentence's clauses the number of the guard that forgives it (-1: none)."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a restatement turned out to be, in the original message; ``trigger`` is the customer's message, -1 for none."""

    kind: EvidenceKind
    message: int
    start: int
    end: int
    note: str
    trigger: int


def judge(params: Paraphrase, rule: Rule, view: Evaluator) -> Outcome:
    """Pass for each unit that restates; not applicable for units that had no cause to and did not try."""
    batch = view.batch
    needs = _needs(params, view)
    due = needs & view.hit_messages(params.need, batch.mask(_CUSTOMER)) if params.need else needs
    reading = _Reading(params, view, needs)
    findings = list(reading.findings())
    hits = [finding for finding in findings if finding.kind is EvidenceKind.HIT]
    count = np.bincount(batch.unit[[finding.message for finding in hits]], minlength=batch.units) if hits else (
        np.zeros(batch.units, dtype=np.int64)
    )  # fmt: skip
    answering = bearers(batch, rule.responsible or Responsible.ANSWERER, np.flatnonzero(due))
    judged = np.union1d(answering[answering >= 0], batch.unit[reading.tried])
    outcome = Outcome.absent(batch.units)
    outcome.excuse(np.arange(batch.units))
    outcome.decide(judged, count[judged] > 0, count[judged])
    failed = judged[count[judged] == 0]
    quiet = np.array(sorted(set(reading.tried) - {finding.message for finding in findings}), dtype=np.int64)
    quiet = quiet[np.isin(batch.unit[quiet], failed)]
    outcome.show(EvidenceKind.SEARCHED, batch.unit[quiet], quiet)  # they say that they restate, and nothing came of it
    needed = np.flatnonzero(due)
    untold = np.isin(answering, failed)
    _show(outcome, view, findings, answering[untold], needed[untold])
    return outcome


def _show(outcome: Outcome, view: Evaluator, findings: Sequence[_Finding], untold: Ints, needed: Ints) -> None:
    """The findings; the messages that they name, and those that the units ``untold`` did not take up."""
    batch = view.batch
    for kind in (EvidenceKind.HIT, EvidenceKind.NEAR_MISS, EvidenceKind.EXCUSED):
        rows = [finding for finding in findings if finding.kind is kind]
        spans = np.array([(row.message, row.start, row.end) for row in rows], dtype=np.int64).reshape(-1, 3)
        unit = batch.unit[spans[:, 0]]
        outcome.show(kind, unit, spans[:, 0], spans[:, 1], spans[:, 2], [row.note for row in rows])
    named = np.array([(row.message, row.trigger) for row in findings if row.trigger >= 0], dtype=np.int64).reshape(
        -1, 2
    )
    units, messages = np.append(batch.unit[named[:, 0]], untold), np.append(named[:, 1], needed)
    triggers = np.unique(units * batch.size + messages)
    outcome.show(EvidenceKind.TRIGGER, triggers // batch.size, triggers % batch.size)


def _needs(params: Paraphrase, view: Evaluator) -> Bools:
    """Customer messages that say more than courtesies: bool (n,)."""
    batch = view.batch
    courtesies = view.find(Condition(params.beyond, _CUSTOMER)) if params.beyond else None
    rest = view.search.bare_sizes
    if courtesies is not None:
        spans = courtesies.end - courtesies.start
        rest = rest - np.bincount(courtesies.message, weights=spans, minlength=batch.size).astype(np.int64)
    return batch.mask(_CUSTOMER) & (rest >= _LEAST_NEED)


class _Reading:
    """The restatements of a batch and what customers told before them. What a text says is read once."""

    def __init__(self, params: Paraphrase, view: Evaluator, needs: Bools) -> None:
        self.params = params
        self.view = view
        self.needs = needs
        rulebook = view.plan.rulebook
        self.synonyms: Synonyms = compiled_synonyms(tuple(rulebook.synonyms.items()), rulebook.conflicts)
        self.tried: list[int] = []
        """The messages that say they restate (您是说), and those that do, once ``findings`` is exhausted."""
        self._contents: ByText[Content] = view.search.index.remembered("contents", ByText)
        self._said: ByText[dict[Span, Said]] = view.search.index.remembered(("said", params.any), ByText)
        self._numbers: list[int] = view.search.number_of.tolist()

    def content(self, message: int) -> Content:
        """What a message mentions; it has been read."""
        return self._contents[self._numbers[message]]

    def findings(self) -> Iterator[_Finding]:
        """Every hit, near miss and excused restatement."""
        sentences = self._sentences()
        self.tried += [row for row, one, excuse in sentences if one.led and all(guard < 0 for guard in excuse)]
        self._read({message for message, _, _ in sentences})
        for message, excuse, said, told in self._promising(sentences):
            first = int(self.view.batch.conv_start[self.view.batch.conv[message]])
            weighed = weigh(said, excuse, told, first, self.params, self.synonyms)
            if weighed is not None:
                if weighed.kind is not EvidenceKind.EXCUSED:
                    self.tried.append(message)
                origin = self.view.search.clean_origin(message)
                start, end = said.sentence.span
                yield _Finding(
                    weighed.kind, message, int(origin[start]), int(origin[end - 1]) + 1, weighed.note, weighed.trigger
                )

    def _sentences(self) -> list[_Sentence]:
        """The sentences with a form or an unexcused question in agent messages after a need, in order."""
        batch, view, params = self.view.batch, self.view, self.params
        forms = view.find(Condition(params.any, Scope()))
        asks = view.recall("asks", batch.mask(Scope()), self._look_for_questions)
        candidates = np.zeros(batch.size, dtype=np.bool_)
        candidates[forms.message] = candidates[asks.message] = True
        told = np.concatenate(([0], np.cumsum(self.needs)))
        before = told[:-1] - told[batch.conv_start[batch.conv]]
        messages = np.flatnonzero(candidates & (batch.unit >= 0) & (before > 0))
        # Equal texts make equal sentences, unless a guard looks at the chat: then a message stands for itself.
        if any(map(needs_the_chat, params.except_)):
            known: dict[int, list[tuple[Restatement, list[int]]]] = {}
            keys = messages.tolist()
        else:
            known = view.search.index.remembered(("restated", params.any, params.except_), ByText)
            keys = view.search.number_of[messages].tolist()
        message_of = dict(zip(keys, messages.tolist(), strict=True))
        fresh = sorted(message_of.keys() - known.keys())
        known |= zip(fresh, self._restatements([message_of[key] for key in fresh], forms), strict=True)
        return [
            (message, *sentence)
            for key, message in zip(keys, messages.tolist(), strict=True)
            for sentence in known[key]
        ]

    def _restatements(self, messages: list[int], forms: Found) -> list[list[tuple[Restatement, list[int]]]]:
        """Of each message the sentences worth reading, with the number of the guard that forgives each clause (-1: none)."""
        clean = self.view.search.clean
        found = [restatements(clean(message), self._spans_of(forms, message)) for message in messages]
        spans: list[tuple[int, int, int]] = []
        for message, sentences in zip(messages, found, strict=True):
            origin = self.view.search.clean_origin(message)
            spans += [(message, origin[start], origin[end - 1] + 1) for one in sentences for start, end in one.clauses]
        rows = np.array(spans, dtype=np.int64).reshape(-1, 3)
        excuses = iter(self.view.excuse(rows[:, 0], rows[:, 1], rows[:, 2], self.params.except_).tolist())
        excused = [
            [(one, list(itertools.islice(excuses, len(one.clauses)))) for one in sentences] for sentences in found
        ]
        return [
            [(one, excuse) for one, excuse in sentences if one.formed or excuse[one.asked] < 0] for sentences in excused
        ]

    def _look_for_questions(self, texts: Bools) -> Found:
        """The texts of the search (bool, t) that may ask something, as a hit of no length."""
        search = self.view.search
        clean = [_ASKING.search(search.index.clean(number)) is not None for number in search.numbers[texts].tolist()]
        asking = np.flatnonzero(texts)[np.array(clean, dtype=np.bool_)]
        return Found(asking, np.zeros_like(asking), np.zeros_like(asking), np.full_like(asking, -1))

    def _spans_of(self, forms: Found, message: int) -> tuple[tuple[int, int], ...]:
        """The confirming forms of a message in its clean view."""
        first, after = np.searchsorted(forms.message, (message, message + 1)).tolist()
        if first == after:
            return ()
        origin = self.view.search.clean_origin(message)
        begin, stop = np.searchsorted(origin, (forms.start[first:after], forms.end[first:after])).tolist()
        return tuple(zip(begin, stop, strict=True))

    def _read(self, spoken: set[int]) -> None:
        """Read these agent messages and the needs before them."""
        batch, search = self.view.batch, self.view.search
        last = np.full(batch.conversations, -1, dtype=np.int64)
        agent_rows = np.array(sorted(spoken), dtype=np.int64)
        last[batch.conv[agent_rows]] = agent_rows
        customer_rows = np.flatnonzero(self.needs & (np.arange(batch.size) < last[batch.conv]))
        numbers = np.unique(search.number_of[np.concatenate((agent_rows, customer_rows))]).tolist()
        fresh = [number for number in numbers if number not in self._contents]
        texts = [search.index.clean(number) for number in fresh]
        self._contents.update(zip(fresh, read_contents(texts, self.synonyms), strict=True))

    def _promising(self, sentences: Sequence[_Sentence]) -> Iterator[tuple[int, list[int], Said, Told]]:
        """The sentences that can restate or contradict something, guards aside, with what they say and what was told
        before: few do, and the rest is dear to judge.

        A question needs as many told words as ``overlap``; a confirming form one, or the opposite of a fact.
        """
        batch, contents = self.view.batch, self._contents
        least = max(self.params.overlap, 1)
        messages = np.array([message for message, _, _ in sentences], dtype=np.int64)
        needs = np.flatnonzero(self.needs)
        first_need = np.searchsorted(needs, batch.conv_start[batch.conv[messages]]).tolist()
        next_need = np.searchsorted(needs, messages).tolist()
        rows, texts = needs.tolist(), self.view.search.number_of[needs].tolist()
        tokens: set[str] = set()  # of the needs from ``current`` on, before ``place``
        current = place = -1
        for (message, restatement, excuse), first, after in zip(sentences, first_need, next_need, strict=True):
            said = self._what_it_says(message, restatement)
            enough = 1 if restatement.formed else least
            factual = restatement.formed and said.factual
            if len(said.tokens) < enough and not factual:
                continue
            if first != current:  # another conversation: each has needs of its own
                current, place, tokens = first, first, set()
            if place < after:
                tokens.update(*[contents[text].every for text in texts[place:after]])
                place = after
            if factual or sum([not tokens.isdisjoint(mention) for mention in said.tokens]) >= enough:
                told = [(row, contents[text]) for row, text in zip(rows[first:after], texts[first:after], strict=True)]
                yield message, excuse, said, Told(told)

    def _what_it_says(self, message: int, sentence: Restatement) -> Said:
        """What a sentence of a message says; the same in all messages with that text."""
        of_text = self._said.setdefault(self._numbers[message], {})
        known = of_text.get(sentence.span)
        if known is None:
            known = of_text[sentence.span] = what_it_says(sentence, self.content(message), self.synonyms)
        return known
