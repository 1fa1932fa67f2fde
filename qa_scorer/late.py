"""Regexes that are compiled when they are first used: two hundred stand in modules, and a short run needs few of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    def __init__(self, regex: str, flags: int) -> None:
        self.pattern = regex
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, value)  # found at once from now on: uses in a loop cost no more than those of a pattern
        return value


def late(regex: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` would give, to call methods of; ``re.sub(late(…), …)`` is not understood."""
    return cast("re.Pattern[str]", _Late(regex, flags))
