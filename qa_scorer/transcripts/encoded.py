"""Columns of text as codes and distinct values, so that what is decided per value is not decided per row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts.roles import clean_name

Codes = npt.NDArray[np.int64]
_UNCLEAN = r"(?i)[)）>]\s*$|^\s|\s$|^cn"


class Encoder:
    """Encodes the columns of one table, each once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._known: dict[int, tuple[pa.Array, Codes, pa.Array, list[str]]] = {}

    def __call__(self, array: pa.Array | None) -> tuple[Codes, list[str]]:
        """Codes and the distinct values; -1 where the cell is blank or there is no column."""
        if array is None:
            return np.full(self.size, -1, dtype=np.int64), []
        _, codes, _, values = self._get(array)
        return codes, values

    def cleaned(self, array: pa.Array | None) -> list[str]:
        """The distinct values of a column of names, without account numbers and prefixes (``roles.clean_name``)."""
        if array is None:
            return []
        _, _, dictionary, values = self._get(array)
        if not pc.any(pc.match_substring_regex(dictionary, _UNCLEAN)).as_py():
            return values
        return [clean_name(value) for value in values]

    def _get(self, array: pa.Array) -> tuple[pa.Array, Codes, pa.Array, list[str]]:
        if id(array) not in self._known:
            codes, dictionary = _encode(array)
            self._known[id(array)] = (array, codes, dictionary, dictionary.to_pylist())
        return self._known[id(array)]


def _encode(array: pa.Array) -> tuple[Codes, pa.Array]:
    encoded = array.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    blank = pc.equal(pc.utf8_trim_whitespace(encoded.dictionary), "").to_numpy(zero_copy_only=False)
    if blank.any():
        codes = np.where(np.append(blank, True)[codes], -1, codes)
    return codes, encoded.dictionary


def first_bytes(text: pa.Array) -> npt.NDArray[np.uint8]:
    """The first byte of each value of a text column without nulls; 0 for empty ones."""
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"\0", dtype=np.uint8)
    if not len(data):
        return np.zeros(len(text), dtype=np.uint8)
    leads: npt.NDArray[np.uint8] = np.where(
        offsets[1:] > offsets[:-1], data[np.minimum(offsets[:-1], len(data) - 1)], np.uint8(0)
    )
    return leads


def rows_with(text: pa.Array, needles: Iterable[bytes]) -> npt.NDArray[np.int64]:
    """The rows of a text column that contain one of the ``needles``, by searching its buffer as a whole."""
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    if not len(text) or offsets[-1] == offsets[0]:
        return np.zeros(0, dtype=np.int64)
    data = memoryview(text.buffers()[2])[offsets[0] : offsets[-1]].tobytes()
    spans = []
    for needle in needles:
        at = data.find(needle)
        while at >= 0:
            spans.append((at, at + len(needle)))
            at = data.find(needle, at + len(needle))
    found = np.array(spans, dtype=np.int64).reshape(-1, 2) + offsets[0]
    rows = np.searchsorted(offsets, found[:, 0], side="right") - 1
    return np.unique(rows[found[:, 1] <= offsets[rows + 1]])
