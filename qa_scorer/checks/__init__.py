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
from qa_scorer.model.words import EvidenceKind, Verdict

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
    """Evidence of a batch in columns of equal length, sorted by unit, rule, kind, message, start. ``note`` is a place in
    ``notes``, the distinct ones."""

    unit: npt.NDArray[np.int32]
    rule: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int8]
    message: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    note: npt.NDArray[np.int32]
    notes: list[str]


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
    nothing = np.zeros(0, dtype=np.int64)
    sizes = [len(rows.unit) for _, rows in parts]
    unit = np.concatenate([nothing, *(rows.unit for _, rows in parts)])
    message = np.concatenate([nothing, *(rows.message for _, rows in parts)])
    start = np.concatenate([nothing, *(rows.start for _, rows in parts)])
    end = np.concatenate([nothing, *(rows.end for _, rows in parts)])
    rule = np.repeat(np.array([number for number, _ in parts], dtype=np.int64), sizes)
    kind = np.repeat(np.array([int(rows.kind) for _, rows in parts], dtype=np.int64), sizes)
    place: dict[str, int] = {}
    note = np.concatenate([nothing, *(_noted(rows, place) for _, rows in parts)])
    decision = verdict[unit, rule]
    keep = np.flatnonzero((decision == Verdict.FAIL) | (decision == Verdict.PASS))
    # One key for three columns: sorting by many keys is sorting many times.
    owner = (unit[keep] * verdict.shape[1] + rule[keep]) * len(EvidenceKind) + kind[keep]
    order = keep[np.lexsort((start[keep], message[keep], owner))]
    order = order[_worth_keeping(unit[order], rule[order], kind[order], verdict)]
    return Evidence(
        unit[order].astype(np.int32),
        rule[order].astype(np.int16),
        kind[order].astype(np.int8),
        message[order].astype(np.int32),
        start[order].astype(np.int32),
        end[order].astype(np.int32),
        note[order].astype(np.int32),
        list(place),
    )


def _noted(rows: EvidenceRows, place: dict[str, int]) -> Ints:
    """The place of each row's note among the distinct ones, new ones added."""
    if isinstance(rows.note, str):
        return np.full(len(rows.unit), place.setdefault(rows.note, len(place)), dtype=np.int64)
    return np.array([place.setdefault(note, len(place)) for note in rows.note], dtype=np.int64)


def _worth_keeping(unit: Ints, rule: Ints, kind: Ints, verdict: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Sorted rows that a reader needs: all of a fail, the first of each kind of a pass, none of the rest."""
    decision = verdict[unit, rule]
    first = np.ones(len(unit), dtype=np.bool_)
    first[1:] = (np.diff(unit) != 0) | (np.diff(rule) != 0) | (np.diff(kind) != 0)
    keep: npt.NDArray[np.bool_] = (decision == Verdict.FAIL) | ((decision == Verdict.PASS) & first)
    return keep


__all__ = ["Evidence", "Judgements", "Plan", "compile_plan", "judge", "judge_rule"]
