"""Rules and checks of rule files as plain text for a terminal, in columns that hold under Chinese text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from qa_scorer.model.patterns import (
    AllOf,
    AnyOf,
    Condition,
    ConditionTree,
    Extent,
    Field,
    Fuzzy,
    ListRef,
    Literal,
    Near,
    Negated,
    Not,
    Quoted,
    Regex,
    Said,
    Scope,
    Word,
)
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Role
from qa_scorer.rulebook.diagnostics import Diagnostic, Level, display_width

GUARDS = (Quoted, Negated, Near, Said)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns, two blanks apart; the last column is as wide as it is."""
    lines = [list(row) for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines
    )


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def count(number: int, noun: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(diagnostics: Sequence[Diagnostic], rulebook: Rulebook | None) -> str:
    """One line on a check of rule files."""
    counts = [(level, sum(d.level is level for d in diagnostics)) for level in Level]
    found = ", ".join(count(number, level.name.lower()) for level, number in counts if number) or "no mistakes"
    rules = "" if rulebook is None else f"{count(len(rulebook.rules), 'rule')}, {count(len(rulebook.lists), 'list')}: "
    return rules + found


def worth(rule: Rule) -> str:
    """What a rule earns or costs, in a word."""
    parts = [f"+{rule.points:g}"] if rule.points else []
    if rule.deduct:
        parts.append(f"-{rule.deduct:g} a hit" + (f", at most {rule.cap:g}" if rule.cap else ""))
    if rule.bonus:
        parts.append(f"bonus +{rule.bonus:g}")
    return ", ".join([*parts, *(["veto"] if rule.veto else [])])


def rule_list(rulebook: Rulebook) -> str:
    """All rules, one a line."""
    rows = [
        (rule.id, "/".join(rule.standard) or "-", type(rule.check).__name__.lower(), worth(rule), rule.title)
        for rule in rulebook.rules
    ]
    return table([("rule", "standard", "check", "worth", "title"), *rows])


def explanation(rule: Rule, rulebook: Rulebook, overrides: Sequence[str] = ()) -> str:
    """A rule for a reader: what it looks at, what for, what excuses, what it is worth, why, and where all that stands."""
    dimension = next((d.name for d in rulebook.dimensions if d.id == rule.dimension), rule.dimension)
    rows = [
        ("rule", f"{rule.id}  {rule.title}"),
        ("dimension", f"{dimension} ({rule.dimension})"),
        ("standard", ", ".join(rule.standard)),
        ("worth", worth(rule)),
        ("check", f"{type(rule.check).__name__.lower()}: {' '.join((type(rule.check).__doc__ or '').split())}"),
        *_parameters(rule.check),
        ("when", tree_text(rule.when) if rule.when else ""),
        ("advice", rule.advice),
        ("reason", rule.reason),
        ("tests", ", ".join(f"{test.name} ({test.expect.name.lower()})" for test in rule.tests)),
        ("defined at", str(rule.place or "")),
        *(("overridden", override) for override in overrides),
    ]
    text = table((title, text) for title, text in rows if text)
    for name in dict.fromkeys(node.name for node in parts_of(rule) if isinstance(node, ListRef)):
        entry = rulebook.lists[name]
        rows = [(f"  {place}", name_of(pattern)) for pattern, place in zip(entry.patterns, entry.places, strict=True)]
        text += f"\n${name}:\n" + table(rows)
    return text


def _parameters(check: object) -> Iterator[tuple[str, str]]:
    assert dataclasses.is_dataclass(check)
    for field in dataclasses.fields(check):
        value = getattr(check, field.name)
        if isinstance(value, (Condition, AllOf, AnyOf, Not, Field)):
            yield field.name, tree_text(value)
        elif isinstance(value, Scope):
            yield "where", scope_text(value)
        elif isinstance(value, Extent):
            yield field.name, extent_text(value)
        elif isinstance(value, tuple):
            yield field.name.rstrip("_"), name_of(value) if value else ""
        elif value is not None:
            yield field.name, f"{value:g}" if isinstance(value, float) else str(value)


def tree_text(tree: ConditionTree) -> str:
    """A condition in a line."""
    if isinstance(tree, AllOf):
        return " and ".join(f"({tree_text(part)})" for part in tree.all)
    if isinstance(tree, AnyOf):
        return " or ".join(f"({tree_text(part)})" for part in tree.any)
    if isinstance(tree, Not):
        return f"not ({tree_text(tree.negate)})"
    if isinstance(tree, Field):
        return f"{tree.field} {tree.op} {'' if tree.value is None else tree.value}".strip()
    what = f"any of {name_of(tree.any)}" if tree.any else "any text"
    return f"{what} in {scope_text(tree.scope)}" + (f", except {name_of(tree.except_)}" if tree.except_ else "")


def scope_text(scope: Scope) -> str:
    """Which messages, in words."""
    who = "/".join(Role(role).name.lower() for role in scope.role)
    parts = [
        f"the {which} {extent_text(extent)}"
        for which, extent in (("first", scope.first), ("last", scope.last))
        if extent
    ]
    return f"messages of {who}" + (f", {' and '.join(parts)}" if parts else "")


def extent_text(extent: Extent) -> str:
    """``2 messages``."""
    return f"{extent.count:g} {extent.unit}" + ("" if extent.count == 1 else "s")


def name_of(node: Any) -> str:
    """A pattern or guard as it stands in YAML, in short."""
    if isinstance(node, Literal):
        return node.text
    if isinstance(node, ListRef):
        return f"${node.name}"
    if isinstance(node, tuple):
        return "[" + ", ".join(name_of(item) for item in node) + "]"
    if isinstance(node, Role):
        return node.name.lower()
    if not dataclasses.is_dataclass(node):
        return str(node).lower() if isinstance(node, bool) else str(node)
    first = dataclasses.fields(node)[0].name
    return f"{{{first}: {name_of(getattr(node, first))}}}"


def parts_of(node: Any) -> Iterator[Any]:
    """All patterns, list names and guards anywhere in a rule."""
    if isinstance(node, tuple):
        for item in node:
            yield from parts_of(item)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        if isinstance(node, (Literal, Word, Regex, Fuzzy, ListRef, *GUARDS)):
            yield node
        for field in dataclasses.fields(node):
            if field.name not in ("tests", "place"):
                yield from parts_of(getattr(node, field.name))
