"""What is known of distinct texts: agents send canned replies and a month of chats repeats itself, so a text is searched
once and the answer is shared by all messages that hold it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.matching import fuzzy, segment, triggers
from qa_scorer.matching.columns import Rows
from qa_scorer.matching.needles import Needles, Uses
from qa_scorer.matching.normalise import Views, make_views
from qa_scorer.matching.patternset import PatternSet
from qa_scorer.matching.written import Written
from qa_scorer.model.patterns import Fuzzy, Regex

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
T = TypeVar("T")

MIN_SPACED = 5
"""Phrases under this many characters must stand without blanks or punctuation inside, or be spelled out letter by
letter: 不，可能 is no 不可能."""

MOST_TEXTS = 65_536
"""Distinct texts that an index remembers."""

FEW_TEXTS = 2_000
"""Up to so many texts, trying every regex takes less time than finding out what each requires."""

_NEVER_SPACED = 1 << 30


@dataclass(frozen=True, slots=True)
class Spans:
    """Occurrences in columns of equal length; ``start``/``end`` are code points in the original text. ``message`` is
    the number of a message or of a text: the function that returns spans says which."""

    message: Ints
    start: Ints
    end: Ints

    @classmethod
    def none(cls) -> Spans:
        """No occurrence."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


_NOTHING = Spans.none()


class Memory(Protocol):
    """What somebody remembers per text of an index."""

    def keep(self, texts: Ints) -> None:
        """Forget all but these texts, which are numbered anew in their order."""


M = TypeVar("M", bound=Memory)


class ByText(dict[int, T]):
    """Something for each text."""

    def keep(self, texts: Ints) -> None:
        """Forget all but these texts, which are numbered anew in their order."""
        kept = {number: self[text] for number, text in enumerate(texts.tolist()) if text in self}
        self.clear()
        self.update(kept)


