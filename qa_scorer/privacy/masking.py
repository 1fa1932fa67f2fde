"""Masking a column of texts at once. A masked text has as many characters as before, so offsets into it stay right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.matching.normalise import fold_table
from qa_scorer.privacy.digits import LEAST_DIGITS
from qa_scorer.privacy.labelled import SIGNS
from qa_scorer.privacy.personal import hidden

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
CodePoints = npt.NDArray[np.uint32]

MASK = ord("*")
_WIDE_LEAD, _WIDE_NEXT, _WIDE_ZERO, _WIDE_AT = 0xEF, 0xBC, 0x90, 0xA0
"""UTF-8 of full-width digits (０ is EF BC 90) and of ＠."""
_SPREAD = 64
"""Bytes within which the first digits of a number stand, whatever is put between them."""


def _codes(chars: str) -> Ints:
    """The numbers that the UTF-8 of characters makes, in rising order."""
    return np.sort([int.from_bytes(char.encode(), "big") for char in chars])


_DOORS = _codes("号號弄栋棟幢座单單室楼樓层層户戶房")
"""What follows the number of a house, a building or a room."""
_STREETS = _codes("省市州盟区區县縣旗镇鎮乡鄉道路街巷同村屯园園寓厦廈场場苑府庭湾灣城")
"""What a part of an address ends with."""
_BEFORE_DOOR = 40
"""Bytes before the number of a door within which a part of the address ends."""
_IN_NAMES = (
    r"(?:^|[^0-9])(?:(?:86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4})(?:[^0-9]|$)"
    r"|(?:^|[^0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?:[^0-9A-Za-z]|$)|@|[０-９＠]"
)


def mask(texts: pa.Array) -> tuple[pa.Array, Ints]:
    """(the masked texts, the rows that were masked) of a string array; nulls stay null."""
    return hide(texts, _suspects(texts), lambda joined: hidden(joined.folded()))


def mask_text(text: str) -> str:
    """A single text, masked."""
    masked: str = mask(pa.array([text], pa.string()))[0][0].as_py()
    return masked


def mask_names(names: pa.Array) -> tuple[pa.Array, Ints]:
    """Like ``mask``, for names and ids: what is a phone number, an identity number or an e-mail address is hidden, and
    no other long number is, for accounts and ids are made of such."""
    gate = pc.match_substring_regex(names, _IN_NAMES).fill_null(False)
    rows = np.flatnonzero(gate.to_numpy(zero_copy_only=False))
    return hide(names, rows, lambda joined: hidden(joined.folded()))


def hide(texts: pa.Array, rows: Ints, look: Callable[[Joined], Iterable[int]]) -> tuple[pa.Array, Ints]:
    """(the texts, the rows that changed) with an asterisk at each place that ``look`` finds in the rows (no nulls)."""
    if not len(rows):
        return texts, rows
    before = texts.take(pa.array(rows))
    joined = Joined(before)
    after = joined.without(look(joined))
    changed = pc.not_equal(before, after)
    rows = rows[changed.to_numpy(zero_copy_only=False)]
    if not len(rows):
        return texts, rows
    chosen = np.zeros(len(texts), dtype=np.bool_)
    chosen[rows] = True
    return pc.replace_with_mask(texts, pa.array(chosen), after.filter(changed)), rows


class Joined:
    """Texts (no nulls) as one row of code points, each text followed by a line break. ``starts`` int64 (n + 1,)."""

    def __init__(self, texts: pa.Array) -> None:
        one = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
        self.text: str = pc.binary_join(one, "\n")[0].as_py() + "\n"
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
        self.starts = np.concatenate(([0], np.cumsum(lengths + 1)))

    def folded(self) -> str:
        """The text with its characters folded, each in its place."""
        return _as_text(fold_table()[self._points()])

    def without(self, places: Iterable[int]) -> pa.Array:
        """The texts with an asterisk at each of the places."""
        points = self._points().copy()
        points[np.fromiter(places, dtype=np.int64)] = MASK
        text = _as_text(points)
        starts = self.starts.tolist()
        return pa.array([text[start : end - 1] for start, end in pairwise(starts)], pa.string())

    def _points(self) -> CodePoints:
        return np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32)


def _suspects(texts: pa.Array) -> Ints:
    """The rows that may hold something to hide: many digits together, the number of a door, an @, or a word beside which
    personal data stand."""
    _, offsets, values = texts.buffers()
    if values is None or not len(texts):
        return np.zeros(0, dtype=np.int64)
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(values, dtype=np.uint8)[ends[0] : ends[-1]]
    wide, wide_at = _wide_signs(data)
    digits = np.flatnonzero((data - np.uint8(ord("0"))) < 10)
    if len(wide):
        digits = np.sort(np.concatenate((digits, wide)))
    close = digits[LEAST_DIGITS - 1 :] - digits[: max(len(digits) - LEAST_DIGITS + 1, 0)] < _SPREAD
    places = np.concatenate(
        (digits[: len(close)][close], _before_doors(data, digits), np.flatnonzero(data == ord("@")), wide_at)
    )
    suspect = np.zeros(len(texts), dtype=np.bool_)
    suspect[np.searchsorted(ends - ends[0], places, side="right") - 1] = True
    suspect |= pc.match_substring_regex(texts, SIGNS).fill_null(False).to_numpy(zero_copy_only=False)
    return np.flatnonzero(suspect)


def _wide_signs(data: Bytes) -> tuple[Ints, Ints]:
    """Where full-width digits and full-width @ begin."""
    leads = np.flatnonzero((data[:-2] == _WIDE_LEAD) & (data[1:-1] == _WIDE_NEXT) & (data[2:] >> 4 != 8))
    last = data[leads + 2]
    return leads[(last - np.uint8(_WIDE_ZERO)) < 10], leads[last == _WIDE_AT]


def _before_doors(data: Bytes, digits: Ints) -> Ints:
    """The digits that a word for a door follows, where part of an address ends shortly before."""
    after = digits + np.where(data[digits] == _WIDE_LEAD, 3, 1)
    known = after + 2 < len(data)
    doors, after = digits[known], after[known]
    doors = doors[_among(_DOORS, data, after)]
    before = np.maximum(doors[:, None] - np.arange(3, _BEFORE_DOOR), 0)
    found: Ints = doors[_among(_STREETS, data, before).any(axis=1)]
    return found


def _among(codes: Ints, data: Bytes, places: Ints) -> npt.NDArray[np.bool_]:
    """Whether one of the characters stands at each place."""
    code = (data[places].astype(np.int64) << 16) | (data[places + 1].astype(np.int64) << 8) | data[places + 2]
    found: npt.NDArray[np.bool_] = codes[np.minimum(np.searchsorted(codes, code), len(codes) - 1)] == code
    return found


def _as_text(points: CodePoints) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le")
