"""Shapes of the values that are the rule language's own: distances, roles, and what a column is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from qa_scorer.model.patterns import Extent
from qa_scorer.model.words import Role
from qa_scorer.rulebook.shapes import Choice, Flag, ListOf, Number, Schema, Shape, items, read_each, scalar
from qa_scorer.rulebook.source import Source

_UNITS = {
    "message": (1, "message"), "turn": (1, "turn"), "second": (1, "second"), "minute": (60, "second"),
    "hour": (3600, "second"),
}  # fmt: skip
_EXTENT = re.compile(rf"(\d{{1,6}}(?:\.\d+)?) ?({'|'.join(_UNITS)})s?", re.ASCII)


@dataclass(frozen=True)
class Distance(Shape):
    """``3 messages``, ``1 turn``, ``30 seconds``, ``2 minutes``."""

    least: int = 0

    def read(self, node: yaml.Node, source: Source) -> Extent:
        help = "Write for example `3 messages`, `1 turn`, `30 seconds` or `2 minutes`."
        text = scalar(node, source, ("str",), "a distance", help)
        found = _EXTENT.fullmatch(text)
        if found is None:
            raise source.reject("Q106", f"{text!r} is no distance", node, help=help)
        factor, unit = _UNITS[found[2]]
        count = float(found[1]) * factor
        if unit != "second" and not count.is_integer():
            raise source.reject("Q106", f"{text!r}: messages and turns are counted in whole numbers", node)
        if count < self.least:
            raise source.reject("Q106", f"{text!r} selects no message", node)
        return Extent(count, unit)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{_EXTENT.pattern})$", "examples": ["3 messages", "1 turn"]}


_ROLES: dict[str, tuple[Role, ...]] = {role.name.lower(): (role,) for role in Role} | {
    "any": (Role.AGENT, Role.CUSTOMER)
}


_ONE_OR_SEVERAL = ListOf(Choice(_ROLES), lone=True)


@dataclass(frozen=True)
class Roles(Shape):
    """A role, several in a list, or ``any`` for agent and customer."""

    def read(self, node: yaml.Node, source: Source) -> tuple[Role, ...]:
        chosen = {role for roles in _ONE_OR_SEVERAL.read(node, source) for role in roles}
        return tuple(role for role in Role if role in chosen)

    def schema(self) -> Schema:
        return _ONE_OR_SEVERAL.schema()


@dataclass(frozen=True)
class Value(Shape):
    """Text, a number, true/false, or a list of texts: what a column of an export is compared with."""

    def read(self, node: yaml.Node, source: Source) -> str | float | bool | tuple[str, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(str(item) for item in read_each(items(node, source), source, self._one))
        return self._one(node, source)

    def _one(self, node: yaml.Node, source: Source) -> str | float | bool:
        text = scalar(node, source, ("str", "int", "float", "bool"), "text, a number, or true or false")
        kind = node.tag.rsplit(":", 1)[-1]
        if kind == "bool":
            return bool(Flag().read(node, source))
        return text if kind == "str" else float(Number().read(node, source))

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean", "array"], "items": {"type": ["string", "number", "boolean"]}}
