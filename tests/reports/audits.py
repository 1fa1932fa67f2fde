"""Invented audits, made the way users make them: chats judged and kept, a month compared with the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from qa_scorer.audit.model import Audit
from tests.audit.build import GOOD, POOR, Chat, audit_of

VETOED = "客: 太失望了\n服[{}] +95s: 滚"
STAFF = ("林小满", "苏州店:阿紫", "工号 1023", "何嘉明", "周子涵")
_KEPT = ("slug", "transcripts")  # file names, and a function
_SCRIPTS = (GOOD, GOOD, GOOD, GOOD, POOR, GOOD.replace("再见", ""), VETOED)


def make_audit(folder: Path, per_agent: int = 14) -> Audit:
    """October against September: five agents in two groups who differ, ratings, customers who return, a few vetoes."""
    chats = []
    for month, lag in (("2026-09", 1), ("2026-10", 0)):
        for place, name in enumerate(STAFF):
            for number in range(per_agent if place < 4 else 3):
                script = _SCRIPTS[(number * (place + 1) + lag) % (3 + place)]
                if place == 3:  # who has fallen since
                    script = POOR if lag == 0 else GOOD
                at = f"{month}-{number * 2 % 28 + 1:02} {9 + number % 12:02}:{place:02}:{number:02}"
                known = {"csat": 1.0 + (number + place) % 5, "resolved": number % 3 > 0,
                         "customer": f"顾客{number % 9}", "group": ("东区", "西区")[place % 2]}  # fmt: skip
                chats.append(Chat(script.format(name), at, known))
    return audit_of(folder, chats, against="2026-09")


def swapped(value: Any, words: Callable[[str], str]) -> Any:
    """An audit or run with other ``words``, however deep they stand."""
    if isinstance(value, str):
        return words(value)
    if isinstance(value, tuple):
        return tuple(swapped(entry, words) for entry in value)
    if is_dataclass(value) and not isinstance(value, type):
        named = [field.name for field in fields(value) if field.name not in _KEPT]
        return replace(value, **{name: swapped(getattr(value, name), words) for name in named})
    return value
