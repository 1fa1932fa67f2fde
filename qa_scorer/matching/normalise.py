"""Normalised views of a batch's texts, with offsets that lead back to the original.

Two views of every message are made, both over one joined string with ``\\n`` between messages:

``clean``
    one-to-one per character: full-width to half-width, lower case, traditional to simplified, look-alikes folded.
    Emoji codes, links and platform placeholders are cut out; masked values such as ``[数字x]`` become what they stand
    for (``0``); blanks or punctuation set between single characters (``不.可.能``) are closed up. Regexes see this view.
``bare``
    the clean view without blanks, punctuation, symbols and emoji. Literals, words and fuzzy phrases see this view.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

CodePoints = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_DATA = Path(__file__).parent / "data"
_SIZE = 0x110000
_CONTENT_SIGNS = "+%@"
"""Signs that carry meaning inside a phrase: ``+v``, ``100%``."""

_MASKED = {"数字": "0", "金额": "0", "日期": "0日", "时间": "0点", "电话": "0", "订单": "\ue001"}
"""What a masked value stands for in the views, by the name in ``[…x]``."""
_OTHER_MASKED = "\ue000"

_HEAVY_PLUS = 0x2795
"""➕ stands for a word (➕v: add me), so it is folded to ``+`` and kept."""

_NOISE = re.compile(
    r"\[(?P<masked>[\u4e00-\u9fff]{1,6})x\]"  # masked values of research and audit exports
    r"|\[[^\[\]\s]{1,8}\]"  # [微笑] [图片] [OK]
    r"|/:(?:\d{3}|\^[^\s\u4e00-\u9fff]\^|\(Zz\.\.\.\)|\*&\*|>[_O@W]<|O=O|['\"?!]{1,3}|[A-Za-z]{1,2}(?![A-Za-z]))"  # Taobao
    r"|#E-[a-z]\d{1,3}"  # JD
    r"|https?://[\x21-\x7e]+|www\.[\x21-\x7e]+"
)
"""What is no text. The bracket forms must not reach over a line, so ``\\s`` is excluded."""


def _data_pairs(name: str) -> tuple[CodePoints, CodePoints]:
    """What is written and what it stands for, character by character."""
    lines = [line for line in (_DATA / name).read_text(encoding="utf-8").splitlines() if len(line) == 2]
    points = _code_points("".join(lines))
    return points[0::2], points[1::2]


@cache
def fold_table() -> CodePoints:
    """The one-to-one character map, shape (0x110000,)."""
    table = np.arange(_SIZE, dtype=np.uint32)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F, dtype=np.uint32)
    table[0x3000] = 0x20
    for name in ("simplified.txt", "lookalikes.txt"):
        typed, meant = _data_pairs(name)
        table[typed] = meant
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x370, 0x530), *range(0xFF21, 0xFF3B)):
        lower = chr(table[code]).lower()
        if len(lower) == 1:
            table[code] = ord(lower)
    return table


@cache
def _noise_openers() -> Bools:
    """True for the characters that ``_NOISE`` may begin with: looking at these alone is many times as fast."""
    table = np.zeros(_SIZE, dtype=np.bool_)
    table[[ord(char) for char in "[/#hw"]] = True
    return table


@cache
def noise_table() -> Bools:
    """True for blanks, punctuation, symbols, emoji and invisible characters, shape (0x110000,)."""
    table = np.zeros(_SIZE, dtype=np.bool_)
    for block in (range(0x3100), range(0xFE00, 0x10000), range(0x1F000, 0x1FB00), range(0xE0000, 0xE0200)):
        table[block.start : block.stop] = [unicodedata.category(chr(code))[0] in "ZPSCM" for code in block]
    table[0xD800:0xE000] = True
    for sign in _CONTENT_SIGNS:
        table[ord(sign)] = False
    return table


@dataclass(frozen=True, slots=True)
class View:
    """A view of all messages of a batch.

    ``text`` holds the messages, each followed by ``\\n``; message ``i`` is ``text[starts[i]:starts[i + 1] - 1]``
    (``starts`` int64, n + 1). ``origin[k]`` is the code point number, within its original message, of ``text[k]``.
    """

    text: str
    starts: Ints
    origin: Ints

    def message(self, index: int) -> str:
        """The view of one message."""
        return self.text[self.starts[index] : self.starts[index + 1] - 1]

    def lengths(self) -> Ints:
        """Characters per message, int64 (n,)."""
        return np.diff(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Views:
    """Both views of a batch. ``bare_in_clean[k]`` is the position in ``clean.text`` of ``bare.text[k]``;
    ``lengths`` are the original lengths in code points, int64 (n,)."""

    clean: View
    bare: View
    bare_in_clean: Ints
    lengths: Ints


def make_views(texts: pa.Array) -> Views:
    """Normalise a string array of n messages (no nulls)."""
    if not len(texts):
        nothing = View("", np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
        return Views(nothing, nothing, nothing.origin, nothing.origin)
    joined = _join(texts)
    points = _code_points(joined)
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths + 1, out=starts[1:])
    folded = fold_table()[points]
    cut = _cut_noise(joined, folded)
    separators = starts[1:] - 1
    noisy = noise_table()[folded]
    noisy[separators] = True
    cut |= _letter_spacing(noisy, separators)
    cut |= _invisible(points)
    cut[separators] = False
    within = np.arange(len(points), dtype=np.int64) - np.repeat(starts[:-1], lengths + 1)
    is_separator = np.zeros(len(points), dtype=np.bool_)
    is_separator[separators] = True
    clean = _view(folded, ~cut, is_separator, within)
    in_bare = ~cut & (~noisy | is_separator)
    bare = _view(folded, in_bare, is_separator, within)
    bare_in_clean = (np.cumsum(~cut) - 1)[in_bare]
    return Views(clean, bare, bare_in_clean, lengths)


def normalise(texts: list[str]) -> list[str]:
    """The bare view of each text: what a literal is looked for as. Empty where nothing but noise was given."""
    bare = make_views(pa.array(texts, pa.string())).bare
    return [bare.message(index) for index in range(len(texts))]


@lru_cache(maxsize=4096)
def fold(regex: str) -> str:
    """One-to-one folding of the non-ASCII characters of a regular expression; ``（`` becomes ``\\(``, no group."""
    return regex.translate(_FOLDED)


class _Folded(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if code < 0x80 else re.escape(chr(fold_table()[code]))
        return self[code]


_FOLDED = _Folded()


def _join(texts: pa.Array) -> str:
    one = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    joined: str = pc.binary_join(one, "\n")[0].as_py()
    return joined + "\n"


def _code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _cut_noise(joined: str, folded: CodePoints) -> Bools:
    """Mark emoji codes, links and placeholders; write the meaning of masked values into ``folded``."""
    cut = np.zeros(len(folded), dtype=np.bool_)
    done = 0
    for place in np.flatnonzero(_noise_openers()[folded]).tolist():
        found = _NOISE.match(joined, place) if place >= done else None
        if found is None:
            continue
        start, end = found.span()
        done = end
        masked = found["masked"]
        kept = _MASKED.get(masked, _OTHER_MASKED) if masked else ""
        for offset, char in enumerate(kept):
            folded[start + offset] = ord(char)
        cut[start + len(kept) : end] = True
    return cut


def _letter_spacing(noisy: Bools, separators: Ints) -> Bools:
    """Noise runs with a single character on either side (``保 证``, ``不.可.能``): the spacing of a hidden phrase."""
    borders = np.flatnonzero(np.diff(noisy)) + 1
    starts = np.concatenate((np.zeros(1, dtype=np.int64), borders))
    ends = np.concatenate((borders, np.full(1, len(noisy), dtype=np.int64)))
    single = (ends - starts == 1) & ~noisy[starts]
    spaced = noisy[starts]
    spaced[0] = spaced[-1] = False
    spaced[1:-1] &= single[:-2] & single[2:]
    spaced[np.searchsorted(starts, separators, side="right") - 1] = False
    return np.repeat(spaced, ends - starts)


def _invisible(points: CodePoints) -> Bools:
    """Emoji, zero-width characters, joiners, variation selectors and the byte order mark."""
    invisible: Bools = (
        ((points >= 0x1F000) & (points < 0x1FB00))
        | ((points >= 0x2600) & (points < 0x27C0) & (points != _HEAVY_PLUS))
        | ((points >= 0x200B) & (points <= 0x200F))
        | ((points >= 0x2060) & (points <= 0x2064))
        | ((points >= 0xFE00) & (points <= 0xFE0F))
        | (points == 0xFEFF)
        | (points == 0xAD)
    )
    return invisible


def _view(folded: CodePoints, keep: Bools, is_separator: Bools, within: Ints) -> View:
    kept = np.flatnonzero(keep)
    points = folded[kept]
    ends = np.flatnonzero(is_separator[kept]) + 1
    # A line break inside a message must not look like the end of it.
    points = np.where((points == 0x0A) & ~is_separator[kept], np.uint32(0x20), points)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends))
    text = points.astype("<u4").tobytes().decode("utf-32-le", "replace")
    return View(text, starts, within[kept])
