"""One rule file, read into its parts. What does not fit is reported and left out; the rest is kept."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

import yaml

from qa_scorer.model.checks import CHECKS
from qa_scorer.model.limits import Between
from qa_scorer.model.patterns import Fuzzy, Literal, Regex, Word
from qa_scorer.model.rules import Dimension, PatternList, Rule, RuleTest, Scoring
from qa_scorer.rulebook.grammar import build_check, keys_of, patterns, rule_fields, rule_record
from qa_scorer.rulebook.shapes import Flag, Key, ListOf, MapOf, Number, Record, Text, items, keys, read_each
from qa_scorer.rulebook.source import Rejected, Source, did_you_mean

VERSION = 1
_LIST_NAME = re.compile(r"[\w-]+\+?")
_NAME = re.compile(r"\w[\w.-]*")
_PATTERNS = (Literal, Word, Regex, Fuzzy)


@dataclass(frozen=True)
class Entry:
    """A definition and the node that names it. ``value`` is ``None`` when it was reported."""

    node: yaml.Node
    value: Any


@dataclass
class Document:
    """The parts of one file. Names map to entries; ``lists`` keeps ``name`` and ``name+`` apart."""

    source: Source
    name: str | None = None
    language: str | None = None
    extends: list[tuple[yaml.Node, str]] = field(default_factory=list)
    scoring: dict[str, Any] = field(default_factory=dict)
    scoring_node: yaml.Node | None = None
    dimensions: dict[str, Entry] = field(default_factory=dict)
    lists: dict[str, Entry] = field(default_factory=dict)
    synonyms: dict[str, Entry] = field(default_factory=dict)
    conflicts: list[Entry] = field(default_factory=list)
    rules: list[Entry] = field(default_factory=list)
    rule_nodes: list[yaml.Node] = field(default_factory=list)
    rule_ids: list[tuple[str, yaml.Node]] = field(default_factory=list)
    overrides: list[Entry] = field(default_factory=list)


def read_document(source: Source) -> Document:
    """The parts of a file; every diagnostic of the file itself is in ``source`` afterwards."""
    document = Document(source)
    root = source.compose()
    if root is None:
        return document
    try:
        given = keys(root, source)
        _check_version(given, root, source)
    except Rejected:
        return document
    for name, (key, value) in given.items():
        if name == "version":
            continue
        if name not in PARTS:
            within = scoring_record().holds(name)
            help = f"`{name}` belongs in `scoring`." if within else did_you_mean(name, ["version", *PARTS])
            source.report("Q103", f"unknown key `{name}` in the rulebook", key, help=help)
            continue
        with suppress(Rejected):
            PARTS[name](document, value)
    return document


def _check_version(given: dict[str, tuple[yaml.Node, yaml.Node]], root: yaml.Node, source: Source) -> None:
    if "version" not in given:
        source.report("Q105", "`version` is missing in the rulebook", root, help=f"Begin with `version: {VERSION}`.")
        return
    node = given["version"][1]
    try:
        version = Number(whole=True, bounds=Between(1, None)).read(node, source)
    except Rejected:
        return
    if version > VERSION:
        raise source.reject("Q107", f"version {version} is newer than this program knows", node,
                            help=f"This program reads version {VERSION}. Update it: pip install -U qa-scorer")  # fmt: skip


def _read_name(document: Document, node: yaml.Node) -> None:
    document.name = Text().read(node, document.source)


def _read_language(document: Document, node: yaml.Node) -> None:
    document.language = Text().read(node, document.source)


def _read_extends(document: Document, node: yaml.Node) -> None:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in nodes:
        with suppress(Rejected):
            document.extends.append((item, Text().read(item, document.source)))


def _read_scoring(document: Document, node: yaml.Node) -> None:
    document.scoring_node = node
    document.scoring = scoring_record().given(node, document.source)
    if "grades" in document.scoring:
        grades = document.scoring["grades"].items()
        document.scoring["grades"] = tuple(sorted(grades, key=lambda grade: -grade[1]))


@cache
def scoring_record() -> Record:
    """The keys under ``scoring``."""
    grades = Key("grades", MapOf(Number()))
    return Record("`scoring`", {**keys_of_scoring(), "grades": grades}, dict)


def keys_of_scoring() -> dict[str, Key]:
    """The keys under ``scoring`` that hold one number each."""
    return {name: key for name, key in keys_of(Scoring).items() if name != "grades"}


@cache
def dimension_record() -> Record:
    """A dimension under its id."""
    return Record("the dimension", {name: key for name, key in keys_of(Dimension).items() if name != "id"}, dict)


def _read_dimensions(document: Document, node: yaml.Node) -> None:
    for name, entry in _named(document, node, lambda value, source: dimension_record().given(value, source), _NAME):
        value = None if entry.value is None else Dimension(id=name, **entry.value)
        document.dimensions[name] = Entry(entry.node, value)


def _read_lists(document: Document, node: yaml.Node) -> None:
    for name, entry in _named(document, node, _read_patterns, _LIST_NAME):
        value = PatternList(name.removesuffix("+"), *(entry.value or ((), ())))
        document.lists[name] = Entry(entry.node, value)


def _read_patterns(node: yaml.Node, source: Source) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The patterns of a list that fit, and their places."""
    shape = patterns(_PATTERNS)
    found = []
    for item in items(node, source):
        try:
            found.append((shape.read(item, source), source.place(item)))
        except Rejected:
            continue
    return tuple(pattern for pattern, _ in found), tuple(place for _, place in found)


