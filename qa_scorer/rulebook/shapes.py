"""Shapes of YAML values. Each reads a node, reporting what does not fit, and describes itself as JSON Schema."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from qa_scorer.model.limits import Between, Form
from qa_scorer.rulebook.source import Rejected, Source, describe, did_you_mean

Schema = dict[str, Any]


class Shape(ABC):
    """What a value must look like."""

    @abstractmethod
    def read(self, node: yaml.Node, source: Source) -> Any:
        """The value. Raises Rejected when it does not fit, after reporting every reason."""

    @abstractmethod
    def schema(self) -> Schema:
        """The same as JSON Schema (2020-12)."""

    def holds(self, name: str) -> bool:  # noqa: ARG002 - most values have no keys
        """Whether a key of this name may stand in the value, or in an item of it."""
        return False


def scalar(node: yaml.Node, source: Source, kinds: tuple[str, ...], expected: str, help: str = "") -> str:
    """The text of a scalar whose YAML type is one of ``kinds``."""
    if not isinstance(node, yaml.ScalarNode) or node.tag.rsplit(":", 1)[-1] not in kinds:
        raise source.reject("Q102", f"expected {expected}, found {describe(node)}", node, help=help)
    return str(node.value)


@dataclass(frozen=True)
class Text(Shape):
    """Text that is not empty, of a form if one is given."""

    form: Form | None = None

    def read(self, node: yaml.Node, source: Source) -> str:
        help = f"Put it in quotes: '{node.value}'." if isinstance(node, yaml.ScalarNode) and node.value else ""
        text = scalar(node, source, ("str",), "text", help)
        if not text.strip():
            raise source.reject("Q106", "the text is empty", node)
        if self.form and not re.fullmatch(self.form.regex, text):
            raise source.reject("Q106", f"{text!r} is not of the form {self.form.example}", node)
        return text

    def schema(self) -> Schema:
        return {"type": "string", **({"pattern": f"^(?:{self.form.regex})$"} if self.form else {"minLength": 1})}


@dataclass(frozen=True)
class Zone(Shape):
    """The name of a time zone."""

    def read(self, node: yaml.Node, source: Source) -> str:
        name = Text().read(node, source)
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # what zoneinfo raises depends on the name's form and the system
            raise source.reject("Q106", f"{name!r} is no time zone", node, help="For China: Asia/Shanghai.") from None
        return name

    def schema(self) -> Schema:
        return {"type": "string", "examples": ["Asia/Shanghai"]}


_ANY = Between(-1e9, 1e9)


@dataclass(frozen=True)
class Number(Shape):
    """A number within bounds."""

    whole: bool = False
    bounds: Between = _ANY

    def read(self, node: yaml.Node, source: Source) -> float | int:
        expected = "a whole number" if self.whole else "a number"
        text = scalar(node, source, ("int",) if self.whole else ("int", "float"), expected)
        if not re.fullmatch(r"[+-]?\d{1,12}" if self.whole else r"[+-]?(\d{1,12}(\.\d*)?|\.\d+)", text, re.ASCII):
            raise source.reject("Q102", f"expected {expected} in plain digits, found {text!r}", node)
        value = int(text) if self.whole else float(text)
        least, most = self.bounds.least, self.bounds.most
        if value < least or (most is not None and value > most):
            allowed = f"from {least:g} to {most:g}" if most is not None else f"{least:g} or more"
            raise source.reject("Q106", f"{text} is out of bounds", node, help=f"allowed: {allowed}")
        return value

    def schema(self) -> Schema:
        if self.bounds is _ANY:
            return {"type": "integer" if self.whole else "number"}
        most = {} if self.bounds.most is None else {"maximum": self.bounds.most}
        return {"type": "integer" if self.whole else "number", "minimum": self.bounds.least, **most}


@dataclass(frozen=True)
class Flag(Shape):
    """``true`` or ``false``."""

    def read(self, node: yaml.Node, source: Source) -> bool:
        return scalar(node, source, ("bool",), "true or false").lower() in ("true", "yes", "on")

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Choice(Shape):
    """One of some words, each standing for a value."""

    values: Mapping[str, Any]

    def read(self, node: yaml.Node, source: Source) -> Any:
        word = scalar(node, source, ("str",), f"one of {', '.join(self.values)}")
        if word not in self.values:
            raise source.reject("Q106", f"{word!r} is not allowed", node, help=did_you_mean(word, list(self.values)))
        return self.values[word]

    def schema(self) -> Schema:
        return {"enum": list(self.values)}


@dataclass(frozen=True)
class ListOf(Shape):
    """A list of at least one item, as a tuple; with ``lone`` a single item may stand without brackets."""

    item: Shape
    lone: bool = False

    def read(self, node: yaml.Node, source: Source) -> tuple[Any, ...]:
        if self.lone and not isinstance(node, yaml.SequenceNode):
            return (self.item.read(node, source),)
        nodes = items(node, source)
        if not nodes:
            raise source.reject("Q102", "the list is empty", node, help="Leave the key out, or fill the list.")
        return read_each(nodes, source, self.item.read)

    def holds(self, name: str) -> bool:
        return self.item.holds(name)

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self.item.schema(), "minItems": 1}
        return {"anyOf": [self.item.schema(), many]} if self.lone else many


@dataclass(frozen=True)
class MapOf(Shape):
    """A mapping of free names to values of one shape, in order."""

    value: Shape
    name: re.Pattern[str] = re.compile(r"\S(.*\S)?")

    def read(self, node: yaml.Node, source: Source) -> dict[str, Any]:
        result: dict[str, Any] = {}
        fine = True
        for name, (key, value) in keys(node, source).items():
            try:
                if not self.name.fullmatch(name):
                    raise source.reject("Q106", f"{name!r} is not allowed as a name", key)
                result[name] = self.value.read(value, source)
            except Rejected:
                fine = False
        if not fine:
            raise Rejected
        return result

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema()}


@dataclass(frozen=True)
class Key:
    """A key of a record: the field that it fills, and what stands behind it."""

    field: str
    shape: Shape
    required: bool = False


OTHER_WORDS = {
    "exclude": "except",
    "max_penalty": "cap",
    "patterns": "any",
    "penalty": "deduct",
    "scope": "where",
    "suggestion": "advice",
    "weight": "points",
    "why": "reason",
}
"""Words that older files and other tools have for keys: understood, reported, and mended by ``rules check --fix``."""


@dataclass(frozen=True)
class Record(Shape):
    """A mapping with known keys. ``build`` makes the value of what was given."""

    what: str
    keys: Mapping[str, Key]
    build: Callable[..., Any]
    need_one: tuple[str, ...] = ()

    def read(self, node: yaml.Node, source: Source) -> Any:
        return self.build(**self.given(node, source))

    def given(self, node: yaml.Node, source: Source, *, apart: tuple[str, ...] = ()) -> dict[str, Any]:
        """The values that are given, by field. Keys ``apart`` are somebody else's."""
        values: dict[str, Any] = {}
        fine = True
        nodes = self._by_own_words(keys(node, source), source)
        for name, (key, value) in nodes.items():
            if name in apart:
                continue
            try:
                if name not in self.keys:
                    home = next((own for own, known in self.keys.items() if known.shape.holds(name)), None)
                    help = f"`{name}` belongs in `{home}`." if home else did_you_mean(name, [*apart, *self.keys])
                    raise source.reject("Q103", f"unknown key `{name}` in {self.what}", key, help=help)
                read = self.keys[name].shape.read(value, source)
                values.update(read) if isinstance(read, Fields) else values.__setitem__(self.keys[name].field, read)
            except Rejected:
                fine = False
        for name, wanted in self.keys.items():
            if wanted.required and name not in nodes:
                source.report("Q105", f"`{name}` is missing in {self.what}", _first(node))
                fine = False
        if self.need_one and not any(name in nodes for name in self.need_one):
            wanted_keys = " or ".join(f"`{name}`" for name in self.need_one)
            source.report("Q105", f"{wanted_keys} is missing in {self.what}", _first(node))
            fine = False
        if not fine:
            raise Rejected
        return values

    def holds(self, name: str) -> bool:
        return name in self.keys

    def _by_own_words(self, nodes: _Nodes, source: Source) -> _Nodes:
        """The same keys, those that have another word here under the word of this record."""
        result: _Nodes = {}
        for name, (key, value) in nodes.items():
            own = OTHER_WORDS.get(name, name)
            if name not in self.keys and own in self.keys and own not in nodes:
                message = f"`{name}` is called `{own}` in {self.what}"
                source.report("Q110", message, key, help="`qa-scorer rules check --fix` writes it.", mended=own)
                name = own
            result[name] = (key, value)
        return result

    def schema(self) -> Schema:
        required = [name for name, key in self.keys.items() if key.required]
        return {
            "type": "object",
            "properties": {name: key.shape.schema() for name, key in self.keys.items()},
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **({"anyOf": [{"required": [name]} for name in self.need_one]} if self.need_one else {}),
        }


