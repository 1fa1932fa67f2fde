"""An audit as JSON: the model's own names, for programs and for the record. Whole chats are left to the history."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from qa_scorer.audit.model import Audit
from qa_scorer.errors import OutputError

_CHATS = "chats"
_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def as_json(audit: Audit) -> str:
    """The whole audit as one JSON object, the same bytes for the same audit."""
    return json.dumps(_plain(audit), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_data(audit: Audit, out: Path) -> Path:
    """Write ``audit.json`` to the folder ``out``. Raises OutputError."""
    path = out / "audit.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(as_json(audit) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). Choose another folder with -o."
        ) from error
    return path


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is tuple:
        return [_plain(entry) for entry in value]
    if is_dataclass(kind):
        return {name: _plain(getattr(value, name)) for name in _shown(kind)}
    return value.isoformat() if isinstance(value, date) else value


@cache
def _shown(kind: type) -> tuple[str, ...]:
    """The fields of a class of the model."""
    return tuple(field.name for field in fields(kind) if field.name != _CHATS)
