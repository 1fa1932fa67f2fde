"""A column of texts by its buffers, so that rare texts are found without looking at every one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_BLOCK = 1 << 19  # bytes compared at once; they stay in the processor's cache

Rows = npt.NDArray[np.int64]
Places = npt.NDArray[np.integer]


class Texts:
    """A text column of n values without nulls. ``sizes`` (n,): bytes of each."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array
        _, offsets, data = array.buffers()
        self._offsets = (
            np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
            if len(array)
            else np.zeros(1, dtype=np.int32)
        )
        self._data = np.frombuffer(data or b"", dtype=np.uint8)[: self._offsets[-1]]
        self.sizes: npt.NDArray[np.int32] = np.diff(self._offsets)

    def leads(self) -> npt.NDArray[np.uint8]:
        """The first byte of each value; 0 for empty ones."""
        return self._bytes_at(self._offsets[:-1])

    def tails(self) -> npt.NDArray[np.uint8]:
        """The last byte of each value; 0 for empty ones."""
        return self._bytes_at(self._offsets[1:] - 1)

    def _bytes_at(self, places: Places) -> npt.NDArray[np.uint8]:
        if not len(self._data):
            return np.zeros(len(self.sizes), dtype=np.uint8)
        return np.where(self.sizes > 0, self._data[np.clip(places, 0, len(self._data) - 1)], np.uint8(0))

    def begin_with(self, rows: Rows, beginnings: Iterable[bytes]) -> Rows:
        """Those of the ``rows``, none of them empty, whose value begins with one of the ``beginnings``."""
        found = np.zeros(len(rows), dtype=bool)
        starts = self._offsets[rows]
        first = self._data[starts]
        for beginning in beginnings:
            likely = np.flatnonzero(first == beginning[0])
            likely = likely[self.sizes[rows[likely]] >= len(beginning)]
            found[likely[self._stands_at(starts[likely], beginning)]] = True
        return rows[found]

    def with_any(self, needles: Mapping[bytes, int]) -> Rows:
        """The rows that contain one of the ``needles``. The number beside each is the place of a rare byte in it, the
        one that is looked for; needles that share theirs cost one search."""
        spans: list[tuple[Rows, Rows]] = []
        for rare in {needle[place] for needle, place in needles.items()}:
            places = self._places(rare)
            for needle, place in needles.items():
                if needle[place] == rare:
                    at = places - place
                    at = at[(at >= self._offsets[0]) & (at <= len(self._data) - len(needle))]
                    found = at[self._stands_at(at, needle)]
                    spans.append((found, found + len(needle)))
        begin, end = (np.concatenate(places) for places in zip(*spans, strict=True))
        rows = np.searchsorted(self._offsets, begin, side="right") - 1
        return np.unique(rows[end <= self._offsets[rows + 1]])

    def _places(self, byte: int) -> Rows:
        start = int(self._offsets[0])
        blocks = [
            np.flatnonzero(self._data[at : at + _BLOCK] == byte) + at for at in range(start, len(self._data), _BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int64)

    def _stands_at(self, at: Places, needle: bytes) -> Rows:
        """Which of the places ``at`` the ``needle`` stands at."""
        left = np.arange(len(at))
        for index, byte in enumerate(needle):
            left = left[self._data[at[left] + index] == byte]
        return left
