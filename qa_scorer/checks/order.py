"""``order``: one thing before another, such as an acknowledgement before a demand for data (A5) or checking first (F5)."""

from __future__ import annotations

import numpy as np

from qa_scorer.checks.bearers import bearers
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Order
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind, Responsible


def judge(params: Order, rule: Rule, view: Evaluator) -> Outcome:
    """Pass when a conversation's first hit of ``first`` is not after its first hit of ``then``; N/A without ``then``."""
    batch = view.batch
    first, then = view.find(params.first), view.find(params.then)
    first_key, _ = _earliest(view, first)
    then_key, then_row = _earliest(view, then)
    conv = np.flatnonzero(then_row >= 0)
    row = then_row[conv]
    unit = bearers(batch, rule.responsible or Responsible.SPEAKER, then.message[row])
    known = unit >= 0
    conv, row, unit = conv[known], row[known], unit[known]
    outcome = Outcome.absent(batch.units)
    outcome.excuse(np.arange(batch.units))
    in_order = first_key[conv] <= then_key[conv]
    outcome.decide(unit, in_order, 1)
    late = ~in_order
    outcome.show(EvidenceKind.HIT, unit[late], then.message[row[late]], then.start[row[late]], then.end[row[late]])
    return outcome


def _earliest(view: Evaluator, found: Found) -> tuple[np.ndarray, np.ndarray]:
    """Per conversation: a sortable place of the first counted hit (max int without one), and its row (-1)."""
    never = np.iinfo(np.int64).max
    key = np.full(view.batch.conversations, never)
    row = np.full(view.batch.conversations, -1, dtype=np.int64)
    counted = np.flatnonzero(found.counted)
    conversations, position = np.unique(view.batch.conv[found.message[counted]], return_index=True)
    firsts = counted[position]
    key[conversations] = found.message[firsts] * (1 << 24) + found.start[firsts]
    row[conversations] = firsts
    return key, row
