"""What a regular expression cannot match without: literals that gate the dear search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Alternatives = frozenset[str]

_MOST_ALTERNATIVES = 64


def required_texts(regex: str) -> Alternatives | None:
    """Texts of which at least one stands in every match of ``regex``; None when no such set is found.

    Python's own parser reads the expression. Where RE2 knows syntax that Python does not, there is no gate and
    the regex is tried on every message: slower, never wrong.
    """
    try:
        parsed = parser.parse(regex)
    except (re.error, OverflowError, RecursionError):
        return None
    return _of_sequence(parsed)


def _of_sequence(items: Iterable[tuple[Any, Any]]) -> Alternatives | None:
    candidates: list[Alternatives | None] = []
    run = ""
    for op, argument in items:
        if op is ops.LITERAL:
            run += chr(argument)
            continue
        if run:
            candidates.append(frozenset({run}))
            run = ""
        candidates.append(_of_item(op, argument))
    if run:
        candidates.append(frozenset({run}))
    return _best(candidates)


def _of_item(op: Any, argument: Any) -> Alternatives | None:
    if op is ops.IN:
        if all(kind is ops.LITERAL for kind, _ in argument):
            return frozenset(chr(code) for _, code in argument)
        return None
    if op is ops.SUBPATTERN:
        return _of_sequence(argument[-1])
    if op is ops.BRANCH:
        branches = [_of_sequence(branch) for branch in argument[1]]
        known = [branch for branch in branches if branch is not None]
        union = frozenset().union(*known)
        return union if len(known) == len(branches) and len(union) <= _MOST_ALTERNATIVES else None
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT) and argument[0] >= 1:
        return _of_sequence(argument[2])
    return None


def _best(candidates: Iterable[Alternatives | None]) -> Alternatives | None:
    """The rarest: longest shortest text first, then fewest alternatives."""
    known = [candidate for candidate in candidates if candidate]
    return max(known, key=lambda texts: (min(map(len, texts)), -len(texts)), default=None)
