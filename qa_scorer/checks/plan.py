"""A rulebook made ready for judging: pattern numbers instead of patterns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_scorer.errors import RulebookError
from qa_scorer.matching.index import TextIndex
from qa_scorer.matching.patternset import PatternSet
from qa_scorer.model.patterns import Fuzzy, ListRef, Literal, Pattern, PatternRef, Regex, Word
from qa_scorer.model.rules import Rulebook

Ints = npt.NDArray[np.int64]


class Plan:
    """Compiled once per process. ``index`` remembers what was found in texts, which changes no answer."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Raises RulebookError for an undefined list, an invalid regex, or text that normalisation erases."""
        self.rulebook = rulebook
        self._lists = {name: entry.patterns for name, entry in rulebook.lists.items()}
        self._numbers: dict[tuple[PatternRef, ...], Ints] = {}
        refs = tuple(ref for rule in rulebook.rules for ref in _pattern_refs(rule))
        self.patterns = PatternSet(self.expand(refs))
        self.index = TextIndex(self.patterns)

    def expand(self, refs: Iterable[PatternRef]) -> Iterator[Pattern]:
        """The patterns behind references, lists opened."""
        for ref in refs:
            if isinstance(ref, ListRef):
                if ref.name not in self._lists:
                    raise RulebookError(f"list ${ref.name} is not defined; defined are: {', '.join(self._lists)}")
                yield from self._lists[ref.name]
            else:
                yield ref

    def numbers(self, refs: tuple[PatternRef, ...]) -> Ints:
        """The sorted numbers of the patterns behind references."""
        known = self._numbers.get(refs)
        if known is None:
            known = np.unique([self.patterns.number[p] for p in self.expand(refs)]).astype(np.int64)
            self._numbers[refs] = known
        return known


def _pattern_refs(node: Any) -> Iterator[PatternRef]:
    """All patterns and lists that stand anywhere in a rule."""
    if isinstance(node, (Literal, Word, Regex, Fuzzy, ListRef)):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from _pattern_refs(item)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        for field in dataclasses.fields(node):
            if field.name not in ("tests", "place"):
                yield from _pattern_refs(getattr(node, field.name))
