"""``ratio``: the share of some words among these and others, such as 您 among 您 and 你 (C2)."""

from __future__ import annotations

import dataclasses

import numpy as np

from qa_scorer.checks.bearers import bearers, concerned, count_by_unit, responsible_for
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Ratio
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind


def judge(params: Ratio, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when the share is within bounds; not applicable below ``min_hits``. Shows the hits of the other side."""
    batch = view.batch
    who = responsible_for(rule, params.condition.scope)
    found = view.find(params.condition)
    others = view.find(dataclasses.replace(params.condition, any=params.of))
    other_unit = bearers(batch, who, others.message[others.counted])
    wanted = count_by_unit(bearers(batch, who, found.message[found.counted]), batch.units)
    unwanted = count_by_unit(other_unit, batch.units)
    both = wanted + unwanted
    share = np.divide(wanted, both, out=np.zeros(batch.units), where=both > 0)
    passed = np.ones(batch.units, dtype=np.bool_)
    if params.at_least is not None:
        passed &= share >= params.at_least
    if params.at_most is not None:
        passed &= share <= params.at_most
    units = concerned(batch, who)
    outcome = Outcome.absent(batch.units)
    outcome.decide(units, passed[units], unwanted[units])
    outcome.excuse(units[both[units] < params.min_hits])
    failing = (outcome.verdict != 0) & (both >= params.min_hits) & ~passed
    keep = (other_unit >= 0) & failing[other_unit]
    rows = np.flatnonzero(others.counted)[keep]
    notes = [f"{wanted[u]} : {unwanted[u]}" for u in other_unit[keep].tolist()]
    outcome.show(EvidenceKind.HIT, other_unit[keep], others.message[rows], others.start[rows], others.end[rows], notes)
    return outcome
