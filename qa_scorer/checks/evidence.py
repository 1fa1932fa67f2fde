"""The evidence of all rules on a batch, put together in one set of columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.outcome import EvidenceRows
from qa_scorer.matching.columns import order_by_number
from qa_scorer.model.words import Verdict

Ints = npt.NDArray[np.int64]
Verdicts = npt.NDArray[np.int8]

_TYPES = (np.int32, np.int16, np.int8, np.int32, np.int32, np.int32, np.int32)
"""Of the columns of Evidence."""


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


def collect(parts: Iterable[tuple[int, EvidenceRows]], verdict: Verdicts) -> Evidence:
    """What a reader needs of the rows that each rule showed. ``verdict`` int8 (u, r)."""
    columns: list[list[Any]] = [[np.zeros(0, width)] for width in _TYPES]
    notes: dict[str, int] = {}
    for number, rows in sorted(parts, key=lambda part: (part[0], part[1].kind)):
        keep = _needed(rows.unit, verdict[:, number])
        values = (
            rows.unit[keep], np.full(len(keep), number), np.full(len(keep), rows.kind), rows.message[keep], rows.start[keep],
            rows.end[keep], _noted(rows.note, keep, notes),
        )  # fmt: skip
        for column, part, width in zip(columns, values, _TYPES, strict=True):
            column.append(part.astype(width))
    # Rules and kinds stand in their order, and the rows of each by unit and message.
    order = order_by_number(np.concatenate(columns[0]), len(verdict))
    unit, rule, kind, message, start, end, note = (np.concatenate(column)[order] for column in columns)
    return Evidence(unit, rule, kind, message, start, end, note, list(notes))


def _needed(unit: Ints, verdict: Verdicts) -> Ints:
    """Of rows by unit the places of those that a reader needs: all of a fail, the first of a pass, none of the rest."""
    decision = verdict[unit]
    first = np.diff(unit, prepend=-1) != 0
    return np.flatnonzero((decision == Verdict.FAIL) | ((decision == Verdict.PASS) & first))


def _noted(note: str | list[str], rows: Ints, notes: dict[str, int]) -> Ints:
    """The place of the note of each of the rows among the distinct ones, new ones added."""
    if isinstance(note, str):
        return np.full(len(rows), notes.setdefault(note, len(notes)))
    return np.array([notes.setdefault(note[row], len(notes)) for row in rows.tolist()], dtype=np.int64)
