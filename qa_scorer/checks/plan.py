"""A rulebook made ready for judging: pattern numbers instead of patterns, and who needs which pattern where."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_scorer.errors import RulebookError
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.search import PatternSet
from qa_scorer.model.patterns import Condition, Fuzzy, ListRef, Literal, Pattern, PatternRef, Regex, Scope, Word
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EVERYWHERE = Scope(role=(Role.AGENT, Role.CUSTOMER, Role.BOT))


class Plan:
    """Compiled once per process; holds nothing of any batch."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Raises RulebookError for an undefined list, an invalid regex, or text that normalisation erases."""
        self.rulebook = rulebook
        self._lists = {name: entry.patterns for name, entry in rulebook.lists.items()}
        self._scopes: dict[Pattern, set[Scope]] = {}
        self._numbers: dict[tuple[PatternRef, ...], Ints] = {}
        for rule in rulebook.rules:
            for scope, refs in _pattern_uses(rule):
                for pattern in self.expand(refs):
                    self._scopes.setdefault(pattern, set()).add(scope)
        self.patterns = PatternSet(self._scopes)

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

    def needed(self, batch: Batch, number: int) -> Bools:
        """Messages in which any rule asks for the pattern."""
        masks = [batch.mask(scope) for scope in self._scopes[self.patterns.patterns[number]]]
        return np.logical_or.reduce(masks)


def _pattern_uses(node: Any) -> Iterator[tuple[Scope, tuple[PatternRef, ...]]]:
    """(scope, patterns) of every condition below a rule; patterns outside a condition's ``any`` count everywhere."""
    if isinstance(node, Condition):
        yield node.scope, node.any
        yield from _pattern_uses(node.except_)
    elif isinstance(node, (Literal, Word, Regex, Fuzzy, ListRef)):
        yield EVERYWHERE, (node,)
    elif isinstance(node, tuple):
        for item in node:
            yield from _pattern_uses(item)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        for field in dataclasses.fields(node):
            if field.name not in ("tests", "place"):
                yield from _pattern_uses(getattr(node, field.name))
