"""The hits of one set of patterns and guards in distinct texts: found once per text, shared by all that asks again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.found import Found
from qa_scorer.matching.columns import Column, expand_ranges
from qa_scorer.matching.index import MOST_TEXTS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_UNKNOWN, _EMPTY, _HOLDING = range(3)


class Remembered:
    """What was found in the texts of an index; ``message`` of a Found is a text here.

    ``_state`` says of each text whether it was looked at and holds anything: a byte, because this is asked for all texts
    of a batch. The rows of a text that does stand together, from ``_first`` to ``_after``.
    """

    def __init__(self) -> None:
        self._state = np.zeros(MOST_TEXTS, dtype=np.int8)
        self._first, self._after = np.zeros(MOST_TEXTS, dtype=np.int32), np.zeros(MOST_TEXTS, dtype=np.int32)
        self._columns = [Column() for _ in range(3)]

    def unknown(self, texts: Ints) -> Bools:
        """Which of the texts were not looked at yet."""
        missing = int(texts.max(initial=0)) + 1 - len(self._state)
        if missing > 0:
            self._state = np.pad(self._state, (0, missing))
            self._first, self._after = np.pad(self._first, (0, missing)), np.pad(self._after, (0, missing))
        unknown: Bools = self._state[texts] == _UNKNOWN
        return unknown

    def holds(self, texts: Ints) -> Bools:
        """In which of the texts something was found."""
        holds: Bools = self._state[texts] == _HOLDING
        return holds

    def learn(self, texts: Ints, found: Found) -> None:
        """Take in what was found in these distinct texts."""
        order = np.lexsort((found.start, found.message))
        message, base = found.message[order], len(self._columns[0])
        for column, values in zip(self._columns, (found.start, found.end, found.excuse), strict=True):
            column.extend(values[order])
        begins = np.flatnonzero(np.diff(message, prepend=-1) != 0)
        self._state[texts] = _EMPTY
        self._state[message[begins]] = _HOLDING
        self._first[message[begins]] = base + begins
        self._after[message[begins]] = base + np.append(begins[1:], len(message))

    def keep(self, texts: Ints) -> None:
        """Forget all but these texts, which are numbered anew in their order."""
        unknown, holds = self.unknown(texts), self.holds(texts)
        holding, held = np.flatnonzero(holds), texts[holds]
        begin, end = self._first[held].astype(np.int64), self._after[held].astype(np.int64)
        rows, sizes = expand_ranges(begin, end), end - begin
        for column in self._columns:
            column.keep(rows)
        self._state[:] = _UNKNOWN
        self._state[: len(texts)] = np.where(unknown, _UNKNOWN, np.where(holds, _HOLDING, _EMPTY))
        self._after[holding] = np.cumsum(sizes)
        self._first[holding] = self._after[holding] - sizes

    def of(self, texts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """(position in ``texts``, start, end, excuse) of every row of texts that hold something, in their order."""
        begin, end = self._first[texts].astype(np.int64), self._after[texts].astype(np.int64)
        rows = expand_ranges(begin, end)
        start, stop, excuse = (column.values[rows].astype(np.int64) for column in self._columns)
        return np.repeat(np.arange(len(texts)), end - begin), start, stop, excuse
