"""``all``, ``any``, ``not``: a verdict from conditions combined (F1, F3, B4 and what no single check says)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearer_of_conversations
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Logic
from qa_scorer.model.patterns import AllOf, AnyOf, Condition, ConditionTree, Not
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible


def judge(params: Logic, rule: Rule, view: Evaluator) -> Outcome:
    """Pass for the conversations in which the tree holds; the verdict is the closer's unless the rule says otherwise."""
    batch = view.batch
    unit = bearer_of_conversations(batch, rule.responsible or Responsible.CLOSER)
    known = unit >= 0
    outcome = Outcome.absent(batch.units)
    outcome.decide(unit[known], view.holds(params.tree)[known], 1)
    for condition in conditions_of(params.tree):
        found = view.find(condition)
        rows = np.flatnonzero(found.counted)
        message = found.message[rows]
        outcome.show(EvidenceKind.HIT, unit[batch.conv[message]], message, found.start[rows], found.end[rows])
    return outcome


def conditions_of(tree: ConditionTree) -> list[Condition]:
    """The leaves of a tree that look at text, in order."""
    if isinstance(tree, (AllOf, AnyOf)):
        parts = tree.all if isinstance(tree, AllOf) else tree.any
        return [leaf for part in parts for leaf in conditions_of(part)]
    if isinstance(tree, Not):
        return conditions_of(tree.negate)
    return [tree] if isinstance(tree, Condition) else []
