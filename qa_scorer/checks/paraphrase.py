"""``paraphrase``: the agent restates the customer's need in other words and asks for confirmation (B3).

An agent's sentence with a confirming form or a question is compared with everything that the customer told before it,
as content words, synonyms and quantities (``checks.content``). It is a paraphrase when enough of it was told, none of it
contradicts what was told, and it is no copy.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

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
from qa_scorer.checks.weighing import Said, needed, weigh
from qa_scorer.late import late
from qa_scorer.matching.index import ByText
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.patterns import Condition, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible, Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CUSTOMER = Scope(role=(Role.CUSTOMER,))
_ASKING = late(r"[?吗么嘛](?:(?<=\?)|(?!\w))")
_LEAST_NEED = 2
"""Characters beyond courtesies that make a message a need."""


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
    is_judged = np.zeros(batch.units, dtype=np.bool_)
    is_judged[answering[answering >= 0]] = is_judged[batch.unit[reading.tried]] = True
    judged = np.flatnonzero(is_judged)
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
    triggers = np.sort(units * batch.size + messages)
    triggers = triggers[np.diff(triggers, prepend=-1) != 0]
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

    def findings(self) -> Iterator[_Finding]:
        """Every hit, near miss and excused restatement."""
        sentences = self._sentences()
        self.tried += [message for message, said in sentences if said.tries]
        for message, said, told in self._promising([(row, said) for row, said in sentences if said.is_promising]):
            first = int(self.view.batch.conv_start[self.view.batch.conv[message]])
            weighed = weigh(said, told, first, self.params, self.synonyms)
            if weighed is not None:
                if weighed.kind is not EvidenceKind.EXCUSED:
                    self.tried.append(message)
                yield _Finding(weighed.kind, message, *said.place, weighed.note, weighed.trigger)

    def _sentences(self) -> list[tuple[int, Said]]:
        """The sentences with a form or an unexcused question in agent messages after a need, in order."""
        batch, view, params = self.view.batch, self.view, self.params
        forms = view.find(Condition(params.any, Scope()))
        asks = view.recall("asks", batch.mask(Scope()), self._look_for_questions)
        candidates = np.zeros(batch.size, dtype=np.bool_)
        candidates[forms.message] = candidates[asks.message] = True
        told = np.concatenate(([0], np.cumsum(self.needs)))
        before = told[:-1] - told[batch.conv_start[batch.conv]]
        candidates &= (batch.unit >= 0) & (before > 0)
        if any(map(needs_the_chat, params.except_)):
            messages = np.flatnonzero(candidates)
            restated = self._restatements(messages, forms)
            return [(row, said) for row, found in zip(messages.tolist(), restated, strict=True) for said in found]
        # Equal texts make equal sentences, unless a guard looks at the chat; few texts make any.
        key = params.any, params.except_, params.overlap
        known: ByText[list[Said]] = view.search.index.remembered(("restated", *key), ByText)
        learn = partial(self._learn, known, np.flatnonzero(candidates), forms)
        messages = view.recall(("restating", *key), candidates, learn).message
        numbers = view.search.number_of[messages].tolist()
        return [(row, said) for row, number in zip(messages.tolist(), numbers, strict=True) for said in known[number]]

    def _learn(self, known: ByText[list[Said]], messages: Ints, forms: Found, texts: Bools) -> Found:
        """The texts of the search (bool, t) with sentences worth weighing, as a hit of no length; the sentences are added
        to the known ones. Each of the texts stands in one of the messages."""
        search = self.view.search
        message_of = np.full(len(texts), -1, dtype=np.int64)
        message_of[search.text[messages]] = messages
        chosen = np.flatnonzero(texts)
        restated = self._restatements(message_of[chosen], forms)
        numbers = search.numbers[chosen].tolist()
        known.update((number, found) for number, found in zip(numbers, restated, strict=True) if found)
        return _somewhere(chosen[np.array([bool(found) for found in restated], dtype=np.bool_)])

    def _restatements(self, messages: Ints, forms: Found) -> list[list[Said]]:
        """The sentences of each message that are worth weighing or say that they restate."""
        numbers = self.view.search.number_of[messages]
        sentences = [
            (at, sentence, excuse)
            for at, sentence, excuse in self._excused(messages, forms)
            if sentence.formed or excuse[sentence.asked] < 0
        ]
        of = numbers[np.array([at for at, _, _ in sentences], dtype=np.int64)]
        self._read(np.unique(of))
        spans = np.array([sentence.span for _, sentence, _ in sentences], dtype=np.int64).reshape(-1, 2)
        start, end = self.view.search.index.clean_in_original(of, spans[:, 0], spans[:, 1])
        contents = [self._contents[number] for number in of.tolist()]
        places = zip(start.tolist(), end.tolist(), strict=True)
        result: list[list[Said]] = [[] for _ in messages]
        for (at, sentence, excuse), content, place in zip(sentences, contents, places, strict=True):
            least = needed(sentence, content, self.params.overlap, self.synonyms)
            said = Said(sentence, excuse, place, content, least)
            if said.is_promising or said.tries:
                result[at].append(said)
        return result

    def _excused(self, messages: Ints, forms: Found) -> list[tuple[int, Restatement, list[int]]]:
        """Of each message (its place among them) the sentences with a form or a question, with the number of the guard that
        forgives each clause (-1: none)."""
        index, numbers = self.view.search.index, self.view.search.number_of[messages]
        forms_of = self._forms_in(messages, forms)
        texts = map(index.clean, numbers.tolist())
        found = [
            (place, sentence)
            for place, (message, text) in enumerate(zip(messages.tolist(), texts, strict=True))
            for sentence in restatements(text, forms_of.get(message, ()))
        ]
        clauses = [(place, *clause) for place, sentence in found for clause in sentence.clauses]
        place, *spans = np.array(clauses, dtype=np.int64).reshape(-1, 3).T
        start, end = index.clean_in_original(numbers[place], *spans)
        excuses = iter(self.view.excuse(messages[place], start, end, self.params.except_).tolist())
        return [(at, sentence, list(itertools.islice(excuses, len(sentence.clauses)))) for at, sentence in found]

    def _forms_in(self, messages: Ints, forms: Found) -> dict[int, list[Span]]:
        """The confirming forms of these messages in their clean views, in order; messages without one are left out."""
        rows = np.flatnonzero(np.isin(forms.message, messages))
        message, search = forms.message[rows], self.view.search
        start, end = search.index.original_in_clean(search.number_of[message], forms.start[rows], forms.end[rows])
        found: dict[int, list[Span]] = {}
        for at, begin, stop in zip(message.tolist(), start.tolist(), end.tolist(), strict=True):
            found.setdefault(at, []).append((begin, stop))
        return found

    def _look_for_questions(self, texts: Bools) -> Found:
        """The texts of the search (bool, t) that may ask something, as a hit of no length."""
        search, chosen = self.view.search, np.flatnonzero(texts)
        numbers = search.numbers[chosen]
        # A sign and what must not follow it never reach over a line, so all texts are searched in one go.
        lines = search.index.clean_lines(numbers)[0].decode("utf-8", "surrogatepass")
        ends = np.cumsum(search.index.clean_sizes(numbers) + 1)
        signs = np.array([found.start() for found in _ASKING.finditer(lines)], dtype=np.int64)
        return _somewhere(chosen[np.unique(np.searchsorted(ends, signs, side="right"))])

    def _read(self, numbers: Ints) -> None:
        """Read these distinct texts, as the index calls them."""
        fresh = [number for number in numbers.tolist() if number not in self._contents]
        texts = [self.view.search.index.clean(number) for number in fresh]
        self._contents.update(zip(fresh, read_contents(texts, self.synonyms), strict=True))

    def _promising(self, sentences: Sequence[tuple[int, Said]]) -> Iterator[tuple[int, Said, Told]]:
        """The sentences of messages that can restate or contradict something, guards aside, with what was told before: few
        do, and the rest is dear to judge."""
        batch, contents = self.view.batch, self._contents
        messages = np.array([message for message, _ in sentences], dtype=np.int64)
        self._read_needs_before(messages)
        needs = np.flatnonzero(self.needs)
        first_need = np.searchsorted(needs, batch.conv_start[batch.conv[messages]]).tolist()
        next_need = np.searchsorted(needs, messages).tolist()
        rows, texts = needs.tolist(), self.view.search.number_of[needs].tolist()
        tokens: set[str] = set()  # of the needs from ``current`` on, before ``place``
        current = place = -1
        for (message, said), first, after in zip(sentences, first_need, next_need, strict=True):
            if first != current:  # another conversation: each has needs of its own
                current, place, tokens = first, first, set()
            if place < after:
                tokens.update(*[contents[text].tokens for text in texts[place:after]])
                place = after
            if said.needed and sum([not tokens.isdisjoint(mention) for mention in said.tokens]) < said.needed:
                continue
            told = [(row, contents[text]) for row, text in zip(rows[first:after], texts[first:after], strict=True)]
            yield message, said, Told(told, tokens)

    def _read_needs_before(self, messages: Ints) -> None:
        """Read what customers told before the last of these messages of each conversation."""
        batch, search = self.view.batch, self.view.search
        last = np.full(batch.conversations, -1, dtype=np.int64)
        last[batch.conv[messages]] = messages
        earlier = self.needs & (np.arange(batch.size) < last[batch.conv])
        self._read(search.numbers[search.texts_of(earlier)])


def _somewhere(texts: Ints) -> Found:
    """Each of the texts as a hit of no length."""
    nowhere = np.zeros_like(texts)
    return Found(texts, nowhere, nowhere, np.full_like(texts, -1))