_Nodes = dict[str, tuple[yaml.Node, yaml.Node]]


class Fields(dict[str, Any]):
    """Values for several fields of the record around."""


@dataclass(frozen=True)
class Reference(Shape):
    """A shape that the schema names once under ``$defs``; ``make`` breaks circles."""

    name: str
    make: Callable[[], Shape]

    def read(self, node: yaml.Node, source: Source) -> Any:
        return self.make().read(node, source)

    def holds(self, name: str) -> bool:
        return self.make().holds(name)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


def keys(node: yaml.Node, source: Source) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """The keys of a mapping with their nodes; a key that is given twice is reported and its first value kept."""
    if not isinstance(node, yaml.MappingNode):
        raise source.reject("Q102", f"expected a mapping (key: value), found {describe(node)}", node)
    result: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            source.report("Q102", f"expected a name before the colon, found {describe(key)}", key)
        elif key.value in result:
            first = source.place(result[key.value][0])
            source.report("Q104", f"`{key.value}` is given twice; first at line {first.line}", key)
        else:
            result[key.value] = (key, value)
    return result


def items(node: yaml.Node, source: Source) -> list[yaml.Node]:
    """The nodes of a list."""
    if not isinstance(node, yaml.SequenceNode):
        help = "Write it in brackets: [ … ]." if isinstance(node, yaml.ScalarNode) and node.value else ""
        raise source.reject("Q102", f"expected a list, found {describe(node)}", node, help=help)
    return list(node.value)


def read_each(nodes: list[yaml.Node], source: Source, read: Callable[[yaml.Node, Source], Any]) -> tuple[Any, ...]:
    """Every item read. Raises Rejected after the last when one was."""
    result: list[Any] = []
    fine = True
    for node in nodes:
        try:
            result.append(read(node, source))
        except Rejected:
            fine = False
    if not fine:
        raise Rejected
    return tuple(result)


def _first(node: yaml.Node) -> yaml.Node:
    """The first key of a mapping: a better place for what is missing than a whole block."""
    if isinstance(node, yaml.MappingNode) and node.value:
        first: yaml.Node = node.value[0][0]
        return first
    return node
