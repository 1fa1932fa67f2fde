"""The words of evidence, cut out of all messages of a batch at once."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.matching.columns import expand_ranges

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_AROUND = " ,，。.！!、；;：:~～…\t\n"
"""What is not quoted at the borders of a span."""
_UTF8_STEPS = (0x80, 0x800, 0x10000)
"""From these code points on a character takes one byte more."""


def quote(texts: pa.Array, message: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, pa.Array]:
    """(start, end, text) of each span, without the punctuation around the words.

    ``texts`` are the messages (no nulls); spans are code points in them. A span that ends at 0 stands for its whole
    message: its text is null.
    """
    whole = end == 0
    quoted = np.zeros(len(texts), dtype=np.bool_)
    quoted[message[~whole]] = True
    texts = texts.filter(pa.array(quoted))
    message = np.where(whole, 0, np.cumsum(quoted)[message] - 1)
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts), "")[0].as_py()
    points = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    base = starts[message]
    begin, stop = _trim(points, base + start, base + end)
    return begin - base, stop - base, _strings(points, begin, stop, whole)


def _trim(points: npt.NDArray[np.uint32], begin: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """The spans without what is not quoted at their borders; spans of nothing else stay as they are."""
    around = _around()
    first, last = begin.copy(), stop.copy()
    rows = np.arange(len(first))
    while len(rows := rows[(first[rows] < last[rows])]) and len(rows := rows[around[points[first[rows]]]]):
        first[rows] += 1
    rows = np.arange(len(first))
    while len(rows := rows[(first[rows] < last[rows])]) and len(rows := rows[around[points[last[rows] - 1]]]):
        last[rows] -= 1
    empty = first == last
    return np.where(empty, begin, first), np.where(empty, stop, last)


def _strings(points: npt.NDArray[np.uint32], begin: Ints, stop: Ints, null: Bools) -> pa.Array:
    """The slices of the code points as strings, null where told."""
    characters = points[expand_ranges(begin, stop)]
    data = characters.astype("<u4").tobytes().decode("utf-32-le").encode()
    sizes = np.ones(len(characters) + 1, dtype=np.int64)
    for step in _UTF8_STEPS:
        sizes[:-1] += characters >= step
    ends = np.concatenate(([0], np.cumsum(sizes[:-1])))
    offsets = ends[np.concatenate(([0], np.cumsum(stop - begin)))].astype(np.int32)
    valid = pa.array(~null).buffers()[1]
    return pa.StringArray.from_buffers(len(begin), pa.py_buffer(offsets), pa.py_buffer(data), valid)


@cache
def _around() -> Bools:
    table = np.zeros(0x110000, dtype=np.bool_)
    table[[ord(char) for char in _AROUND]] = True
    return table
