"""The digest of a rulebook: equal when, and only when, two rulebooks mean the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from enum import Enum
from functools import cache
from typing import Any

from qa_scorer.model.rules import Rulebook

_PLAIN = frozenset((str, int, bool, type(None)))


def digest(rulebook: Rulebook) -> str:
    """SHA-256, in hex, over the canonical meaning: no layout, places or tests."""
    text = json.dumps(plain(rulebook), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: Any) -> Any:
    """A part of a rulebook as JSON values: equal when, and only when, two parts mean the same."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, {name: plain(getattr(value, name)) for name in _meaning_of(type(value))}]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a default of 1 and a written 1.0 mean the same
    return value


@cache
def _meaning_of(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass that say what it means."""
    left_out = ("tests", "place", "places", "tried", "digest")
    return tuple(field.name for field in dataclasses.fields(kind) if field.name not in left_out)
