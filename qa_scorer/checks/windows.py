"""Windows after a message: the next messages, turns or seconds of a role in the same conversation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_scorer.matching.batch import NO_TIME, Batch
from qa_scorer.model.patterns import Extent, Scope

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """For each start message, positions ``first`` … ``last`` (exclusive) in ``rows``, the scope's messages."""

    rows: Ints
    first: Ints
    last: Ints

    def count(self, messages: Ints) -> Ints:
        """How many of the given messages (sorted) lie in each window."""
        place = np.searchsorted(self.rows, messages)
        return np.searchsorted(place, self.last) - np.searchsorted(place, self.first)

    def of(self, numbers: Ints) -> Windows:
        """The windows of some of the start messages, by their numbers."""
        return Windows(self.rows, self.first[numbers], self.last[numbers])

    def members(self) -> tuple[Ints, Ints]:
        """(window number, message) of everything in the windows."""
        counts = self.last - self.first
        number = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
        return number, self.rows[np.repeat(self.first, counts) + within]


def windows_after(batch: Batch, starts: Ints, scope: Scope, within: Extent) -> Windows:
    """What of the scope follows each start message within the extent.

    A start message that is itself of the scope belongs to its window and is not counted, so that a refusal may carry
    its reason in the same message.
    """
    inside = batch.mask(scope)
    rows, own = np.flatnonzero(inside), inside[starts]
    first = np.searchsorted(rows, starts)
    conv_end = np.searchsorted(rows, batch.conv_start[batch.conv[starts] + 1])
    if within.unit == "second":
        # Times within a conversation are sorted; what has no time ends the window.
        limit = batch.time[starts] + int(within.count * 1000)
        size = np.zeros(len(starts), dtype=np.int64)
        for number, (begin, stop) in enumerate(zip(first.tolist(), conv_end.tolist(), strict=True)):
            times = batch.time[rows[begin:stop]]
            late = np.flatnonzero((times > limit[number]) | (times == NO_TIME))
            size[number] = late[0] if len(late) else stop - begin
        return Windows(rows, first, first + size)
    if within.unit == "turn":
        turn = np.cumsum(np.concatenate(([0], np.diff(batch.turn[rows]) != 0)))
        at = np.minimum(first, max(len(rows) - 1, 0))
        base = turn[at] + within.count if len(rows) else first
        last = np.searchsorted(turn, base)
    else:
        last = first + int(within.count) + own
    return Windows(rows, first, np.maximum(np.minimum(last, conv_end), first))
