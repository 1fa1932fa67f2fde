"""Long lists in a page: the first entries as plain HTML, the rest compressed until the reader's browser asks for them.

A page over 2,000 conversations must stay below 1.5 MB and yet hold every finding. The rest is the same HTML, deflated
and in Base64; ``report.js`` inflates it and pages, sorts and filters over all entries.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from qa_scorer.kept import made_once, state_of


@dataclass(frozen=True, slots=True)
class LongList:
    """``head`` is HTML; ``packed`` is empty when everything is in ``head``."""

    head: Markup
    packed: str


def long_list(render: Callable[[int], str], count: int, shown: int, keys: Sequence[str] | None = None) -> LongList:
    """``count`` entries, of which ``render`` makes the HTML (escaped) by their numbers, split after the first ``shown``.

    Entries of one of ``keys`` are packed together: what they have in common is then stored once. They carry their
    number in ``data-n``, by which the page puts them in order again.
    """
    rest = list(range(shown, count))
    if keys is not None:
        rest.sort(key=keys.__getitem__)
    head = Markup("").join(Markup(render(at)) for at in range(min(shown, count)))
    return LongList(head, _packed(map(render, rest)) if rest else "")


def pack(text: str) -> str:
    """Base64 of zlib data, as ``inflate`` in ``head.js`` reads it."""
    return _packed([text])


def pack_once(file: Path, text: str) -> str:
    """``pack(text)``, kept for ``file``, which comes with the program and holds the text."""
    made_by = repr((zlib.ZLIB_RUNTIME_VERSION, state_of(Path(__file__))))
    return made_once(file, (made_by + text).encode(), lambda: pack(text).encode()).decode()


def _packed(parts: Iterable[str]) -> str:
    """The same of text that comes in parts, which are never all in memory."""
    deflate = zlib.compressobj(6)
    data = b"".join([*(deflate.compress(part.encode()) for part in parts), deflate.flush()])
    return base64.b64encode(data).decode()
