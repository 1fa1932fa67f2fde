"""``metadata``: a column of the export, such as satisfaction or "resolved", fulfils a comparison."""

from __future__ import annotations

from qa_scorer.checks.bearers import bearer_of_conversations
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Metadata
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import Responsible


def judge(params: Metadata, rule: Rule, view: Evaluator) -> Outcome:
    """Pass where the comparison holds; not applicable where the export says nothing."""
    unit = bearer_of_conversations(view.batch, rule.responsible or Responsible.CLOSER)
    fulfilled, known = view.compare(params.field)
    outcome = Outcome.absent(view.batch.units)
    present = unit >= 0
    outcome.decide(unit[present], fulfilled[present], 1)
    outcome.excuse(unit[present & ~known])
    return outcome
