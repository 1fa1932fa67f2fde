"""The messages of one batch as distinct texts of an index, and the patterns found in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.matching.columns import expand_ranges, order_by_number
from qa_scorer.matching.index import Spans, TextIndex, concatenate

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_FEW = 8
"""Fewer than an eighth of a batch's texts are few."""


class Search:
    """The distinct texts of one batch, numbered from 0 (t texts), and what an index knows of them.

    ``text`` int64 (n,) is the text of each message, ``numbers`` int64 (t,) what the index calls each text. A regex or
    fuzzy phrase is verified when a rule asks for it, in the texts that the rule looks at.
    """

    def __init__(self, index: TextIndex, messages: pa.Array) -> None:
        self.index = index
        encoded = messages.dictionary_encode()
        self.text: Ints = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self._originals = encoded.dictionary
        self.numbers = index.numbers(self._originals)

    def original(self, text: int) -> str:
        """A text as it was written."""
        written: str = self._originals[text].as_py()
        return written

    def originals(self, texts: Ints) -> pa.Array:
        """Texts as they were written."""
        return self._originals.take(pa.array(texts))

    @cached_property
    def number_of(self) -> Ints:
        """What the index calls each message's text, int64 (n,)."""
        return self.numbers[self.text]

    @cached_property
    def sizes(self) -> Ints:
        """Characters of each original text, int64 (t,)."""
        sizes: Ints = pc.utf8_length(self._originals).to_numpy(zero_copy_only=False).astype(np.int64)
        return sizes

    def texts_of(self, messages: Bools) -> Bools:
        """The texts that some of these messages (bool, n) hold, bool (t,)."""
        texts = np.zeros(len(self.numbers), dtype=np.bool_)
        texts[self.text[messages]] = True
        return texts

    def messages_with(self, texts: Bools) -> Ints:
        """The messages that hold one of the texts (bool, t), in order."""
        chosen = np.flatnonzero(texts)
        if len(chosen) * _FEW > len(texts):
            return np.flatnonzero(texts[self.text])
        order, first = self._by_text
        return np.sort(order[expand_ranges(first[chosen], first[chosen + 1])])

    def find(self, patterns: Ints, texts: Bools) -> Spans:
        """Every occurrence of any of the patterns (sorted numbers) in the chosen texts (bool, t), by text."""
        chosen = np.flatnonzero(texts)
        # In a batch of known texts a few are asked for, and looking at all of them would cost the most.
        few = len(chosen) * _FEW < len(texts)
        known = _ByPattern(self.index, self.numbers, chosen) if few else self._every
        found = known.hits(patterns)
        keep = texts[found.message]
        parts = [Spans(found.message[keep], found.start[keep], found.end[keep])]
        verified = self.index.needles.verified[patterns]
        for pattern, candidates in known.candidates(patterns[verified]):
            spans = self.index.verify(pattern, self.numbers[candidates[texts[candidates]]])
            parts.append(Spans(self._local[spans.message], spans.start, spans.end))
        return concatenate(parts)

    def clean(self, message: int) -> str:
        """The clean view of a message."""
        return self.index.clean(int(self.number_of[message]))

    def bare(self, messages: Ints) -> list[str]:
        """The bare view of each of these messages."""
        return self.index.bare(self.number_of[messages])

    @cached_property
    def bare_sizes(self) -> Ints:
        """Characters of each message's bare view, int64 (n,)."""
        return self.index.bare_sizes(self.number_of)

    @cached_property
    def _by_text(self) -> tuple[Ints, Ints]:
        """(the messages by text, where those of each text begin)."""
        return _sorted(self.text, len(self.numbers))

    @cached_property
    def _every(self) -> _ByPattern:
        return _ByPattern(self.index, self.numbers, np.arange(len(self.numbers)))

    @cached_property
    def _local(self) -> Ints:
        """The number in this batch of each text of the index, -1 for others."""
        local = np.full(len(self.index), -1, dtype=np.int64)
        local[self.numbers] = np.arange(len(self.numbers))
        return local


class _ByPattern:
    """What the automaton found in some texts of a batch, by pattern."""

    def __init__(self, index: TextIndex, numbers: Ints, texts: Ints) -> None:
        self._index = index
        self._texts = texts
        self._numbers = numbers[texts]

    def hits(self, patterns: Ints) -> Spans:
        """The occurrences of the patterns, by text."""
        first, columns = self._hits
        rows = expand_ranges(first[patterns], first[patterns + 1])
        return Spans(*(column[rows] for column in columns))

    def candidates(self, patterns: Ints) -> Iterator[tuple[int, Ints]]:
        """Each of these verified patterns with the texts that pass its gates, if there are any."""
        first, texts = self._candidates
        is_open = self._index.needles.gates.is_open[patterns]
        begin, end = first[patterns], first[patterns + 1]
        wanted = np.flatnonzero(is_open | (begin < end))
        for pattern, opened, start, stop in zip(
            patterns[wanted].tolist(),
            is_open[wanted].tolist(),
            begin[wanted].tolist(),
            end[wanted].tolist(),
            strict=True,
        ):
            yield pattern, self._texts if opened else texts[start:stop]

    @cached_property
    def _hits(self) -> tuple[Ints, list[Ints]]:
        pattern, position, *span = self._index.hits(self._numbers)
        order, first = _sorted(pattern, len(self._index.patterns.patterns))
        return first, [column[order] for column in (self._texts[position], *span)]

    @cached_property
    def _candidates(self) -> tuple[Ints, Ints]:
        pattern, position = self._index.candidates(self._numbers)
        order, first = _sorted(pattern, len(self._index.patterns.patterns))
        return first, self._texts[position[order]]


def _sorted(numbers: Ints, count: int) -> tuple[Ints, Ints]:
    """(stable order of the rows by number, where the rows of each of the ``count`` numbers begin)."""
    counts = np.bincount(numbers, minlength=count)
    return order_by_number(numbers, count), np.concatenate(([0], np.cumsum(counts)))
