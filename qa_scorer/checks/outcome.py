"""What a check hands back: a verdict, a number of hits and a share of the points per unit, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qa_scorer.model.words import EvidenceKind, Verdict

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_EVIDENCE = 3
"""Rows kept per unit and kind; the number of hits is never cut."""

_MESSAGE_BITS = 32
"""Enough for the number of a message in its batch."""


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """Rows of one kind with one note, in columns of equal length. ``end == 0``: the whole message."""

    kind: EvidenceKind
    unit: Ints
    message: Ints
    start: Ints
    end: Ints
    note: str | list[str] = ""


@dataclass(slots=True)
class Outcome:
    """Of one rule on one batch with u units: ``verdict`` int8 (u,), ``hits`` int32 (u,), ``share`` float32 (u,) of the
    points (1 for a pass, 0 for a fail, between where a check is graded)."""

    verdict: npt.NDArray[np.int8]
    hits: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]
    evidence: list[EvidenceRows] = field(default_factory=list)

    @classmethod
    def absent(cls, units: int) -> Outcome:
        """Nobody is concerned yet."""
        return cls(np.zeros(units, np.int8), np.zeros(units, np.int32), np.zeros(units, np.float32))

    def decide(self, units: Ints, passed: Bools, hits: Ints | int = 0) -> None:
        """Pass or fail for these distinct units."""
        self.verdict[units] = np.where(passed, Verdict.PASS, Verdict.FAIL)
        self.share[units] = passed
        self.hits[units] = hits

    def excuse(self, units: Ints) -> None:
        """Not applicable for these units."""
        self.verdict[units] = Verdict.NOT_APPLICABLE
        self.share[units] = 0
        self.hits[units] = 0

    def show(
        self, kind: EvidenceKind, unit: Ints, message: Ints, start: Ints | None = None, end: Ints | None = None,
        note: str | list[str] = "",
    ) -> None:  # fmt: skip
        """Add evidence, each kind once, at most MOST_EVIDENCE rows a unit; without spans the whole message is meant."""
        none = np.zeros(len(unit), dtype=np.int64)
        start, end = none if start is None else start, none if end is None else end
        order = np.flatnonzero(unit >= 0)
        if not _is_sorted(unit[order], message[order], start[order]):
            order = order[np.lexsort((start[order], message[order], unit[order]))]
        # Row k is one too many when the row that many before it is of the same unit.
        many = unit[order[MOST_EVIDENCE:]] == unit[order[:-MOST_EVIDENCE]]
        order = order[np.concatenate((np.ones(min(MOST_EVIDENCE, len(order)), dtype=np.bool_), ~many))]
        notes = note if isinstance(note, str) else [note[row] for row in order.tolist()]
        if len(order):
            self.evidence.append(EvidenceRows(kind, unit[order], message[order], start[order], end[order], notes))


def _is_sorted(unit: Ints, message: Ints, start: Ints) -> bool:
    """Whether rows stand by unit, message and start: looking is cheaper than sorting, and most do."""
    place = (unit << _MESSAGE_BITS) + message
    rising, same = place[1:] > place[:-1], place[1:] == place[:-1]
    return bool((rising | (same & (start[1:] >= start[:-1]))).all())


def within_bounds(figure: npt.NDArray[np.float64], at_least: float | None, at_most: float | None) -> Bools:
    """Which figures keep the bounds that are given."""
    kept = np.ones(len(figure), dtype=np.bool_)
    if at_least is not None:
        kept &= figure >= at_least
    if at_most is not None:
        kept &= figure <= at_most
    return kept
