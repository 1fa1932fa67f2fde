"""The tables of docs/rules.md, made from the rule language itself."""

from __future__ import annotations

import dataclasses
from typing import Any

from qa_scorer.model.checks import CHECKS
from qa_scorer.rulebook.diagnostics import CODES
from qa_scorer.rulebook.grammar import check_keys
from qa_scorer.rulebook.shapes import Schema


def tables() -> dict[str, str]:
    """Markdown by name: ``checks`` and ``codes``."""
    return {"checks": _checks(), "codes": _codes()}


def _checks() -> str:
    lines = ["| check | key | value | default |", "|---|---|---|---|"]
    for name, cls in CHECKS.items():
        text = " ".join((cls.__doc__ or "").replace("``", "`").split())
        lines.append(f"| **`{name}`** | {_cell(text)} | | |")
        defaults = _defaults(cls)
        for key_name, key in check_keys(name).items():
            given = key.required or key_name in ("any", "of")
            default = "" if given else _value(defaults.get(key.field))
            lines.append(
                f"| | `{key_name}` | {_cell(value_text(key.shape.schema()))} | {default or ('required' if key.required else '')} |"
            )
    return "\n".join(lines)


def _codes() -> str:
    lines = ["| code | level | what | why |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {code.level.name.lower()} | {code.title} | {code.reason} |" for name, code in CODES.items()
    ]
    return "\n".join(lines)


def _defaults(cls: type) -> dict[str, Any]:
    return {f.name: f.default for f in dataclasses.fields(cls) if f.default is not dataclasses.MISSING}


def _value(value: Any) -> str:
    if value in (None, ()) or dataclasses.is_dataclass(value):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


_NAMED = {
    "pattern": "pattern", "guard": "pattern or [guard](#patterns)", "scope": "[scope](#where-to-look)",
    "condition": "[condition](#conditions)", "tree": "[condition](#conditions)",
}  # fmt: skip


def value_text(schema: Schema) -> str:
    """What may stand behind a key, in words."""
    if "$ref" in schema:
        return _NAMED[schema["$ref"].rsplit("/", 1)[-1]]
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema and "properties" not in schema:
        return value_text(schema["anyOf"][0]) + ", or a list of them"
    kind = schema.get("type")
    if kind == "array":
        return "list: " + value_text(schema["items"])
    if kind in ("number", "integer"):
        least, most = schema.get("minimum"), schema.get("maximum")
        what = "number" if kind == "number" else "whole number"
        return what + (
            f", {least:g}–{most:g}" if most is not None else f", {least:g} or more" if least is not None else ""
        )
    if kind == "object":
        return "[condition](#conditions), with " + ", ".join(f"`{name}`" for name in _more(schema))
    if kind == "boolean":
        return "`true` or `false`"
    examples = schema.get("examples")
    return (
        f"text such as `{examples[0]}`"
        if examples
        else "text"
        if kind == "string"
        else "text, number, `true`, `false` or a list"
    )


def _more(schema: Schema) -> list[str]:
    return [name for name in schema["properties"] if name not in ("role", "first", "last", "any", "except")]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
