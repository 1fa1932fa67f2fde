"""Columns of names as numbers: what is counted or compared is the code of a name, not its letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


def codes(column: pa.ChunkedArray) -> Ints:
    """The number of each row's name in the dictionary of an encoded column, -1 for null, int64."""
    whole = column.combine_chunks()
    found: Ints = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def names(column: pa.ChunkedArray) -> list[str]:
    """The dictionary of an encoded column."""
    listed: list[str] = column.combine_chunks().dictionary.to_pylist()
    return listed


def numbered(column: pa.ChunkedArray, numbers: Mapping[str, int]) -> Ints:
    """The number that each row's name has in ``numbers``, -1 for others, int64."""
    own = [numbers.get(name, -1) for name in names(column)]
    return np.array([*own, -1], dtype=np.int64)[codes(column)]  # null is code -1: the last


def places(column: pa.ChunkedArray, wanted: pa.Array) -> Ints:
    """Where each row's name stands among distinct ``wanted`` ones, -1 for others, int64."""
    found = pc.index_in(column.combine_chunks().dictionary, value_set=wanted).fill_null(-1)
    return np.append(found.to_numpy(zero_copy_only=False), -1).astype(np.int64)[codes(column)]


def texts(column: pa.ChunkedArray) -> list[Any]:
    """A column of text, encoded or not, as a list; much faster than ``to_pylist``."""
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    listed: list[Any] = plain.to_numpy(zero_copy_only=False).tolist()
    return listed
