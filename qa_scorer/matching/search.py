"""The messages of one batch as distinct texts of an index, and the patterns found in them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.matching.columns import expand_ranges
from qa_scorer.matching.index import Spans, TextIndex, concatenate

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Search:
    """The distinct texts of one batch, numbered from 0 (t texts), and what an index knows of them.

    ``text`` int64 (n,) is the text of each message, ``numbers`` int64 (t,) what the index calls each text. A regex or fuzzy phrase is verified when a rule asks for it, in the texts that the rule looks at.
    """

    def __init__(self, index: TextIndex, messages: pa.Array) -> None:
        self.index = index
        encoded = messages.dictionary_encode()
        self.text: Ints = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self._originals = encoded.dictionary
        self.numbers = index.numbers(self._originals)

    @cached_property
    def texts(self) -> list[str]:
        """The original texts."""
        texts: list[str] = self._originals.to_pylist()
        return texts

    @cached_property
    def number_of(self) -> Ints:
        """What the index calls each message's text, int64 (n,)."""
        return self.numbers[self.text]

    @cached_property
    def sizes(self) -> Ints:
        """Characters of each original text, int64 (t,)."""
        sizes: Ints = pc.utf8_length(self._originals).to_numpy(zero_copy_only=False).astype(np.int64)
        return sizes

    def chosen(self, numbers: Ints) -> Bools:
        """The texts that the index calls so, bool (t,)."""
        chosen = np.zeros(len(self.numbers), dtype=np.bool_)
        chosen[self._local[numbers]] = True
        return chosen

    def find(self, patterns: Ints, texts: Bools) -> Spans:
        """Every occurrence of any of the patterns (sorted numbers) in the chosen texts (bool, t), by text."""
        first, columns = self._hits
        rows = expand_ranges(first[patterns], first[patterns + 1])
        rows = rows[texts[columns[0][rows]]]
        parts = [Spans(*(column[rows] for column in columns))]
        dear = patterns[self.index.patterns.verified[patterns]]
        return concatenate(parts + [self._verified(pattern, texts) for pattern in dear.tolist()])

    def clean(self, message: int) -> str:
        """The clean view of a message."""
        return self.index.clean(int(self.number_of[message]))

    def clean_origin(self, message: int) -> Ints:
        """Where each character of a message's clean view stands in the original, int64 (characters,)."""
        return self.index.clean_origin(int(self.number_of[message]))

    def bare(self, message: int) -> str:
        """The bare view of a message."""
        return self.index.bare(int(self.number_of[message]))

    @cached_property
    def bare_sizes(self) -> Ints:
        """Characters of each message's bare view, int64 (n,)."""
        return self.index.bare_sizes(self.number_of)

    @cached_property
    def _hits(self) -> tuple[Ints, list[Ints]]:
        """(where each pattern's rows begin, text, start and end of what the automaton found), sorted by pattern."""
        pattern, *columns = self.index.hits(self.numbers)
        order, first = self._by_pattern(pattern)
        return first, [column[order] for column in columns]

    @cached_property
    def _passed(self) -> tuple[Ints, Ints]:
        """(where each pattern's rows begin, texts that pass its gate), sorted by pattern."""
        pattern, passed = self.index.passed(self.numbers)
        order, first = self._by_pattern(pattern)
        return first, passed[order]

    @cached_property
    def _local(self) -> Ints:
        """The number in this batch of each text of the index, -1 for others."""
        local = np.full(len(self.index), -1, dtype=np.int64)
        local[self.numbers] = np.arange(len(self.numbers))
        return local

    def _verified(self, pattern: int, texts: Bools) -> Spans:
        """Matches of a regex or fuzzy phrase in the chosen texts (bool, t)."""
        if self.index.patterns.ungated[pattern]:
            candidates = np.flatnonzero(texts)
        else:
            first, passed = self._passed
            candidates = passed[first[pattern] : first[pattern + 1]]
            candidates = candidates[texts[candidates]]
        found = self.index.verify(pattern, self.numbers[candidates])
        return Spans(self._local[found.message], found.start, found.end)

    def _by_pattern(self, pattern: Ints) -> tuple[Ints, Ints]:
        """(stable order of the rows by pattern, where each pattern's rows begin)."""
        patterns = len(self.index.patterns.patterns)
        # Small integers are sorted by radix, many times as fast.
        narrow = pattern.astype(np.uint16 if patterns < 1 << 16 else np.uint32)
        counts = np.bincount(pattern, minlength=patterns)
        return np.argsort(narrow, kind="stable"), np.concatenate(([0], np.cumsum(counts)))
