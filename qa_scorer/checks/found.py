"""Hits in columns, and what overlaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_scorer.matching.index import Spans

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of a condition in its scope, in columns, sorted by message and start. ``excuse`` is the number of the guard
    that forgives the hit, -1 where none does. Overlapping hits of several patterns are one."""

    message: Ints
    start: Ints
    end: Ints
    excuse: Ints

    @property
    def counted(self) -> Bools:
        """Hits that stand, bool."""
        return self.excuse < 0

    def messages(self) -> Ints:
        """Distinct messages with a hit that stands."""
        messages = self.message[self.counted]
        distinct: Ints = messages[np.diff(messages, prepend=-1) != 0]
        return distinct


def merge_overlapping(found: Found) -> Found:
    """One hit for each stretch of overlapping hits; excused and counted hits are kept apart."""
    order = np.lexsort((found.end, found.start, found.message, found.excuse))
    message, start, end, excuse = (column[order] for column in (found.message, found.start, found.end, found.excuse))
    if not len(message):
        return found
    # One running maximum serves all groups: each (excuse, message) lies above the one before it.
    fresh = np.concatenate(([True], (np.diff(message) != 0) | (np.diff(excuse) != 0)))
    base = np.cumsum(fresh) * (int(end.max()) + 1)
    reach = np.maximum.accumulate(base + end)
    begins = np.concatenate(([True], (base + start)[1:] >= reach[:-1]))
    firsts = np.flatnonzero(begins)
    merged_end = np.maximum.reduceat(end, firsts)
    merged = Found(message[firsts], start[firsts], merged_end, excuse[firsts])
    back = np.lexsort((merged.start, merged.message))
    return Found(merged.message[back], merged.start[back], merged.end[back], merged.excuse[back])


def overlaps(message: Ints, start: Ints, end: Ints, spans: Spans) -> Bools:
    """Which of the first spans share a character with any of the other spans of the same message."""
    result = np.zeros(len(message), dtype=np.bool_)
    order = np.lexsort((spans.start, spans.message))
    other, other_start, other_end = spans.message[order], spans.start[order], spans.end[order]
    first = np.searchsorted(other, message)
    count = np.searchsorted(other, message, side="right") - first
    span = np.repeat(np.arange(len(message)), count)
    row = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count) + first[span]
    shared = (other_start[row] < end[span]) & (other_end[row] > start[span])
    result[span[shared]] = True
    return result
