"""Documents become one rulebook: definitions joined, lists replaced or lengthened, overrides applied, names checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from qa_scorer.model.rules import Dimension, PatternList, Place, Rule, Rulebook, Scoring
from qa_scorer.rulebook.documents import Document, Entry, check_worth
from qa_scorer.rulebook.files import Files
from qa_scorer.rulebook.shapes import keys
from qa_scorer.rulebook.source import Source, did_you_mean

_NEGATIONS = "未没不无"  # a group's name with one of these before it is the group denied
_PROSE = ("id", "title", "standard", "dimension", "advice", "reason", "tests")


@dataclass
class Merged:
    """A rulebook in the making. ``owner`` tells which document defined a name last, and where."""

    dimensions: dict[str, Dimension] = field(default_factory=dict)
    lists: dict[str, PatternList] = field(default_factory=dict)
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], Entry] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    known_rules: set[str] = field(default_factory=set)
    known_dimensions: set[str] = field(default_factory=set)
    scoring: dict[str, Any] = field(default_factory=dict)
    owner: dict[tuple[str, str], tuple[int, Place]] = field(default_factory=dict)
    name: str = ""
    language: str = "zh"


def merge(files: Files) -> tuple[Rulebook, dict[tuple[str, str], Place]]:
    """One rulebook of all documents, and the place of each (kind, name); what does not stand is reported to the
    documents' sources."""
    merged = Merged()
    for number, document in enumerate(files.documents):
        _take_document(merged, document, number, files.ancestors[number])
    for document in files.documents:
        _check_names(merged, document)
    rulebook = Rulebook(
        merged.name,
        tuple(merged.rules.values()),
        tuple(merged.dimensions.values()),
        merged.lists,
        merged.synonyms,
        tuple(merged.conflicts),
        Scoring(**merged.scoring),
        merged.language,
    )
    return rulebook, {key: place for key, (_, place) in merged.owner.items()}


def _take_document(merged: Merged, document: Document, number: int, ancestors: frozenset[int]) -> None:
    merged.name = document.name or merged.name
    merged.language = document.language or merged.language
    merged.scoring |= document.scoring
    _check_grades(merged, document)

    def fresh(kind: str, what: str, name: str, node: yaml.Node) -> bool:
        """The name is new, or inherited and therefore open to replacement."""
        place = document.source.place(node)
        before = merged.owner.get((kind, name))
        if before is not None and (kind == "rule" or before[0] not in ancestors):
            help = "Change an inherited rule under `overrides:`." if kind == "rule" and before[0] in ancestors else ""
            document.source.report("Q201", f"{what} is defined twice; first at {before[1]}", node, help=help)
            return False
        merged.owner[kind, name] = (number, place)
        return True

    for name, entry in document.dimensions.items():
        merged.known_dimensions.add(name)
        if fresh("dimension", f"dimension {name}", name, entry.node) and entry.value is not None:
            merged.dimensions[name] = entry.value
    for written, entry in document.lists.items():
        name = written.removesuffix("+")
        if written.endswith("+"):
            _lengthen(merged, document, name, entry)
        elif fresh("list", f"list {name}", name, entry.node):
            merged.lists[name] = entry.value
    for name, entry in document.synonyms.items():
        if fresh("synonym", f"synonym group {name}", name, entry.node) and entry.value is not None:
            merged.synonyms[name] = entry.value
    for entry in document.conflicts:
        merged.conflicts[entry.value] = entry
    for name, node in document.rule_ids:
        merged.known_rules.add(name)
        if not fresh("rule", f"rule {name}", name, node):
            continue
        for entry in document.rules:
            if entry.value.id == name and entry.value.place == document.source.place(node):
                merged.rules[name] = entry.value
    for entry in document.overrides:
        _override(merged, document, entry)


