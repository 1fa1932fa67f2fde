"""The rule language, made from the dataclasses of ``model``: a new check or guard needs nothing here.

A field is a key of the same name (``except`` for ``except_``, ``where`` for a scope). The fields of a check's own
condition stand in the rule itself; any other condition is a mapping with ``any``, ``except`` and the keys of a scope.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, Union

import yaml

from qa_scorer.model import checks as models
from qa_scorer.model.limits import Between, Form, Inside, TimeZone
from qa_scorer.model.patterns import AllOf, AnyOf, Condition, ConditionTree, Extent, Field, Guard, Not, Scope
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import Role, Verdict
from qa_scorer.rulebook.patterns import PatternShape
from qa_scorer.rulebook.shapes import (
    Choice,
    Fields,
    Flag,
    Key,
    ListOf,
    MapOf,
    Number,
    Record,
    Reference,
    Schema,
    Shape,
    Text,
    Zone,
    keys,
)
from qa_scorer.rulebook.source import Source
from qa_scorer.rulebook.values import Distance, Roles, Value

_NAMES = {"except_": "except", "pass_mark": "pass", "scope": "where", "negate": "not"}
_GUARDS = frozenset(typing.get_args(Guard))
_TREE = frozenset(typing.get_args(ConditionTree))


def shape_of(annotation: Any, marks: tuple[Any, ...] = ()) -> Shape:
    """The shape of a field's type, as ``get_type_hints(…, include_extras=True)`` gives it."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return shape_of(parts[0], annotation.__metadata__)
    if origin in (Union, types.UnionType):
        some = [part for part in parts if part is not type(None)]
        if frozenset(some) == _TREE:
            return Reference("tree", tree_shape)
        if frozenset(some) <= _GUARDS:
            return Reference("guard" if len(some) > 5 else "pattern", lambda: patterns(tuple(some)))
        return shape_of(some[0]) if len(some) == 1 else Value()
    if origin is Literal:
        return Choice({word: word for word in parts})
    if origin is dict:
        return MapOf(Value())
    if origin is tuple:
        return Roles() if parts[0] is Role else ListOf(shape_of(parts[0]))
    return _plain_shape(annotation, marks)


def _plain_shape(annotation: Any, marks: tuple[Any, ...]) -> Shape:
    if annotation is Condition:
        return Reference("condition", condition_record)
    if annotation is Scope:
        return Reference("scope", lambda: record_of(Scope, "`where`"))
    if annotation is Extent:
        return Distance()
    if annotation is bool:
        return Flag()
    if annotation in (int, float):
        bounds = [mark for mark in marks if isinstance(mark, Between)]
        return Number(annotation is int, *bounds)
    if annotation is str:
        if any(isinstance(mark, TimeZone) for mark in marks):
            return Zone()
        return Text(next((mark for mark in marks if isinstance(mark, Form)), None))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        words = {member.name.lower(): member for member in annotation if member is not Verdict.ABSENT}
        return Choice(words)
    if dataclasses.is_dataclass(annotation):
        return record_of(typing.cast(type, annotation), "the entry")
    raise TypeError(f"the rule language has no shape for {annotation!r}")


@cache
def patterns(kinds: tuple[type, ...]) -> PatternShape:
    """Patterns (or guards) of these dataclasses."""
    return PatternShape(kinds, lambda kind: record_of(kind, "the pattern"))


@cache
def record_of(cls: type, what: str) -> Record:
    """A mapping whose keys are the fields of a dataclass."""
    return Record(what, keys_of(cls), cls)


@cache
def _types_of(cls: type) -> Mapping[str, Any]:
    """The types of a dataclass's fields, with what is noted at them."""
    return typing.get_type_hints(cls, include_extras=True)


@cache
def keys_of(cls: type) -> Mapping[str, Key]:
    """The keys of a dataclass's fields."""
    hints = _types_of(cls)
    result: dict[str, Key] = {}
    for field in dataclasses.fields(cls):
        if field.name in ("place", "check", "tried"):
            continue
        shape = Distance(1) if cls is Scope and field.name != "role" else shape_of(hints[field.name])
        if cls is Rule and field.name == "standard":
            shape = ListOf(Text(), lone=True)
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        result[_NAMES.get(field.name, field.name)] = Key(field.name, shape, required)
    return result


def _build_condition(**given: Any) -> Condition:
    scope = {name: given.pop(name) for name in ("role", "first", "last") if name in given}
    return Condition(**given, scope=Scope(**scope))


def _condition_keys() -> dict[str, Key]:
    own = {name: key for name, key in keys_of(Condition).items() if key.field != "scope"}
    return {**keys_of(Scope), **own}


@cache
def condition_record() -> Record:
    """A condition as a mapping of its own, its scope's keys beside its patterns."""
    return Record("the condition", _condition_keys(), _build_condition, need_one=("any", "except"))


