"""``forbid``: the scope must not hold any of the patterns (banned phrases, over-promises: C3–C5, D3, E3, F2, H2–H5)."""

from __future__ import annotations

from qa_scorer.checks.bearers import show_found, tally
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Forbid
from qa_scorer.model.rules import Rule


def judge(params: Forbid, rule: Rule, view: Evaluator) -> Outcome:
    """Fail for every concerned unit with an unexcused hit; each hit counts."""
    counted = tally(view, rule, params.condition)
    hits = counted.hits[counted.units]
    outcome = Outcome.absent(view.batch.units)
    outcome.decide(counted.units, hits == 0, hits)
    show_found(outcome, view, counted.who, counted.found, guard_texts(params.condition.except_))
    return outcome
