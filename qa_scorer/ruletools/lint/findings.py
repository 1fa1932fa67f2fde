"""Where lints report to: places become diagnostics with their source line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from qa_scorer.model.patterns import Fuzzy, ListRef, Literal, Pattern, Regex, Word
from qa_scorer.model.rules import Place, Rule
from qa_scorer.rulebook import Diagnostic, Reading
from qa_scorer.rulebook.source import Source
from qa_scorer.ruletools.describe import parts_of

_PROSE = ("id", "title", "advice", "reason", "tests")
_TOKEN = re.compile(r"\{[^}]*\}|'[^']*'|\"[^\"]*\"|[^,\]}#\s]+")


class Findings:
    """A reading and what lints say of it and of its case files. Only what the user wrote is judged, never the builtin
    rules."""

    def __init__(self, reading: Reading, cases: Sequence[Source]) -> None:
        self.reading = reading
        self.rulebook = reading.rulebook
        sources = (*(document.source for document in reading.files.documents), *cases)
        self._sources: dict[str, Source] = {source.file: source for source in sources}
        self._scalars: dict[Place, list[tuple[str, Place]]] = {}
        for document in reading.files.documents:
            for node in document.rule_nodes:
                place = document.source.place(next((value for key, value in node.value if key.value == "id"), node))
                self._scalars[place] = [(scalar.value, document.source.place(scalar)) for scalar in _scalars(node)]

    def own(self, place: Place | None) -> bool:
        """The place is in a file of the user's."""
        return place is not None and not place.file.startswith("builtin:")

    def report(self, code: str, message: str, place: Place, *, help: str = "") -> None:
        """Add a finding; its caret covers the word, the quoted text or the braces at the place."""
        source = self._sources[place.file]
        found = _TOKEN.match(source.lines[place.line - 1], place.column - 1)
        source.report_at(code, message, place, len(found[0]) if found else 1, help=help)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of the reading's, those of the reader included."""
        return self.reading.diagnostics()

    def own_rules(self) -> Iterator[tuple[Rule, Place]]:
        """The rules that the user wrote."""
        for rule in self.rulebook.rules:
            if rule.place is not None and self.own(rule.place):
                yield rule, rule.place

    def spot(self, place: Place, text: str) -> Place:
        """Where the text stands as a key or a value in the rule of this place, outside its prose; else the place."""
        return next((at for value, at in self._scalars.get(place, ()) if value == text), place)

    def own_patterns(self) -> Iterator[tuple[Pattern, Place]]:
        """Every pattern that the user wrote, with its place."""
        for entry in self.rulebook.lists.values():
            yield from (
                (pattern, place) for pattern, place in zip(entry.patterns, entry.places, strict=True) if self.own(place)
            )
        for rule, place in self.own_rules():
            for node in parts_of(rule):
                if isinstance(node, (Literal, Word, Regex, Fuzzy)):
                    yield node, self.spot(place, written(node))

    def opened(self, refs: tuple[object, ...], fallback: Place) -> Iterator[tuple[Pattern, Place]]:
        """The patterns behind references, with their places."""
        for ref in refs:
            if isinstance(ref, ListRef):
                entry = self.rulebook.lists.get(ref.name)
                if entry is not None:
                    yield from zip(entry.patterns, entry.places, strict=True)
            elif isinstance(ref, (Literal, Word, Regex, Fuzzy)):
                yield ref, self.spot(fallback, written(ref))


def text_of(pattern: Pattern) -> str:
    """The text of a pattern that is no regex."""
    if isinstance(pattern, Literal):
        return pattern.text
    if isinstance(pattern, Word):
        return pattern.word
    return pattern.fuzzy if isinstance(pattern, Fuzzy) else ""


def written(pattern: Pattern) -> str:
    """A pattern as it stands in the file."""
    return pattern.regex if isinstance(pattern, Regex) else text_of(pattern)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value not in _PROSE:
                yield key
                yield from _scalars(value)
    else:
        for item in node.value:
            yield from _scalars(item)
