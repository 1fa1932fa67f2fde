"""Whose verdict it is: from messages and conversations to units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.outcome import Outcome
from qa_scorer.matching.batch import Batch
from qa_scorer.model.patterns import Condition, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible, Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def responsible_for(rule: Rule, scope: Scope) -> Responsible:
    """The rule's word, else by scope: the opening belongs to who opens, the closing to who closes, words to who said them."""
    if rule.responsible is not None:
        return rule.responsible
    if scope.first is not None:
        return Responsible.OPENER
    if scope.last is not None or Role.AGENT not in scope.role:
        return Responsible.CLOSER
    return Responsible.SPEAKER


def bearer_of_conversations(batch: Batch, who: Responsible) -> Ints:
    """The unit that answers for each conversation, -1 without a human agent, int64 (c,)."""
    return batch.first_unit if who is Responsible.OPENER else batch.last_unit


def bearers(batch: Batch, who: Responsible, messages: Ints) -> Ints:
    """The unit that answers for each message, int64, -1 for none."""
    if who in (Responsible.SPEAKER, Responsible.ANSWERER):
        return batch.answering_unit[messages]  # an agent's own message is answered by whoever says it
    return bearer_of_conversations(batch, who)[batch.conv[messages]]


def concerned(batch: Batch, who: Responsible) -> Ints:
    """The distinct units that a rule concerns: all who speak, or one for each conversation."""
    if who is Responsible.SPEAKER:
        return np.arange(batch.units)
    units = bearer_of_conversations(batch, who)
    return units[units >= 0]


def count_by_unit(units: Ints, total: int) -> Ints:
    """How often each unit occurs, leaving -1 out, int64 (total,)."""
    return np.bincount(units[units >= 0], minlength=total).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Tally:
    """A condition counted for those whom a rule concerns: ``hits`` that stand per unit, int64 (u,)."""

    who: Responsible
    units: Ints  # the concerned
    found: Found
    hits: Ints


def tally(view: Evaluator, rule: Rule, condition: Condition) -> Tally:
    """Find a condition and count its hits for each unit that answers for them."""
    who = responsible_for(rule, condition.scope)
    found = view.find(condition)
    hits = count_by_unit(bearers(view.batch, who, found.message[found.counted]), view.batch.units)
    return Tally(who, concerned(view.batch, who), found, hits)


def show_found(outcome: Outcome, view: Evaluator, who: Responsible, found: Found, excuses: tuple[str, ...]) -> None:
    """Evidence of a condition: what counted, and what a guard forgave with the guard's words."""
    unit = bearers(view.batch, who, found.message)
    counted = found.counted
    outcome.show(EvidenceKind.HIT, unit[counted], found.message[counted], found.start[counted], found.end[counted])
    forgiven = np.flatnonzero(~counted)
    if len(forgiven):
        notes = [excuses[number] for number in found.excuse[forgiven].tolist()]
        outcome.show(EvidenceKind.EXCUSED, unit[forgiven], found.message[forgiven], found.start[forgiven],
                     found.end[forgiven], notes)  # fmt: skip


def show_searched(outcome: Outcome, view: Evaluator, who: Responsible, scope: Scope, failed: Bools) -> None:
    """Evidence of absence: the messages that were searched in vain, for the failed units (bool, u)."""
    messages = np.flatnonzero(view.batch.mask(scope))
    unit = bearers(view.batch, who, messages)
    keep = (unit >= 0) & failed[unit]
    outcome.show(EvidenceKind.SEARCHED, unit[keep], messages[keep])
