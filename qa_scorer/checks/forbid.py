"""``forbid``: the scope must not hold any of the patterns (banned phrases, over-promises: C3–C5, D3, E3, F2, H2–H5)."""

from __future__ import annotations

from qa_scorer.checks.bearers import bearers, concerned, count_by_unit, responsible_for, show_found
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Forbid
from qa_scorer.model.rules import Rule


def judge(params: Forbid, rule: Rule, view: Evaluator) -> Outcome:
    """Fail for every concerned unit with an unexcused hit; each hit counts."""
    condition = params.condition
    who = responsible_for(rule, condition.scope)
    found = view.find(condition)
    outcome = Outcome.absent(view.batch.units)
    hits = count_by_unit(bearers(view.batch, who, found.message[found.counted]), view.batch.units)
    units = concerned(view.batch, who)
    outcome.decide(units, hits[units] == 0, hits[units])
    show_found(outcome, view, who, found, guard_texts(condition.except_))
    return outcome
