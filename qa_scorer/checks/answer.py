"""``answer``: the customer's last question is not left open (G4)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.bearers import bearers
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Answer
from qa_scorer.model.patterns import Condition, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Kind, Responsible, Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def judge(params: Answer, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when a human agent message after the last question says more than courtesies; a picture is an answer."""
    batch = view.batch
    questions = view.find(Condition(params.any, Scope(role=(Role.CUSTOMER,)), params.except_))
    rows = np.flatnonzero(questions.counted)
    conv, back = np.unique(batch.conv[questions.message[rows]][::-1], return_index=True)
    row = rows[::-1][back]
    asked = questions.message[row]
    late = (batch.unit >= 0) & (np.arange(batch.size) > _spread(asked, conv, batch.conversations)[batch.conv])
    told = _content(params, view, late) >= params.at_least
    content = np.flatnonzero(late & (told | (batch.kind == Kind.MEDIA)))
    place = np.searchsorted(content, asked)
    answered = np.zeros(len(asked), dtype=np.bool_)
    inside = place < len(content)
    answered[inside] = batch.conv[content[place[inside]]] == conv[inside]
    unit = bearers(batch, rule.responsible or Responsible.ANSWERER, asked)
    known = unit >= 0
    outcome = Outcome.absent(batch.units)
    outcome.excuse(np.setdiff1d(batch.last_unit, [-1]))
    outcome.decide(unit[known], answered[known], 1)
    open_rows = known & ~answered
    start, end = questions.start[row[open_rows]], questions.end[row[open_rows]]
    outcome.show(EvidenceKind.HIT, unit[open_rows], asked[open_rows], start, end)
    return outcome


def _spread(asked: Ints, conv: Ints, conversations: int) -> Ints:
    """The last question of each conversation, beyond all messages without one, (c,)."""
    last = np.full(conversations, np.iinfo(np.int64).max)
    last[conv] = asked
    return last


def _content(params: Answer, view: Evaluator, messages: Bools) -> Ints:
    """Characters of the given messages (bool, n) that no courtesy covers, int64 (n,)."""
    lengths = view.search.bare_sizes
    if not params.beyond:
        return lengths
    spans = view.spans(params.beyond, messages)
    covered = np.bincount(spans.message, weights=spans.end - spans.start, minlength=view.batch.size)
    return lengths - covered.astype(np.int64)
