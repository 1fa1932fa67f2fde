"""What is known of each conversation beside its messages, gathered column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts.numbering import Numbers
from qa_scorer.transcripts.table import CONVERSATIONS

_LAST = ("csat", "resolved")  # the newest rating counts; of everything else the first value

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Picked:
    """Values of one column in one chunk, one for each of the conversations ``places`` of the chunk."""

    chunk: int
    places: Rows
    values: pa.Array


class Details:
    """Customer, channel, group, rating and the other columns of the conversations of many chunks."""

    def __init__(self) -> None:
        self._picked: dict[str, list[_Picked]] = {}

    def add(self, chunk: int, name: str, values: pa.Array, codes: Numbers, starts: Rows) -> None:
        """``codes`` (n,): the place of each row's conversation in the chunk; ``starts``: where its rows begin when each
        conversation has its rows together."""
        said = _said(values)
        if name in _LAST or not said.all() or len(starts) != codes.max(initial=-1) + 1:
            places, rows = _pick(np.flatnonzero(said), codes, last=name in _LAST)
        else:
            places, rows = codes[starts].astype(np.int64), starts
        picked = values.take(pa.array(rows))
        if pa.types.is_dictionary(picked.type):
            picked = picked.cast(pa.string())
        self._picked.setdefault(name, []).append(_Picked(chunk, places, picked))

    def finish(self, numbers: Sequence[Numbers], count: int) -> dict[str, pa.Array]:
        """Each column for the conversations 0 … ``count`` - 1. ``numbers``: of the conversations of each chunk."""
        columns = {}
        for name, parts in self._picked.items():
            places = np.concatenate([numbers[part.chunk][part.places] for part in parts])
            values = pa.concat_arrays([part.values for part in parts])
            columns[name] = _settled(places, values, count, last=name in _LAST)
        self._picked = {}
        return columns


def _said(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Which of the values are neither null nor empty text."""
    filled = pc.not_equal(values, "").fill_null(False) if pa.types.is_string(values.type) else values.is_valid()
    said: npt.NDArray[np.bool_] = filled.to_numpy(zero_copy_only=False)
    return said


def _pick(rows: Rows, codes: Numbers, *, last: bool) -> tuple[Rows, Rows]:
    """The conversations of these ``rows``, and the first or last row of each."""
    rows = rows[np.argsort(codes[rows], kind="stable")]
    steps = np.diff(codes[rows], prepend=-1, append=-1) != 0
    picked = rows[steps[1:] if last else steps[:-1]]
    return codes[picked].astype(np.int64), picked


def _settled(places: Rows, values: pa.Array, count: int, *, last: bool) -> pa.Array:
    """One value for each of ``count`` conversations, null for those that ``places`` lacks."""
    at = np.full(count, -1, dtype=np.int64)
    order = np.arange(len(places))
    if last:
        at[places] = order
    else:
        at[places[::-1]] = order[::-1]  # of several the first is written last
    if len(places) == count and (at == order).all():
        return values
    return values.take(pa.array(at, mask=at < 0))


def extra_maps(columns: dict[str, pa.Array], size: int) -> pa.Array:
    """The columns, n values each, as one map per row without the values that are null."""
    kind = CONVERSATIONS.field("extra").type
    valid = np.array([column.is_valid().to_numpy(zero_copy_only=False) for column in columns.values()], dtype=bool)
    valid = valid.reshape(len(columns), size).T
    rows, names = np.nonzero(valid)
    offsets = np.concatenate(([0], np.cumsum(valid.sum(axis=1))))
    keys = pa.array(list(columns), pa.string()).take(pa.array(names))
    values = pa.concat_arrays([*columns.values(), pa.array([], pa.string())]).take(pa.array(names * size + rows))
    return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, values, kind)
