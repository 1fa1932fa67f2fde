"""Columns of text as codes and distinct values, so that what is decided per value is not decided per row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts.roles import clean_name

Codes = npt.NDArray[np.int32]
_UNCLEAN = r"(?i)[)）>]\s*$|^\s|\s$|^cn"


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of n rows: ``codes`` (n,) into ``values``, -1 where the cell is blank. Not every value is used."""

    codes: Codes
    values: pa.Array

    def texts(self) -> list[str]:
        texts: list[str] = self.values.to_pylist()
        return texts

    def cleaned(self) -> pa.Array:
        """The values without account numbers and prefixes (``roles.clean_name``)."""
        if not pc.any(pc.match_substring_regex(self.values, _UNCLEAN)).as_py():
            return self.values
        return pa.array([clean_name(value) for value in self.texts()], pa.string())

    def used(self, rows: npt.NDArray[np.bool_]) -> list[int]:
        """The codes that occur in these rows, in rising order."""
        seen = np.zeros(len(self.values) + 1, dtype=bool)
        seen[self.codes[rows]] = True
        return np.flatnonzero(seen[:-1]).tolist()

    def column(self) -> pa.DictionaryArray:
        """An Arrow column; null where the cell is blank."""
        return pa.DictionaryArray.from_arrays(pa.array(self.codes, mask=self.codes < 0), self.values)


def encode(array: pa.Array) -> Coded:
    """A column of text, or of encoded text, as codes."""
    codes, values = dictionary_codes(array)
    blank = np.append(pc.equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False), True)
    return Coded(np.where(blank[codes], np.int32(-1), codes) if blank[:-1].any() else codes, values)


def dictionary_codes(array: pa.Array) -> tuple[Codes, pa.Array]:
    """Codes (-1 for null) and distinct values of a column of text or of encoded text.

    Rows that repeat the one above, as those of one conversation do, are looked up once.
    """
    if pa.types.is_dictionary(array.type):
        return _filled(array.indices), array.dictionary
    if len(array) < 2:
        encoded = array.dictionary_encode()
        return _filled(encoded.indices), encoded.dictionary
    steps = pc.not_equal(array.slice(1), array.slice(0, len(array) - 1)).fill_null(True)
    starts = np.concatenate(([0], np.flatnonzero(steps.to_numpy(zero_copy_only=False)) + 1))
    if 2 * len(starts) > len(array):
        encoded = array.dictionary_encode()
        return _filled(encoded.indices), encoded.dictionary
    encoded = array.take(pa.array(starts)).dictionary_encode()
    lengths = np.diff(starts, append=len(array))
    return np.repeat(_filled(encoded.indices), lengths), encoded.dictionary


def distinct(codes: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.integer], Codes]:
    """The distinct numbers in the order of their first appearance, and the place among them of each number."""
    encoded = pa.array(codes).dictionary_encode()
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def _filled(indices: pa.Array) -> Codes:
    codes: Codes = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return codes
