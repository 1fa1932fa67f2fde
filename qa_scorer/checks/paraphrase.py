"""``paraphrase``: the agent restates the customer's need in other words and asks for confirmation (B3)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearers
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.patterns import Condition, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible, Role


def judge(params: Paraphrase, rule: Rule, view: Evaluator) -> Outcome:
    """Pass where a confirming form follows a need."""
    batch = view.batch
    needs = view.find(Condition(params.need, Scope(role=(Role.CUSTOMER,))))
    forms = view.find(Condition(params.any, Scope(), params.except_))
    outcome = Outcome.absent(batch.units)
    unit = bearers(batch, rule.responsible or Responsible.ANSWERER, needs.message)
    units = np.unique(unit[unit >= 0])
    hits = np.bincount(batch.unit[forms.message[forms.counted]], minlength=batch.units)
    outcome.excuse(np.arange(batch.units))
    outcome.decide(units, hits[units] > 0, hits[units])
    outcome.show(EvidenceKind.HIT, batch.unit[forms.message], forms.message, forms.start, forms.end)
    return outcome
