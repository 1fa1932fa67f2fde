"""Where lints report to: places become diagnostics with their source line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_scorer.model.patterns import Fuzzy, ListRef, Literal, Pattern, Regex, Word
from qa_scorer.model.rules import Place, Rule
from qa_scorer.rulebook import Diagnostic, Reading
from qa_scorer.rulebook.source import Source
from qa_scorer.ruletools.describe import parts_of

_TOKEN = re.compile(r"\{[^}]*\}|'[^']*'|\"[^\"]*\"|[^,\]}#\s]+")


class Findings:
    """A reading and what lints say of it and of its case files. Only what the user wrote is judged, never the builtin
    rules."""

    def __init__(self, reading: Reading, cases: Sequence[Source]) -> None:
        self.reading = reading
        self.rulebook = reading.rulebook
        sources = (*(document.source for document in reading.files.documents), *cases)
        self._sources: dict[str, Source] = {source.file: source for source in sources}

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

    def own_patterns(self) -> Iterator[tuple[Pattern, Place]]:
        """Every pattern that the user wrote: those of lists at their own place, those in a rule at the rule's."""
        for entry in self.rulebook.lists.values():
            yield from (
                (pattern, place) for pattern, place in zip(entry.patterns, entry.places, strict=True) if self.own(place)
            )
        for rule, place in self.own_rules():
            for node in parts_of(rule):
                if isinstance(node, (Literal, Word, Regex, Fuzzy)):
                    yield node, place

    def opened(self, refs: tuple[object, ...], fallback: Place) -> Iterator[tuple[Pattern, Place]]:
        """The patterns behind references, with their places."""
        for ref in refs:
            if isinstance(ref, ListRef):
                entry = self.rulebook.lists.get(ref.name)
                if entry is not None:
                    yield from zip(entry.patterns, entry.places, strict=True)
            elif isinstance(ref, (Literal, Word, Regex, Fuzzy)):
                yield ref, fallback


def text_of(pattern: Pattern) -> str:
    """The text of a pattern that is no regex."""
    if isinstance(pattern, Literal):
        return pattern.text
    if isinstance(pattern, Word):
        return pattern.word
    return pattern.fuzzy if isinstance(pattern, Fuzzy) else ""