def _read_synonyms(document: Document, node: yaml.Node) -> None:
    for name, entry in _named(document, node, ListOf(Text()).read, re.compile(r"\S+")):
        document.synonyms[name] = entry


def _read_conflicts(document: Document, node: yaml.Node) -> None:
    for item in items(node, document.source):
        try:
            pair = ListOf(Text()).read(item, document.source)
        except Rejected:
            continue
        if len(pair) == 2:
            document.conflicts.append(Entry(item, pair))
        else:
            document.source.report("Q102", f"a conflict names two groups, not {len(pair)}", item)


def _read_rules(document: Document, node: yaml.Node) -> None:
    for item in items(node, document.source):
        try:
            given = keys(item, document.source)
        except Rejected:
            continue
        document.rule_nodes.append(item)
        if "id" in given and isinstance(given["id"][1], yaml.ScalarNode):
            document.rule_ids.append((given["id"][1].value, given["id"][1]))
        try:
            document.rules.append(Entry(item, read_rule(item, document.source)))
        except Rejected:
            continue


def read_rule(node: yaml.Node, source: Source) -> Rule:
    """One rule with its tests. Raises Rejected after reporting everything that does not fit."""
    given = keys(node, source)
    if "check" not in given:
        for misspelt in get_close_matches("check", given, 1, 0.6):
            raise source.reject(
                "Q103", f"unknown key `{misspelt}` in the rule", given[misspelt][0], help="did you mean `check`?"
            )
        raise source.reject("Q105", "`check` is missing in the rule", next(iter(given.values()), (node, node))[0],
                            help=f"allowed: {', '.join(CHECKS)}")  # fmt: skip
    name_node = given["check"][1]
    name = Text().read(name_node, source)
    if name not in CHECKS:
        raise source.reject("Q106", f"{name!r} is no check", name_node, help=did_you_mean(name, list(CHECKS)))
    tests: tuple[RuleTest, ...] | None = ()
    try:
        tests = read_each(items(given["tests"][1], source), source, _read_test) if "tests" in given else ()
    except Rejected:
        tests = None
    values = rule_record(name).given(node, source, apart=("check", "tests"))
    own = {key: values.pop(key) for key in list(values) if key in rule_fields() and not _of_check(name, key)}
    _check_worth(own, node, source)
    if tests is None:
        raise Rejected
    return Rule(**own, check=build_check(name, values), tests=tests, place=source.place(given["id"][1]))


def _of_check(check: str, field_name: str) -> bool:
    """The check has a field of the same name, which stands before the rule's (``when`` of ``follow``)."""
    return field_name in {field.name for field in dataclasses.fields(CHECKS[check])}


def _read_test(node: yaml.Node, source: Source) -> RuleTest:
    record = Record("the test", keys_of(RuleTest), RuleTest)
    test: RuleTest = record.read(node, source)
    return dataclasses.replace(test, place=source.place(node))


def check_worth(values: dict[str, Any]) -> tuple[str, str] | None:
    """(code, message) when what a rule earns or costs does not stand together."""
    worth = [name for name in ("points", "deduct", "bonus") if values.get(name)]
    if len(worth) > 1:
        return "Q401", f"the rule has {' and '.join(f'`{name}`' for name in worth)}; one of them must go"
    if not worth and not values.get("veto"):
        return "Q401", "the rule is worth nothing: `points`, `deduct`, `bonus` or `veto` is missing"
    if values.get("cap") is not None and not values.get("deduct"):
        return "Q402", "`cap` limits deductions, and the rule has no `deduct`"
    return None


def _check_worth(values: dict[str, Any], node: yaml.Node, source: Source) -> None:
    wrong = check_worth(values)
    if wrong:
        given = keys(node, source)
        named = next((given[name][0] for name in ("cap", "points", "deduct", "bonus", "id") if name in given), node)
        raise source.reject(*wrong, named)


@cache
def override_record() -> Record:
    """What an override may change, and why."""
    rule = keys_of(Rule)
    changes = {name: rule[name] for name in ("points", "deduct", "cap", "bonus", "veto", "advice")}
    fixed = {"rule": Key("rule", Text(), required=True), "enabled": Key("enabled", Flag())}
    return Record("the override", {**fixed, **changes, "reason": Key("reason", Text(), required=True)}, dict)


def _read_overrides(document: Document, node: yaml.Node) -> None:
    for item in items(node, document.source):
        try:
            document.overrides.append(Entry(item, override_record().given(item, document.source)))
        except Rejected:
            continue


def _named(
    document: Document, node: yaml.Node, read: Callable[[yaml.Node, Source], Any], form: re.Pattern[str]
) -> Iterator[tuple[str, Entry]]:
    """The entries of a mapping of names; one that does not fit keeps its name, so that its uses are no mistakes."""
    source = document.source
    for name, (key, value) in keys(node, source).items():
        if not form.fullmatch(name):
            source.report("Q106", f"{name!r} is not allowed as a name", key)
            continue
        try:
            yield name, Entry(key, read(value, source))
        except Rejected:
            yield name, Entry(key, None)


PARTS: dict[str, Callable[[Document, yaml.Node], None]] = {
    "name": _read_name,
    "language": _read_language,
    "extends": _read_extends,
    "scoring": _read_scoring,
    "dimensions": _read_dimensions,
    "lists": _read_lists,
    "synonyms": _read_synonyms,
    "conflicts": _read_conflicts,
    "rules": _read_rules,
    "overrides": _read_overrides,
}
"""The keys of a rule file, beside ``version``."""