class TextIndex(Written):
    """Distinct texts, numbered from 0: their views, what the automaton found in them, and the dear matches so far.

    Everything per text stands in columns that grow; when they would hold more than ``MOST_TEXTS`` texts, only those that
    come again are kept, so memory stays flat.
    """

    def __init__(self, patterns: PatternSet) -> None:
        super().__init__()
        self.patterns = patterns
        self.needles = Needles(patterns, for_many=False)
        self._texts = pa.array([], pa.string())
        self._hits = Rows(3)  # of the automaton, by text: pattern, start, end
        self._candidates = Rows(1)  # patterns whose gates a text passes, by text
        self._checked: dict[int, Bools] = {}  # by pattern, the texts that were tried
        self._found: dict[int, Spans] = {}  # ``message`` is the text's number
        self._memories: dict[Hashable, Memory] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, texts: pa.Array) -> Ints:
        """The numbers of distinct texts, int64; unknown ones are searched first. Numbers given out before may change."""
        if not self.needles.for_many and len(self) + len(texts) > FEW_TEXTS:
            self.keep(np.zeros(0, dtype=np.int64))  # their keys were not looked for
            self.needles = Needles(self.patterns, for_many=True)
        numbers = pc.index_in(texts, self._texts).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        fresh = np.flatnonzero(numbers < 0)
        if len(self) and len(self) + len(fresh) > MOST_TEXTS:
            known = np.flatnonzero(numbers >= 0)
            self.keep(numbers[known])
            numbers[known] = np.arange(len(known))
        if len(fresh):
            numbers[fresh] = np.arange(len(self), len(self) + len(fresh))
            self._add(texts.take(pa.array(fresh)))
        result: Ints = numbers
        return result

    def keep(self, texts: Ints) -> None:
        """Forget all but these texts, which are numbered anew in their order."""
        number_of = np.full(len(self), -1, dtype=np.int64)
        number_of[texts] = np.arange(len(texts))
        for pattern in list(self._checked):
            checked = self._checked_by(pattern)  # of all texts: one batch may hold more than are remembered
            kept = checked[texts]
            checked[: len(texts)] = kept
            checked[len(texts) :] = False
        super().keep(texts)
        self._texts = self._texts.take(pa.array(texts))
        self._hits.keep(texts)
        self._candidates.keep(texts)
        for pattern, found in self._found.items():
            number = number_of[found.message]
            rows = np.flatnonzero(number >= 0)
            self._found[pattern] = Spans(number[rows], found.start[rows], found.end[rows])
        for memory in self._memories.values():
            memory.keep(texts)

    def remembered(self, key: Hashable, kind: Callable[[], M]) -> M:
        """What others remember per text under a key; made by ``kind`` when first asked for."""
        if key not in self._memories:
            self._memories[key] = kind()
        memory: M = self._memories[key]  # type: ignore[assignment]  # a key is always asked for with the same kind
        return memory

    def hits(self, texts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """(pattern, position in ``texts``, start, end) of all that the automaton found in the texts."""
        rows, position = self._hits.of(texts)
        pattern, start, end = self._hits.columns(rows)
        return pattern, position, start, end

    def candidates(self, texts: Ints) -> tuple[Ints, Ints]:
        """(pattern, position in ``texts``) of all patterns whose gates the texts pass."""
        rows, position = self._candidates.of(texts)
        return self._candidates.columns(rows)[0], position

    def verify(self, number: int, candidates: Ints) -> Spans:
        """All matches of a regex or fuzzy phrase in the candidates, texts that pass its gates; none is searched twice."""
        if not len(candidates):
            return _NOTHING
        checked = self._checked_by(number)
        is_known = checked[candidates]
        fresh = candidates[~is_known]
        found = self._match(number, fresh) if len(fresh) else _NOTHING
        known = self._found.get(number, _NOTHING)
        checked[fresh] = True
        if len(found.message):
            self._found[number] = concatenate([known, found])
        if len(fresh) == len(candidates) or not len(known.message):
            return found
        asked = np.zeros(len(checked), dtype=np.bool_)
        asked[candidates] = True
        keep = asked[known.message]
        return concatenate([Spans(known.message[keep], known.start[keep], known.end[keep]), found])

    def _checked_by(self, number: int) -> Bools:
        """The texts that a pattern was tried on, bool; there is room for every text."""
        checked = self._checked.get(number, np.zeros(0, dtype=np.bool_))
        if len(checked) < len(self):
            grown = np.zeros(max(len(self), MOST_TEXTS if self.needles.for_many else FEW_TEXTS), dtype=np.bool_)
            grown[: len(checked)] = checked
            checked = self._checked[number] = grown
        return checked

    def _add(self, texts: pa.Array) -> None:
        self._texts = pa.concat_arrays([self._texts, texts])
        views = make_views(texts)
        needles = self.needles
        needle, start = needles.find(views.bare)
        end = start + needles.sizes[needle]
        text = np.searchsorted(views.bare.starts, start, side="right") - 1
        parts = [
            _exact(needles.exact, MIN_SPACED, views, needle, text, start, end),
            _exact(needles.phrases, _NEVER_SPACED, views, needle, text, start, end),
            _words(needles.words, views, needle, text, start, end),
        ]
        pattern, place, *span = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._hits.extend(place, len(texts), pattern, *span)
        sign, at = needles.find_signs(views.clean)
        is_key = needles.is_key[needle]
        key = np.concatenate((needle[is_key], sign))
        place = np.concatenate((text[is_key], np.searchsorted(views.clean.starts, at, side="right") - 1))
        passed, place = needles.gates.passed(key, place, len(texts))
        self._candidates.extend(place, len(texts), passed)
        self.add_views(views)

    def _match(self, number: int, texts: Ints) -> Spans:
        """The dear search: all matches of a regex, the best span of a fuzzy phrase in each text."""
        pattern = self.patterns.patterns[number]
        if isinstance(pattern, Regex):
            return self._match_regex(number, texts)
        assert isinstance(pattern, Fuzzy)
        phrase = self.patterns.forms[number]
        spans = [fuzzy.find_fuzzy(phrase, bare, pattern.min) for bare in self.bare(texts)]
        found = [(text, *span) for text, span in zip(texts.tolist(), spans, strict=True) if span is not None]
        rows = np.array(found, dtype=np.int64).reshape(-1, 3)
        return Spans(rows[:, 0], *self.bare_in_original(rows[:, 0], rows[:, 1], rows[:, 2]))

    def _match_regex(self, number: int, texts: Ints) -> Spans:
        """Many texts in one call: ``^`` and ``$`` stand for the ends of a line and nothing matches a line break, so a
        search over lines is the same as one search per text."""
        lines, begins = self.clean_lines(texts)
        few = not self.needles.for_many
        if few and not triggers.may_match(self.patterns.folded(number), lines.decode()):
            return _NOTHING
        found = [match.span() for match in self.patterns.compiled(number).finditer(lines)]
        if found and few:
            phrases = self.patterns.phrases([number])
            found = _occurrences(phrases[number], lines) if phrases else found
        if not found:
            return _NOTHING
        spans = np.fromiter(itertools.chain.from_iterable(found), np.int64, 2 * len(found)).reshape(-1, 2)
        spans = spans[spans[:, 1] > spans[:, 0]]
        line = np.searchsorted(begins, spans[:, 0], side="right") - 1
        text = texts[line]
        return Spans(text, *self.bytes_in_original(text, spans[:, 0] - begins[line], spans[:, 1] - begins[line]))


def _occurrences(phrases: Sequence[str], lines: bytes) -> list[tuple[int, int]]:
    """Where phrases stand in lines in UTF-8, those inside and across others too, as the automaton finds them."""
    found = []
    for phrase in phrases:
        sought, at = phrase.encode(), -1
        while (at := lines.find(sought, at + 1)) >= 0:
            found.append((at, at + len(sought)))
    return found


def _exact(uses: Uses, spaced: int, views: Views, needle: Ints, text: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
    """(pattern, text, start, end) of literals, in the original."""
    pattern, rows = uses.expand(needle, np.arange(len(needle)))
    solid = _is_solid(views, start[rows], end[rows], spaced)
    rows, origin = rows[solid], views.bare.origin
    return pattern[solid], text[rows], origin[start[rows]], origin[end[rows] - 1] + 1


def _words(uses: Uses, views: Views, needle: Ints, text: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
    """(pattern, text, start, end) of words, in the original."""
    pattern, rows = uses.expand(needle, np.arange(len(needle)))
    solid = _is_solid(views, start[rows], end[rows], _NEVER_SPACED)
    rows, pattern = rows[solid], pattern[solid]
    if not len(rows):
        return pattern, rows, rows, rows
    chosen, place = np.unique(text[rows], return_inverse=True)
    texts = [views.clean.message(index) for index in chosen]
    borders = segment.word_borders(texts)
    shift = np.cumsum([0, *(len(entry) + 1 for entry in texts)])[:-1][place] - views.clean.starts[text[rows]]
    begins = borders[views.bare_in_clean[start[rows]] + shift]
    ends = borders[views.bare_in_clean[end[rows] - 1] + 1 + shift]
    rows, pattern, origin = rows[begins & ends], pattern[begins & ends], views.bare.origin
    return pattern, text[rows], origin[start[rows]], origin[end[rows] - 1] + 1


def _is_solid(views: Views, start: Ints, end: Ints, spaced: int) -> Bools:
    """Hits without noise inside in the clean view, or of ``spaced`` characters: recognised in spite of it."""
    place = views.bare_in_clean
    solid: Bools = (place[end - 1] - place[start] + 1 == end - start) | (end - start >= spaced)
    return solid


def concatenate(parts: Sequence[Spans]) -> Spans:
    """All spans of the parts, in order."""
    parts = [part for part in parts if len(part.message)] or [_NOTHING]
    if len(parts) == 1:
        return parts[0]
    return Spans(
        np.concatenate([part.message for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    )
