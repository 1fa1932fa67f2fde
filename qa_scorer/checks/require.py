"""``require``: the scope must hold one of the patterns (greeting, self-introduction, farewell: A2–A4, G1–G3)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import show_found, show_searched, tally
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Require
from qa_scorer.model.rules import Rule


def judge(params: Require, rule: Rule, view: Evaluator) -> Outcome:
    """Pass for every concerned unit with an unexcused hit."""
    counted = tally(view, rule, params.condition)
    hits, units = counted.hits, counted.units
    outcome = Outcome.absent(view.batch.units)
    outcome.decide(units, hits[units] > 0, hits[units])
    show_found(outcome, view, counted.who, counted.found, guard_texts(params.condition.except_))
    failed = np.zeros(view.batch.units, dtype=np.bool_)
    failed[units] = hits[units] == 0
    show_searched(outcome, view, counted.who, params.condition.scope, failed)
    return outcome
