"""File names for agents. A name comes from a transcript: it is never a path."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_KEPT = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_LONGEST = 24


def slugs(agents: Iterable[str]) -> dict[str, str]:
    """A safe file name (without ending) for each agent, unique among them and the same in every run.

    Han characters, ASCII letters and digits are kept. Where anything was lost or two names would meet, and always for
    names that a file system reserves, a part of the name's hash is added.
    """
    names = sorted(set(agents))
    plain = {name: _KEPT.sub("-", name.lower()).strip("-")[:_LONGEST] for name in names}
    counts: dict[str, int] = {}
    for slug in plain.values():
        counts[slug] = counts.get(slug, 0) + 1
    return {
        name: slug
        if slug and slug == name and counts[slug] == 1 and not _reserved(slug)
        else f"{slug or 'agent'}-{_digest(name)}"
        for name, slug in plain.items()
    }


def _reserved(slug: str) -> bool:
    return re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d|index", slug) is not None


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
