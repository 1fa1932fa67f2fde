"""Long lists in a page: the first entries as plain HTML, the rest compressed until the reader asks for them.

A page over 2,000 conversations must stay below 1.5 MB and yet hold every finding. The rest is the same HTML, deflated
and in Base64; ``report.js`` inflates it and pages, sorts and filters over all entries.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class LongList:
    """``head`` is HTML; ``packed`` is Base64 of zlib data, empty when everything is in ``head``."""

    head: Markup
    packed: str


def long_list(entries: Iterable[str], shown: int) -> LongList:
    """Split rendered (escaped) HTML entries after the first ``shown``."""
    rest = iter(entries)
    head = Markup("").join(Markup(entry) for entry in islice(rest, shown))
    tail = "".join(rest)
    return LongList(head, base64.b64encode(zlib.compress(tail.encode(), 9)).decode() if tail else "")
