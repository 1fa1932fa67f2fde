"""``count``: how often patterns stand in the scope, in all, per message or per 100 characters (C1, C6)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearers, show_found, show_searched, tally
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome, within_bounds
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Count
from qa_scorer.model.rules import Rule


def judge(params: Count, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when the number of hits, or their density, is within bounds."""
    batch, condition = view.batch, params.condition
    counted = tally(view, rule, condition)
    hits, units = counted.hits, counted.units
    figure = hits.astype(np.float64)
    if params.per != "conversation":
        messages = np.flatnonzero(batch.mask(condition.scope))
        unit = bearers(batch, counted.who, messages)
        known = unit >= 0
        size = np.ones(len(messages)) if params.per == "message" else view.search.bare_sizes[messages] / 100
        base = np.bincount(unit[known], weights=size[known], minlength=batch.units)
        figure = np.divide(hits, base, out=np.zeros(batch.units), where=base > 0)
    passed = within_bounds(figure, params.at_least, params.at_most)
    outcome = Outcome.absent(batch.units)
    excess = np.maximum(hits - int(params.at_most or 0), 1) if params.at_most is not None else hits
    outcome.decide(units, passed[units], np.where(passed, hits, excess)[units])
    show_found(outcome, view, counted.who, counted.found, guard_texts(condition.except_))
    failed = np.zeros(batch.units, dtype=np.bool_)
    failed[units] = ~passed[units] & (hits[units] == 0)
    show_searched(outcome, view, counted.who, condition.scope, failed)
    return outcome
