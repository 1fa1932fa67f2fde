"""Times in text, all those of one notation at once.

Texts are of one notation when they are the same but for their digits: ``2026/4/7 9:05`` and ``2026/11/17 10:23``. The
regular expressions of ``times`` say of the first such text which number is what; the numbers of the others are then read
from the column's bytes. What does not fit, or is no date of the calendar, is left to ``times.parse_time``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Meaning = Callable[[str], "Layout | None"]

_FEW = 64  # texts that are sooner read one by one
_NOTATIONS = 24  # in one column: twelve months in two halves of the day
_DIGITS = re.compile("[0-9]+")
_WIDTHS = {"y": (4, 4), "f": (1, 9)}  # of numbers in digits; all others have one or two
_ZERO, _NINE = 48, 57


@dataclass(frozen=True, slots=True)
class Layout:
    """Which number of a text is what. ``places``: part (y, mo, d, h, mi, s, f) -> 0-based number in the text. ``a`` and
    ``b`` are month and day, or day and month where the first is above 12. ``month``: as a word said it. ``half``: hours are
    those of this half of the day, ``am`` or ``pm``. ``offset``: minutes east of UTC, None for times without a zone."""

    places: Mapping[str, int]
    month: int | None = None
    half: str | None = None
    offset: int | None = None


def layout_of(text: str, found: re.Match[str], names: Mapping[str, str], **said: int | str | None) -> Layout | None:
    """The layout of a text from the groups of a match; ``names``: group -> part. None when a part is not all the digits
    that stand together."""
    spans = [number.span() for number in _DIGITS.finditer(text)]
    places = {}
    for group, part in names.items():
        if found[group] is not None:
            if found.span(group) not in spans:
                return None
            places[part] = spans.index(found.span(group))
    return Layout(places, **said)  # type: ignore[arg-type]


class _Numbers:
    """The numbers and the other bytes of n texts, by their place in the bytes of the column."""

    def __init__(self, texts: pa.Array) -> None:
        _, offsets, data = texts.buffers()
        self.offsets = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(
            np.int64
        )
        self.data = np.frombuffer(data, dtype=np.uint8)[: self.offsets[-1]]
        digit = (self.data >= _ZERO) & (self.data <= _NINE)
        digit[: self.offsets[0]] = False
        first = np.zeros(len(self.data) + 1, dtype=bool)
        first[self.offsets] = True
        self.starts = np.flatnonzero(digit & ~(np.append(False, digit[:-1]) & ~first[:-1]))
        self.ends = np.flatnonzero(digit & ~(np.append(digit[1:], False) & ~first[1:])) + 1
        self.others = np.flatnonzero(~digit)
        self.first_number = np.searchsorted(self.starts, self.offsets)
        self.first_other = np.searchsorted(self.others, self.offsets)

    def alike(self, row: int, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Those of the ``rows`` (m,) that are like ``row`` but for the digits, and where their k numbers start and end,
        (m, k) each."""
        numbers, others = self.first_number[row : row + 2], self.first_other[row : row + 2]
        same = np.diff(self.first_number)[rows] == numbers[1] - numbers[0]
        same &= np.diff(self.first_other)[rows] == others[1] - others[0]
        rows = rows[same]
        marks = self.data[self.others[others[0] : others[1]]]
        for index, mark in enumerate(marks):
            rows = rows[self.data[self.others[self.first_other[rows] + index]] == mark]
        places = self.first_number[rows][:, None] + np.arange(numbers[1] - numbers[0])
        starts, ends = self.starts[places], self.ends[places]
        # How many other bytes stand before each number must be the same as well.
        before = starts - self.offsets[rows][:, None] - np.cumsum(ends - starts, axis=1) + (ends - starts)
        same = (before == before[np.searchsorted(rows, row)]).all(axis=1)
        return rows[same], starts[same], ends[same]

    def values(self, starts: Ints, ends: Ints) -> Ints:
        values = np.zeros(len(starts), dtype=np.int64)
        for step in range(int((ends - starts).max(initial=0))):
            inside = starts + step < ends
            values = np.where(inside, values * 10 + self.data[np.where(inside, starts + step, starts)] - _ZERO, values)
        return values


def parse_alike(texts: pa.Array, meaning: Meaning) -> tuple[Ints, npt.NDArray[np.bool_], Sequence[tuple[Ints, int]]]:
    """Milliseconds (n,) of ``texts`` without nulls by their own clock, which of them are known, and the rows that say an
    offset from UTC, with its minutes. ``meaning`` says what the numbers of one text are."""
    moments, known = np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=bool)
    zoned: list[tuple[Ints, int]] = []
    if len(texts) < _FEW:
        return moments, known, zoned
    numbers = _Numbers(texts)
    left = np.arange(len(texts))
    for _ in range(_NOTATIONS):
        if len(left) < _FEW:
            break
        rows, starts, ends = numbers.alike(int(left[0]), left)
        layout = meaning(texts[int(left[0])].as_py())
        if layout is not None:
            parts = {part: (starts[:, place], ends[:, place]) for part, place in layout.places.items()}
            fits = np.ones(len(rows), dtype=bool)
            for part, (start, end) in parts.items():
                least, most = _WIDTHS.get(part, (1, 2))
                fits &= (end - start >= least) & (end - start <= most)
            read = {part: numbers.values(start[fits], end[fits]) for part, (start, end) in parts.items()}
            if "f" in read:
                digits = (parts["f"][1] - parts["f"][0])[fits]
                read["f"] = read["f"] * 1000 // 10**digits
            found, valid = _moments(read, layout, int(fits.sum()))
            good = rows[fits][valid]
            moments[good], known[good] = found[valid], True
            if layout.offset is not None:
                zoned.append((good, layout.offset))
        left = np.setdiff1d(left, rows, assume_unique=True)
    return moments, known, zoned


def _moments(read: Mapping[str, Ints], layout: Layout, size: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Milliseconds since 1970 by the clock of the place, and which of them are of the calendar."""
    zeros = np.zeros(size, dtype=np.int64)
    month = read.get("mo", zeros if layout.month is None else np.full(size, layout.month))
    day = read.get("d", zeros)
    if "a" in read:
        swapped = read["a"] > 12
        month, day = np.where(swapped, read["b"], read["a"]), np.where(swapped, read["a"], read["b"])
    hour = read.get("h", zeros)
    if layout.half == "pm":
        hour = np.where(hour < 12, hour + 12, hour)
    elif layout.half == "am":
        hour = np.where(hour == 12, 0, hour)
    minute, second = read.get("mi", zeros), read.get("s", zeros)
    valid = (month >= 1) & (month <= 12) & (read["y"] > 1900) & (hour < 24) & (minute < 60) & (second < 60)
    months = (read["y"] - 1970) * 12 + np.where(valid, month, 1) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[M]").astype("datetime64[D]") - first).astype(np.int64)
    valid &= (day >= 1) & (day <= length)
    days = first.astype(np.int64) + day - 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + read.get("f", zeros), valid
