"""One small module per check: (parameters, rule, evaluator) become verdicts, hits, shares and evidence.

``judge(batch, plan)`` runs all rules of a plan over a batch. A new check is a dataclass and a line in
``model/checks.py``, a module here, and a line in ``_JUDGES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_scorer.checks import (
    answer,
    count,
    entity,
    follow,
    forbid,
    length,
    logic,
    metadata,
    order,
    paraphrase,
    ratio,
    repeat,
    require,
    timing,
)
from qa_scorer.checks.evidence import Evidence, collect
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import EvidenceRows, Outcome
from qa_scorer.checks.plan import Plan
from qa_scorer.matching.batch import Batch
from qa_scorer.model import checks as models
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Verdict

_JUDGES: dict[type, Callable[[Any, Rule, Evaluator], Outcome]] = {
    models.Require: require.judge,
    models.Forbid: forbid.judge,
    models.Count: count.judge,
    models.Ratio: ratio.judge,
    models.Follow: follow.judge,
    models.Order: order.judge,
    models.Timing: timing.judge,
    models.Length: length.judge,
    models.Repeat: repeat.judge,
    models.Paraphrase: paraphrase.judge,
    models.Entity: entity.judge,
    models.Answer: answer.judge,
    models.Metadata: metadata.judge,
    models.Logic: logic.judge,
}


@dataclass(frozen=True, slots=True)
class Judgements:
    """Verdicts of a batch: ``verdict`` int8 (u, r), ``hits`` int32 (u, r), ``share`` float32 (u, r), and the evidence."""

    verdict: npt.NDArray[np.int8]
    hits: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]
    evidence: Evidence


def compile_plan(rulebook: Rulebook) -> Plan:
    """Make a rulebook ready. Raises RulebookError for an undefined list or a pattern that cannot be searched."""
    return Plan(rulebook)


def judge(batch: Batch, plan: Plan) -> Judgements:
    """All verdicts of a plan's rules on a batch."""
    view = Evaluator(batch, plan)
    rules = plan.rulebook.rules
    shape = (batch.units, len(rules))
    verdict, hits, share = np.zeros(shape, np.int8), np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    evidence: list[tuple[int, EvidenceRows]] = []
    for number, rule in enumerate(rules):
        outcome = judge_rule(rule, view)
        verdict[:, number], hits[:, number], share[:, number] = outcome.verdict, outcome.hits, outcome.share
        evidence += [(number, rows) for rows in outcome.evidence]
    return Judgements(verdict, hits, share, collect(evidence, verdict))


def judge_rule(rule: Rule, view: Evaluator) -> Outcome:
    """One rule on one batch, its ``when`` applied."""
    outcome = _JUDGES[type(rule.check)](rule.check, rule, view)
    if rule.when is not None:
        applies = view.holds(rule.when)[view.batch.unit_conv]
        outcome.excuse(np.flatnonzero(~applies & (outcome.verdict != Verdict.ABSENT)))
    return outcome


__all__ = ["Evidence", "Judgements", "Plan", "compile_plan", "judge", "judge_rule"]