def _lengthen(merged: Merged, document: Document, name: str, entry: Entry) -> None:
    before = merged.lists.get(name)
    if before is None:
        document.source.report("Q202", f"list {name} is not defined before `{name}+`", entry.node,
                               help=f"Write `{name}:` to define it. {did_you_mean(name, list(merged.lists))}".strip())  # fmt: skip
        return
    added = entry.value
    new = [n for n, pattern in enumerate(added.patterns) if pattern not in before.patterns]
    patterns = (*before.patterns, *(added.patterns[n] for n in new))
    merged.lists[name] = PatternList(name, patterns, (*before.places, *(added.places[n] for n in new)))


def _override(merged: Merged, document: Document, entry: Entry) -> None:
    changes = dict(entry.value)
    name = changes.pop("rule")
    changes.pop("reason")
    enabled = changes.pop("enabled", True)
    rule = merged.rules.get(name)
    if rule is None:
        if name not in merged.known_rules:
            node = keys(entry.node, document.source)["rule"][1]
            help = did_you_mean(name, sorted(merged.known_rules)) if merged.known_rules else ""
            document.source.report("Q204", f"there is no rule {name}", node, help=help)
        return
    if not enabled:
        del merged.rules[name]
        return
    changed = dataclasses.replace(rule, **changes)
    wrong = check_worth(
        {field_name: getattr(changed, field_name) for field_name in ("points", "deduct", "bonus", "veto", "cap")}
    )
    if wrong:
        document.source.report(wrong[0], f"rule {name} after this override: {wrong[1]}", entry.node)
        return
    merged.rules[name] = changed


def _check_grades(merged: Merged, document: Document) -> None:
    grades = document.scoring.get("grades")
    if grades is None or document.scoring_node is None:
        return
    node = keys(document.scoring_node, document.source)["grades"][1]
    least = [value for _, value in grades]
    if not grades or least[-1] > merged.scoring.get("floor", 0.0):
        document.source.report("Q403", "the lowest grade must begin at the floor of the score", node)
    elif len(set(least)) < len(least):
        document.source.report("Q403", "two grades begin at the same score", node)


def _check_names(merged: Merged, document: Document) -> None:
    """Everything that a document names is defined somewhere in the rulebook."""
    for node in document.rule_nodes:
        _check_rule_names(merged, document.source, node)
    group_of: dict[str, str] = {}
    for group, words in merged.synonyms.items():
        for word in (group, *words):
            group_of.setdefault(word, group)
    for group, entry in document.synonyms.items():
        for word in entry.value or ():
            if group_of.get(word, group) != group:
                document.source.report("Q206", f"{word} stands in the groups {group_of[word]} and {group}", entry.node)
    for entry in document.conflicts:
        for word in entry.value:
            if word not in merged.synonyms and (word[0] not in _NEGATIONS or word[1:] not in merged.synonyms):
                help = did_you_mean(word, list(merged.synonyms))
                document.source.report(
                    "Q206", f"the conflict names {word}, which is no synonym group", entry.node, help=help
                )


def _check_rule_names(merged: Merged, source: Source, node: yaml.Node) -> None:
    """The dimension and the lists of a rule are there. Looks at the text, so that a rule with other mistakes counts."""
    for key, value in node.value:
        if (
            key.value == "dimension"
            and isinstance(value, yaml.ScalarNode)
            and value.value not in merged.known_dimensions
        ):
            help = did_you_mean(value.value, sorted(merged.known_dimensions)) or "Define it under `dimensions:`."
            source.report("Q203", f"dimension {value.value} is not defined", value, help=help)
        if key.value in _PROSE:
            continue
        for scalar in _names_in(value):
            if scalar.value[1:] not in merged.lists:
                help = did_you_mean(scalar.value[1:], sorted(merged.lists)) or "Define it under `lists:`."
                source.report("Q202", f"list {scalar.value} is not defined", scalar, help=help)


def _names_in(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The places that refer to a list: ``$name``."""
    if isinstance(node, yaml.ScalarNode):
        if node.value.startswith("$"):
            yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value not in ("regex", "word", "fuzzy"):
                yield from _names_in(value)
    else:
        for item in node.value:
            yield from _names_in(item)