@dataclass(frozen=True)
class _ConditionWith(Shape):
    """A condition in ``field`` that carries keys of the check around it, such as ``within``."""

    field: str
    more: Mapping[str, Key]

    def read(self, node: yaml.Node, source: Source) -> Fields:
        given = self._record.given(node, source)
        more = {key.field: given.pop(key.field) for key in self.more.values() if key.field in given}
        return Fields({self.field: _build_condition(**given), **more})

    def holds(self, name: str) -> bool:
        return self._record.holds(name)

    @property
    def _record(self) -> Record:
        return Record(f"`{self.field}`", {**_condition_keys(), **self.more}, dict, need_one=("any", "except"))

    def schema(self) -> Schema:
        return self._record.schema()


@dataclass(frozen=True)
class _Tree(Shape):
    """``all``/``any_of`` lists, ``not``, a comparison with a ``field``, or a condition."""

    def read(self, node: yaml.Node, source: Source) -> ConditionTree:
        given = keys(node, source)
        forms = self._forms()
        named = [name for name in forms if name in given]
        value: ConditionTree = forms[named[0]].read(node, source) if named else condition_record().read(node, source)
        return value

    def _forms(self) -> dict[str, Record]:
        branch = Reference("tree", tree_shape)
        return {
            "all": Record("`all`", {"all": Key("all", ListOf(branch))}, AllOf),
            "any_of": Record("`any_of`", {"any_of": Key("any", ListOf(branch))}, AnyOf),
            "not": Record("`not`", {"not": Key("negate", branch)}, Not),
            "field": record_of(Field, "the comparison"),
        }

    def schema(self) -> Schema:
        return {"anyOf": [*(form.schema() for form in self._forms().values()), condition_record().schema()]}


@cache
def tree_shape() -> Shape:
    """Conditions, combined or not."""
    return _Tree()


@cache
def check_keys(name: str) -> Mapping[str, Key]:
    """The keys that a rule with this check has of it."""
    cls = models.CHECKS[name]
    if cls is models.Logic:
        return {"of": Key("tree", ListOf(Reference("tree", tree_shape)), required=True)}
    hints = _types_of(cls)
    result: dict[str, Key] = {}
    inside: dict[str, dict[str, Key]] = {}
    for key_name, key in _check_fields(cls, hints):
        mark = next((m for m in getattr(hints.get(key.field), "__metadata__", ()) if isinstance(m, Inside)), None)
        if mark:
            inside.setdefault(mark.key, {})[key_name] = key
        else:
            result[key_name] = key
    for key_name, more in inside.items():
        host = result[key_name]
        result[key_name] = Key(host.field, _ConditionWith(host.field, more), host.required)
    return result


def _check_fields(cls: type, hints: Mapping[str, Any]) -> list[tuple[str, Key]]:
    """The fields of a check as keys; those of its condition or comparison stand for it."""
    result: list[tuple[str, Key]] = []
    for field in dataclasses.fields(cls):
        if hints[field.name] is Condition and field.name == "condition":
            result += [(name, Key(f"condition.{key.field}", key.shape)) for name, key in keys_of(Condition).items()]
        elif hints[field.name] is Field:
            result += [
                (name, Key(f"{field.name}.{key.field}", key.shape, key.required))
                for name, key in keys_of(Field).items()
            ]
        else:
            shape = shape_of(hints[field.name])
            name = _NAMES.get(field.name, field.name)
            result.append((name, Key(field.name, shape, field.default is dataclasses.MISSING)))
    return result


def build_check(name: str, given: dict[str, Any]) -> models.Check:
    """The check's dataclass from the values of its keys."""
    cls = models.CHECKS[name]
    if cls is models.Logic:
        parts: tuple[ConditionTree, ...] = given["tree"]
        tree: ConditionTree = AllOf(parts) if name == "all" else AnyOf(parts)
        return models.Logic(Not(tree) if name == "not" else tree)
    parts_of: dict[str, dict[str, Any]] = {}
    for field_name in [name for name in given if "." in name]:
        outer, inner = field_name.split(".")
        parts_of.setdefault(outer, {})[inner] = given.pop(field_name)
    hints = _types_of(cls)
    check: models.Check = cls(**given, **{outer: hints[outer](**inner) for outer, inner in parts_of.items()})
    return check


@cache
def rule_record(check: str) -> Record:
    """A rule with this check, without its tests; reads to the values of ``Rule``."""
    own = check_keys(check)
    common = {name: key for name, key in keys_of(Rule).items() if name not in own and name != "tests"}
    need = ("any", "except") if any(key.field.startswith("condition.") for key in own.values()) else ()
    return Record("the rule", {**common, **own}, dict, need_one=need)


@cache
def rule_fields() -> frozenset[str]:
    """The fields of ``Rule`` that come from keys of their own."""
    return frozenset(key.field for name, key in keys_of(Rule).items() if name != "tests")
