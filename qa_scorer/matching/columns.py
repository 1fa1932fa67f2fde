"""Columns that grow, and runs of rows: what an index of texts is made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def expand_ranges(begin: Ints, end: Ints) -> Ints:
    """begin[0] … end[0] - 1, begin[1] … end[1] - 1, and so on."""
    counts = end - begin
    shift = begin - (np.cumsum(counts) - counts)
    expanded: Ints = np.arange(int(counts.sum())) + np.repeat(shift, counts)
    return expanded


def order_by_number(numbers: npt.NDArray[np.integer], count: int) -> Ints:
    """The rows in a stable order by their numbers, which are below ``count``."""
    # Small integers are sorted by radix, many times as fast.
    order: Ints = np.argsort(numbers.astype(np.uint16 if count < 1 << 16 else np.uint32), kind="stable")
    return order


class Column:
    """Whole numbers below 2³¹ that are appended; the space doubles."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, dtype=np.int32)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> npt.NDArray[np.int32]:
        """What has been appended so far; a view."""
        return self._data[: self._size]

    def extend(self, values: npt.NDArray[np.integer]) -> None:
        """Append values."""
        size = self._size + len(values)
        if size > len(self._data):
            grown = np.zeros(max(size, 2 * len(self._data)), dtype=np.int32)
            grown[: self._size] = self.values
            self._data = grown
        self._data[self._size : size] = values
        self._size = size

    def keep(self, rows: Ints) -> None:
        """Forget all but these rows, which stand in their order from now on."""
        kept = self.values[rows]
        self._size = 0
        self.extend(kept)


class Rows:
    """Rows of columns that belong to texts and are appended text by text."""

    def __init__(self, columns: int) -> None:
        self._columns = [Column() for _ in range(columns)]
        self._first = Column()
        self._first.extend(np.zeros(1, dtype=np.int64))

    @property
    def first(self) -> npt.NDArray[np.int32]:
        """Where each text's rows begin, int32 (texts + 1,)."""
        return self._first.values

    def extend(self, text: Ints, count: int, *columns: Ints) -> None:
        """Append rows of ``count`` new texts; ``text`` numbers them from 0 and need not be sorted."""
        if len(text) and np.any(text[1:] < text[:-1]):
            order = np.argsort(text, kind="stable")
            columns = tuple(values[order] for values in columns)
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values)
        base = int(self.first[-1])
        self._first.extend(base + np.cumsum(np.bincount(text, minlength=count)))

    def keep(self, texts: Ints) -> None:
        """Forget all but the rows of these texts, which are numbered anew in their order."""
        rows, position = self.of(texts)
        for column in self._columns:
            column.keep(rows)
        self._first.keep(np.zeros(1, dtype=np.int64))
        self._first.extend(np.cumsum(np.bincount(position, minlength=len(texts))))

    def of(self, texts: Ints) -> tuple[Ints, Ints]:
        """(row numbers, position in ``texts``) of the rows of the texts."""
        begin, end = self.first[texts].astype(np.int64), self.first[texts + 1].astype(np.int64)
        return expand_ranges(begin, end), np.repeat(np.arange(len(texts)), end - begin)

    def column(self, number: int) -> npt.NDArray[np.int32]:
        """All values of a column; a view."""
        return self._columns[number].values

    def columns(self, rows: Ints) -> list[Ints]:
        """The values of all columns in the rows."""
        return [column.values[rows].astype(np.int64) for column in self._columns]
