"""Long lists in a page: the first entries as plain HTML, the rest compressed until the reader's browser asks for them.

A page over 2,000 conversations must stay below 1.5 MB and yet hold every finding. The rest is the same HTML, deflated
and in Base64; ``report.js`` inflates it and pages, sorts and filters over all entries.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from qa_scorer.kept import made_once, state_of


@dataclass(frozen=True, slots=True)
class LongList:
    """``head`` is HTML; ``packed`` is empty when everything is in ``head``."""

    head: Markup
    packed: str


def long_list(entries: Sequence[str], shown: int, keys: Sequence[str] | None = None) -> LongList:
    """Split rendered (escaped) HTML entries after the first ``shown``.

    Entries of one of ``keys`` are packed together: what they have in common is then stored once. They carry their
    number in ``data-n``, by which the page puts them in order again.
    """
    rest = list(range(shown, len(entries)))
    if keys is not None:
        rest.sort(key=keys.__getitem__)
    head = Markup("").join(Markup(entry) for entry in entries[:shown])
    return LongList(head, pack("".join(entries[at] for at in rest)) if rest else "")


def pack(text: str) -> str:
    """Base64 of zlib data, as ``inflate`` in ``head.js`` reads it."""
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def pack_once(file: Path, text: str) -> str:
    """``pack(text)``, kept for ``file``, which comes with the program and holds the text."""
    made_by = repr((zlib.ZLIB_RUNTIME_VERSION, state_of(Path(__file__))))
    return made_once(file, (made_by + text).encode(), lambda: pack(text).encode()).decode()
