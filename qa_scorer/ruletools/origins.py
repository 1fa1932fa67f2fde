"""Which overrides change a rule, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa_scorer.rulebook.files import Files
from qa_scorer.rulebook.folders import BUILTIN


def overrides_of(rule_id: str, paths: Sequence[str | Path] | None) -> list[str]:
    """The overrides of a rule in the order in which they apply: place, changes, reason."""
    files = Files()
    files.add([BUILTIN] if paths is None else paths)
    lines = []
    for document in files.documents:
        for entry in document.overrides:
            changes = dict(entry.value)
            if changes.pop("rule") != rule_id:
                continue
            reason = changes.pop("reason")
            said = ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
                             for name, value in changes.items())  # fmt: skip
            lines.append(f"{document.source.place(entry.node)}: {said} ({reason})")
    return lines
