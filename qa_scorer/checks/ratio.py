"""``ratio``: the share of some words among these and others, such as 您 among 您 and 你 (C2)."""

from __future__ import annotations

import dataclasses

import numpy as np

from qa_scorer.checks.bearers import bearers, count_by_unit, tally
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome, within_bounds
from qa_scorer.model.checks import Ratio
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind


def judge(params: Ratio, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when the share is within bounds; not applicable below ``min_hits``. Shows the hits of the other side."""
    batch = view.batch
    counted = tally(view, rule, params.condition)
    units, wanted = counted.units, counted.hits
    others = view.find(dataclasses.replace(params.condition, any=params.of))
    other_unit = bearers(batch, counted.who, others.message[others.counted])
    unwanted = count_by_unit(other_unit, batch.units)
    both = wanted + unwanted
    share = np.divide(wanted, both, out=np.zeros(batch.units), where=both > 0)
    passed = within_bounds(share, params.at_least, params.at_most)
    outcome = Outcome.absent(batch.units)
    outcome.decide(units, passed[units], unwanted[units])
    outcome.excuse(units[both[units] < params.min_hits])
    failing = (outcome.verdict != 0) & (both >= params.min_hits) & ~passed
    keep = (other_unit >= 0) & failing[other_unit]
    rows = np.flatnonzero(others.counted)[keep]
    notes = [f"{wanted[u]} : {unwanted[u]}" for u in other_unit[keep].tolist()]
    outcome.show(EvidenceKind.HIT, other_unit[keep], others.message[rows], others.start[rows], others.end[rows], notes)
    return outcome
