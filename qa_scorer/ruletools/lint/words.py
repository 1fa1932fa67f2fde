"""The few short texts of a rulebook as ``matching.normalise`` sees messages, without numpy and pyarrow.

A check of rule files must answer at once, and those two alone take longer to load than it takes. Equality with the
views of messages is held by a test.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from qa_scorer import matching

_BRACKETED = re.compile(r"\[[^\[\]\s]{1,8}\]")  # [微笑] is an emoji code
_CONTENT_SIGNS = "+%@"
_SMALL = (range(0x41, 0x5B), range(0xC0, 0x250), range(0x370, 0x530), range(0xFF21, 0xFF3B))
_SIGNS = (range(0x3100), range(0xFE00, 0x10000), range(0x1F000, 0x1FB00), range(0xE0000, 0xE0200))


def clean(text: str) -> str:
    """Half-width, simplified, small letters; what regexes are searched in."""
    return "".join(map(_folded, _BRACKETED.sub("", text)))


def bare(text: str) -> str:
    """The clean text without blanks, punctuation, symbols and emoji; what literals are looked for as."""
    return "".join(char for char in clean(text) if not _is_noise(char))


def folded_regex(regex: str) -> str:
    """A regex with its non-ASCII characters folded, so that it is written in the letters of ``clean``."""
    return "".join(char if char.isascii() else re.escape(_folded(char)) for char in regex)


@cache
def _pairs() -> dict[str, str]:
    data = Path(matching.__file__).parent / "data"
    lines = [
        line
        for name in ("simplified.txt", "lookalikes.txt")
        for line in (data / name).read_text(encoding="utf-8").splitlines()
    ]
    return {line[0]: line[1] for line in lines if len(line) == 2}


@cache
def _folded(char: str) -> str:
    code = ord(char)
    folded = chr(code - 0xFEE0) if 0xFF01 <= code < 0xFF5F else " " if code == 0x3000 else char
    folded = _pairs().get(char, folded)
    small = folded.lower() if any(code in block for block in _SMALL) else folded
    return small if len(small) == 1 else folded


@cache
def _is_noise(char: str) -> bool:
    if char in _CONTENT_SIGNS:
        return False
    code = ord(char)
    return 0xD800 <= code < 0xE000 or (
        any(code in block for block in _SIGNS) and unicodedata.category(char)[0] in "ZPSCM"
    )
