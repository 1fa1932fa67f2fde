"""The hits of one set of patterns and guards in distinct texts: found once per text, shared by all that asks again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qa_scorer.checks.found import Found
from qa_scorer.matching.columns import Column, expand_ranges
from qa_scorer.matching.index import MOST_TEXTS

Ints = npt.NDArray[np.int64]

_UNKNOWN = -1


class Remembered:
    """What was found in the texts of an index; ``message`` of a Found is a text here.

    Each text's rows stand together, from ``_first`` to ``_after``; a text that was not looked at has no first row yet.
    """

    def __init__(self) -> None:
        self._first = np.full(MOST_TEXTS, _UNKNOWN, dtype=np.int32)
        self._after = np.zeros(MOST_TEXTS, dtype=np.int32)
        self._columns = [Column() for _ in range(3)]

    def unknown(self, texts: Ints) -> Ints:
        """The texts that were not looked at yet."""
        most = int(texts.max(initial=0)) + 1
        if most > len(self._first):
            self._first = np.pad(self._first, (0, most - len(self._first)), constant_values=_UNKNOWN)
            self._after = np.pad(self._after, (0, most - len(self._after)))
        unknown: Ints = texts[self._first[texts] == _UNKNOWN]
        return unknown

    def learn(self, texts: Ints, found: Found) -> None:
        """Take in what was found in these distinct texts."""
        order = np.lexsort((found.start, found.message))
        message, base = found.message[order], len(self._columns[0])
        for column, values in zip(self._columns, (found.start, found.end, found.excuse), strict=True):
            column.extend(values[order])
        self._first[texts] = base
        self._after[texts] = base
        begins = np.flatnonzero(np.diff(message, prepend=-1) != 0)
        self._first[message[begins]] = base + begins
        self._after[message[begins]] = base + np.append(begins[1:], len(message))

    def of(self, texts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """(position in ``texts``, start, end, excuse) of every row, in the order of ``texts``."""
        first, after = self._first[texts], self._after[texts]
        holding = np.flatnonzero(after > first)
        begin, end = first[holding].astype(np.int64), after[holding].astype(np.int64)
        rows = expand_ranges(begin, end)
        start, stop, excuse = (column.values[rows].astype(np.int64) for column in self._columns)
        return np.repeat(holding, end - begin), start, stop, excuse
