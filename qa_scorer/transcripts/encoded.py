"""Columns of text as codes and distinct values, so that what is decided per value is not decided per row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts.roles import clean_name
from qa_scorer.transcripts.textual import Texts

Codes = npt.NDArray[np.int32]
_SAMPLE = 1024
_ODD_FIRST, _ODD_LAST = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
_ODD_FIRST[[*b" \t\r\n\v\fcC", 0xE3]] = True
_ODD_LAST[[*b" \t\r\n\v\f)>]", 0x80, 0x89, 0x91]] = True
"""First and last bytes of names that may have to be cleaned: blanks, brackets, ``cn``."""


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
        buffers = Texts(self.values)
        odd = np.flatnonzero(_ODD_FIRST[buffers.leads()] | _ODD_LAST[buffers.tails()]).tolist()
        if not odd:
            return self.values
        names = self.texts()
        for place in odd:
            names[place] = clean_name(names[place])
        return pa.array(names, pa.string())

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
        codes, values = _filled(array.indices), array.dictionary
        if len(values) <= len(codes):
            return codes, values
        used, places = distinct(np.append(codes, np.int32(-1)))  # -1 at the end, so that it is surely there
        few = values.take(pa.array(used[used >= 0]))
        place_of = np.cumsum(used >= 0, dtype=np.int32) - np.int32(1)
        return np.where(used < 0, np.int32(-1), place_of)[places[:-1]], few
    if _steps(array.slice(0, _SAMPLE)).sum() * 2 > min(len(array), _SAMPLE):
        encoded = array.dictionary_encode()
        return _filled(encoded.indices), encoded.dictionary
    starts = np.flatnonzero(_steps(array))
    encoded = array.take(pa.array(starts)).dictionary_encode()
    return np.repeat(_filled(encoded.indices), np.diff(starts, append=len(array))), encoded.dictionary


def _steps(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Which rows differ from the one above."""
    steps = pc.not_equal(array.slice(1), array.slice(0, max(len(array) - 1, 0))).fill_null(True)
    return np.concatenate((np.ones(min(len(array), 1), dtype=bool), steps.to_numpy(zero_copy_only=False)))


def distinct(codes: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.integer], Codes]:
    """The distinct numbers in the order of their first appearance, and the place among them of each number."""
    encoded = pa.array(codes).dictionary_encode()
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def _filled(indices: pa.Array) -> Codes:
    codes: Codes = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return codes
