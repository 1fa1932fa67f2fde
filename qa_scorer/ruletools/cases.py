"""Tests of rules in files of their own: YAML lists, or JSON Lines, of ``{rule, name, chat, expect, metadata}``.

With ``standard`` in place of ``rule`` a case tests all rules of an item together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Place, Rulebook, RuleTest
from qa_scorer.rulebook.diagnostics import Diagnostic, render_all
from qa_scorer.rulebook.grammar import keys_of
from qa_scorer.rulebook.shapes import Key, Record, Text, items
from qa_scorer.rulebook.source import Rejected, Source, did_you_mean


@dataclass(frozen=True, slots=True)
class ItemTest(RuleTest):
    """A test of an item of the standard. The same object stands with each of the item's rules; the gravest of their
    verdicts is what it expects."""

    item: str = ""


def with_cases(rulebook: Rulebook, paths: Sequence[Path]) -> Rulebook:
    """The rulebook, its rules with the tests of the files beside their own.

    Raises RulebookError with every mistake of every file.
    """
    whole, sources = read_cases(rulebook, paths)
    wrong = [diagnostic for source in sources for diagnostic in source.diagnostics]
    if wrong:
        raise RulebookError(f"{render_all(wrong)}\nno test was run")
    return whole


def read_cases(rulebook: Rulebook, paths: Sequence[Path]) -> tuple[Rulebook, list[Source]]:
    """The rulebook with the tests of the files beside its own, and the files with what is wrong in them; the last source
    of a file has all its lines."""
    more = _More(rulebook)
    sources = [source for path in paths for source in _read(path, more)]
    rules = tuple(dataclasses.replace(rule, tests=(*rule.tests, *more.by_rule[rule.id])) for rule in rulebook.rules)
    return dataclasses.replace(rulebook, rules=rules), sources


class _More:
    """The cases of each rule, and which rules judge each item of the standard."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.by_rule: dict[str, list[RuleTest]] = {rule.id: [] for rule in rulebook.rules}
        self.items: dict[str, list[str]] = {}
        for rule in rulebook.rules:
            for item in rule.standard:
                self.items.setdefault(item, []).append(rule.id)


def _read(path: Path, more: _More) -> Iterator[Source]:
    """Add a file's cases to ``more``; gives the sources that know what is wrong."""
    source = Source(str(path), "")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        source.diagnostics.append(_unreadable(path, f"the file cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        source.diagnostics.append(_unreadable(path, f"the file is not UTF-8 (byte {error.start})"))
    if source.diagnostics:
        yield source
        return
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        for number, line in enumerate(text.splitlines()):
            if line.strip():
                # JSON is YAML; the empty lines before it put it on its own line for the diagnostics.
                source = Source(str(path), "\n" * number + line)
                root = source.compose()
                if root is not None:
                    _add(root, source, more)
                yield source
        yield Source(str(path), text)
        return
    source = Source(str(path), text)
    root = source.compose()
    if root is not None:
        try:
            for node in items(root, source):
                _add(node, source, more)
        except Rejected:
            pass
    yield source


def _unreadable(path: Path, message: str) -> Diagnostic:
    return Diagnostic("Q100", message, Place(str(path), 1), help="Give cases in YAML or JSON Lines, in UTF-8.")


def _add(node: yaml.Node, source: Source, more: _More) -> None:
    try:
        given = _record().given(node, source)
    except Rejected:
        return
    place = source.place(node)
    given = {"name": f"line {place.line}", **given, "place": place}
    rule, item = given.pop("rule", None), given.pop("standard", None)
    if rule and item:
        source.report("Q106", "a case has `rule` or `standard`, not both", node)
    elif item and item not in more.items:
        source.report("Q106", f"no rule judges {item}", node, help=did_you_mean(item, list(more.items)))
    elif item:
        test = ItemTest(**given, item=item)
        for name in more.items[item]:
            more.by_rule[name].append(test)
    elif rule not in more.by_rule:
        source.report("Q106", f"there is no rule {rule}", node, help=did_you_mean(rule, list(more.by_rule)))
    else:
        more.by_rule[rule].append(RuleTest(**given))


def _record() -> Record:
    keys = {
        name: dataclasses.replace(key, required=name != "name" and key.required)
        for name, key in keys_of(RuleTest).items()
    }
    whose = {name: Key(name, Text()) for name in ("rule", "standard")}
    return Record("the case", {**whose, **keys}, dict, need_one=tuple(whose))
