"""Tests of rules in files of their own: YAML lists, or JSON Lines, of ``{rule, name, chat, expect, metadata}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Place, Rulebook, RuleTest
from qa_scorer.rulebook.diagnostics import Diagnostic, render_all
from qa_scorer.rulebook.grammar import keys_of
from qa_scorer.rulebook.shapes import Key, Record, Text, items
from qa_scorer.rulebook.source import Rejected, Source, did_you_mean


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
    more: dict[str, list[RuleTest]] = {rule.id: [] for rule in rulebook.rules}
    sources = [source for path in paths for source in _read(path, more)]
    rules = tuple(dataclasses.replace(rule, tests=(*rule.tests, *more[rule.id])) for rule in rulebook.rules)
    return dataclasses.replace(rulebook, rules=rules), sources


def _read(path: Path, more: dict[str, list[RuleTest]]) -> Iterator[Source]:
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


def _add(node: yaml.Node, source: Source, more: dict[str, list[RuleTest]]) -> None:
    try:
        given = _record().given(node, source)
    except Rejected:
        return
    rule = given.pop("rule")
    if rule not in more:
        source.report("Q106", f"there is no rule {rule}", node, help=did_you_mean(rule, list(more)))
        return
    place = source.place(node)
    more[rule].append(RuleTest(**{"name": f"line {place.line}", **given}, place=place))


def _record() -> Record:
    keys = {
        name: dataclasses.replace(key, required=name != "name" and key.required)
        for name, key in keys_of(RuleTest).items()
    }
    return Record("the case", {"rule": Key("rule", Text(), required=True), **keys}, dict)
