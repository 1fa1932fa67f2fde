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
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import EvidenceRows, Outcome
from qa_scorer.checks.plan import Plan
from qa_scorer.matching.batch import Batch
from qa_scorer.model import checks as models
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Verdict

Ints = npt.NDArray[np.int64]

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
class Evidence:
    """Evidence of a batch in columns of equal length, sorted by unit, rule, kind, message, start."""

    unit: npt.NDArray[np.int32]
    rule: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int8]
    message: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    note: list[str]


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
    return Judgements(verdict, hits, share, _collect(evidence, verdict))


def judge_rule(rule: Rule, view: Evaluator) -> Outcome:
    """One rule on one batch, its ``when`` applied."""
    outcome = _JUDGES[type(rule.check)](rule.check, rule, view)
    if rule.when is not None:
        applies = view.holds(rule.when)[view.batch.unit_conv]
        outcome.excuse(np.flatnonzero(~applies & (outcome.verdict != Verdict.ABSENT)))
    return outcome


def _collect(parts: list[tuple[int, EvidenceRows]], verdict: npt.NDArray[np.int8]) -> Evidence:
    """Sort all evidence into one set of columns; a verdict that does not apply needs none."""
    unit = np.concatenate([rows.unit for _, rows in parts] or [np.zeros(0, np.int64)])
    rule = np.repeat([number for number, _ in parts], [len(rows.unit) for _, rows in parts]).astype(np.int64)
    kind = np.repeat([int(rows.kind) for _, rows in parts], [len(rows.unit) for _, rows in parts]).astype(np.int64)
    message = np.concatenate([rows.message for _, rows in parts] or [unit])
    start = np.concatenate([rows.start for _, rows in parts] or [unit])
    end = np.concatenate([rows.end for _, rows in parts] or [unit])
    notes: list[str] = []
    for _, rows in parts:
        notes += [rows.note] * len(rows.unit) if isinstance(rows.note, str) else rows.note
    order = np.lexsort((start, message, kind, rule, unit))
    order = order[_worth_keeping(unit[order], rule[order], kind[order], verdict)]
    return Evidence(
        unit[order].astype(np.int32),
        rule[order].astype(np.int16),
        kind[order].astype(np.int8),
        message[order].astype(np.int32),
        start[order].astype(np.int32),
        end[order].astype(np.int32),
        [notes[row] for row in order.tolist()],
    )


def _worth_keeping(unit: Ints, rule: Ints, kind: Ints, verdict: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Sorted rows that a reader needs: all of a fail, the first of each kind of a pass, none of the rest."""
    decision = verdict[unit, rule]
    first = np.ones(len(unit), dtype=np.bool_)
    first[1:] = (np.diff(unit) != 0) | (np.diff(rule) != 0) | (np.diff(kind) != 0)
    keep: npt.NDArray[np.bool_] = (decision == Verdict.FAIL) | ((decision == Verdict.PASS) & first)
    return keep


__all__ = ["Evidence", "Judgements", "Plan", "compile_plan", "judge", "judge_rule"]
