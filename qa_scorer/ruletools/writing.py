"""Rules back as YAML: the inverse of the reader, by the same table of keys."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

import yaml

from qa_scorer.model.checks import CHECKS, Check, Logic
from qa_scorer.model.limits import Inside
from qa_scorer.model.patterns import AllOf, AnyOf, Condition, Extent, ListRef, Literal, Not, Scope
from qa_scorer.model.rules import Rule, Rulebook, Scoring
from qa_scorer.model.words import Role
from qa_scorer.rulebook.documents import VERSION
from qa_scorer.rulebook.grammar import keys_of

_CHECK_NAMES = {cls: name for name, cls in CHECKS.items() if cls is not Logic}
_EVERYONE = (Role.AGENT, Role.CUSTOMER)
_LAST_KEYS = ("points", "deduct", "cap", "bonus", "veto", "responsible", "advice", "reason", "tests")


class Block(dict[str, Any]):
    """A mapping that is written with one key a line, however short it is."""


class _Dumper(yaml.SafeDumper):
    """Writes ``Block``."""


_Dumper.add_representer(
    Block, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)
)


def yaml_text(mapping: Mapping[str, Any]) -> str:
    """The mapping as YAML: short collections on one line, Chinese as it is."""
    text: str = yaml.dump(
        Block(mapping), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None
    )
    return text


def rulebook_mapping(rulebook: Rulebook) -> dict[str, Any]:
    """A whole rulebook as one rule file would say it, without ``extends`` and ``overrides``."""
    scoring = _fields(rulebook.scoring, Scoring, leave=("grades",), all_of_them=True)
    grades = dict(rulebook.scoring.grades)
    parts: dict[str, Any] = {
        "version": VERSION,
        "name": rulebook.name,
        "language": rulebook.language,
        "scoring": {**scoring, "grades": {name: _plain(least) for name, least in grades.items()}},
        "dimensions": {entry.id: {"name": entry.name, "points": _plain(entry.points)} for entry in rulebook.dimensions},
        "lists": {name: _plain(entry.patterns) for name, entry in rulebook.lists.items()},
        "synonyms": _plain(rulebook.synonyms),
        "conflicts": _plain(rulebook.conflicts),
        "rules": [rule_mapping(rule) for rule in rulebook.rules],
    }
    return {name: part for name, part in parts.items() if part}


def rule_mapping(rule: Rule) -> dict[str, Any]:
    """A rule as it stands under ``rules:``."""
    own = _fields(rule, Rule)
    last = {name: own.pop(name) for name in _LAST_KEYS if name in own}
    return Block({**own, **check_mapping(rule.check), **last})


def check_mapping(check: Check) -> dict[str, Any]:
    """``check`` and the keys of its parameters, as they stand in a rule."""
    if isinstance(check, Logic):
        return _logic(check)
    hints = typing.get_type_hints(type(check), include_extras=True)
    mapping = {"check": _CHECK_NAMES[type(check)], **_fields(check, type(check), leave=("condition", "field"))}
    for field in dataclasses.fields(check):
        value = getattr(check, field.name)
        if field.name == "condition":
            mapping |= _fields(value, Condition)
        elif field.name == "field":
            mapping |= _plain(value)
        for mark in getattr(hints[field.name], "__metadata__", ()):
            if isinstance(mark, Inside) and field.name in mapping:
                mapping[mark.key][field.name] = mapping.pop(field.name)
    return mapping


def _logic(check: Logic) -> dict[str, Any]:
    tree = check.tree
    if isinstance(tree, Not):
        inner = tree.negate
        return {"check": "not", "of": _plain(inner.any if isinstance(inner, AnyOf) else (inner,))}
    if isinstance(tree, AllOf):
        return {"check": "all", "of": _plain(tree.all)}
    return {"check": "any", "of": _plain(tree.any if isinstance(tree, AnyOf) else (tree,))}


def _fields(value: Any, cls: type, leave: tuple[str, ...] = (), *, all_of_them: bool = False) -> dict[str, Any]:
    """The keys of a dataclass that say something: those that are needed, and those that differ from their default."""
    defaults = {field.name: _default(field) for field in dataclasses.fields(cls)}
    given = {name: (key.field, getattr(value, key.field)) for name, key in keys_of(cls).items() if name not in leave}
    return {name: _plain(item) for name, (field, item) in given.items() if all_of_them or item != defaults[field]}


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _plain(value: Any) -> Any:
    """Any part of a rule as YAML says it."""
    if isinstance(value, Literal):
        return value.text
    if isinstance(value, ListRef):
        return f"${value.name}"
    if isinstance(value, Extent):
        return _extent(value)
    if isinstance(value, Condition):
        return {**_plain(value.scope), **_fields(value, Condition, leave=("where",))}
    if isinstance(value, AnyOf):
        return {"any_of": _plain(value.any)}
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        roles = value and all(isinstance(item, Role) for item in value)
        return _roles(tuple(value)) if roles else [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        first = dataclasses.fields(value)[0].name
        named = {} if isinstance(value, (Scope, AllOf, Not)) else {first: _plain(getattr(value, first))}
        return {**named, **_fields(value, type(value))}
    return value


def _roles(roles: tuple[Role, ...]) -> Any:
    if roles == _EVERYONE:
        return "any"
    names = [role.name.lower() for role in roles]
    return names[0] if len(names) == 1 else names


def _extent(extent: Extent) -> str:
    count = f"{extent.count:g}"
    return f"{count} {extent.unit}" if count == "1" else f"{count} {extent.unit}s"


__all__ = ["check_mapping", "rule_mapping", "rulebook_mapping", "yaml_text"]
