"""What is known of distinct texts: agents send canned replies and a month of chats repeats itself, so a text is searched
once and the answer is shared by all messages that hold it."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import re2

from qa_scorer.matching import fuzzy, segment
from qa_scorer.matching.columns import Column, Rows
from qa_scorer.matching.normalise import Views, make_views
from qa_scorer.matching.patternset import PatternSet, Uses
from qa_scorer.model.patterns import Fuzzy, Regex

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MIN_SPACED = 5
"""Phrases under this many characters must stand without blanks or punctuation inside, or be spelled out letter by
letter: 不，可能 is no 不可能."""

MOST_TEXTS = 65_536
"""Distinct texts that an index remembers."""

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


class TextIndex:
    """Distinct texts, numbered from 0: their views, what the automaton found in them, and the dear matches so far.

    Everything per text stands in columns that grow; when they hold ``MOST_TEXTS`` texts the index starts anew, so memory
    stays flat. ``memory`` is for others who remember something per text: it starts anew with the index.
    """

    def __init__(self, patterns: PatternSet) -> None:
        self.patterns = patterns
        self._forget()

    def _forget(self) -> None:
        self._texts = pa.array([], pa.string())
        self._hits = Rows(3)  # of the automaton, by text: pattern, start, end
        self._keys = Rows(1)  # of gates that stand in a text, by text
        self._clean: list[bytes] = []  # each with its line break
        self._bare: list[str] = []
        self._clean_origin = Rows(1)  # of every byte, by text
        self._bare_origin = Rows(1)  # of every character, by text
        self._clean_sizes, self._bare_sizes, self._digits = Column(), Column(), Column()
        self._checked = np.zeros((len(self.patterns.patterns), MOST_TEXTS), dtype=np.bool_)
        self._found: dict[int, Spans] = {}  # ``message`` is the text's number
        self.memory: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, texts: pa.Array) -> Ints:
        """The numbers of distinct texts, int64; unknown ones are searched first."""
        numbers = pc.index_in(texts, self._texts)
        if len(self) and len(self) + numbers.null_count > MOST_TEXTS:
            self._forget()
            numbers = pa.nulls(len(texts), pa.int32())
        result: Ints = numbers.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        fresh = np.flatnonzero(result < 0)
        if len(fresh):
            result[fresh] = np.arange(len(self), len(self) + len(fresh))
            self._add(texts.take(pa.array(fresh)))
        return result

    def clean(self, number: int) -> str:
        """The clean view of a text."""
        return self._clean[number][:-1].decode("utf-8", "surrogatepass")

    def clean_origin(self, number: int) -> Ints:
        """Where each character of the clean view stands in the original, int64 (characters,)."""
        first, after = self._clean_origin.first[number : number + 2].tolist()
        lead = (np.frombuffer(self._clean[number], dtype=np.uint8) & 0xC0) != 0x80
        origin: Ints = self._clean_origin.column(0)[first:after][lead][:-1].astype(np.int64)
        return origin

    def bare(self, number: int) -> str:
        """The bare view of a text."""
        return self._bare[number]

    def clean_sizes(self, numbers: Ints) -> Ints:
        """Characters of the clean view of each text, int64."""
        return self._clean_sizes.values[numbers].astype(np.int64)

    def digits(self, numbers: Ints) -> Ints:
        """ASCII digits in the clean view of each text, int64."""
        return self._digits.values[numbers].astype(np.int64)

    def bare_sizes(self, numbers: Ints) -> Ints:
        """Characters of the bare view of each text, int64."""
        return self._bare_sizes.values[numbers].astype(np.int64)

    def hits(self, texts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """(pattern, position in ``texts``, start, end) of all that the automaton found in the texts."""
        rows, position = self._hits.of(texts)
        pattern, start, end = self._hits.columns(rows)
        return pattern, position, start, end

    def keys(self, texts: Ints) -> tuple[Ints, Ints]:
        """(key, position in ``texts``) of all keys of gates that stand in the texts, each once."""
        rows, position = self._keys.of(texts)
        return self._keys.columns(rows)[0], position

    def verify(self, number: int, candidates: Ints) -> Spans:
        """All matches of a regex or fuzzy phrase in the candidates, texts that pass its gates; none is searched twice."""
        if not len(candidates):
            return _NOTHING
        checked = self._checked[number]
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

    def _add(self, texts: pa.Array) -> None:
        self._texts = pa.concat_arrays([self._texts, texts])
        views = make_views(texts)
        patterns = self.patterns
        needle, start = patterns.find_needles(views.bare)
        end = start + patterns.sizes[needle]
        text = np.searchsorted(views.bare.starts, start, side="right") - 1
        parts = [
            _exact(patterns.exact, MIN_SPACED, views, needle, text, start, end),
            _exact(patterns.phrases, _NEVER_SPACED, views, needle, text, start, end),
            _words(patterns.words, views, needle, text, start, end),
        ]
        pattern, place, *span = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._hits.extend(place, len(texts), pattern, *span)
        sign, at = patterns.find_signs(views.clean)
        is_key = patterns.is_key[needle]
        key = np.concatenate((needle[is_key], sign))
        place = np.concatenate((text[is_key], np.searchsorted(views.clean.starts, at, side="right") - 1))
        pairs = np.sort(place * patterns.keys + key)
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        self._keys.extend(pairs // patterns.keys, len(texts), pairs % patterns.keys)
        self._add_views(views, len(texts))
        missing = len(self) - self._checked.shape[1]
        if missing > 0:
            self._checked = np.pad(self._checked, ((0, 0), (0, missing)))

    def _add_views(self, views: Views, count: int) -> None:
        encoded = views.clean.text.encode("utf-8", "surrogatepass")
        lead = (np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80
        place = np.concatenate((np.flatnonzero(lead), [len(encoded)]))[views.clean.starts]
        self._clean += [encoded[begin:end] for begin, end in itertools.pairwise(place.tolist())]
        self._clean_origin.extend(
            np.repeat(np.arange(count), np.diff(place)), count, views.clean.origin[np.cumsum(lead) - 1]
        )
        starts = views.bare.starts.tolist()
        self._bare += [views.bare.text[begin : end - 1] for begin, end in itertools.pairwise(starts)]
        sizes = np.diff(views.bare.starts)
        self._bare_origin.extend(np.repeat(np.arange(count), sizes), count, views.bare.origin)
        self._clean_sizes.extend(views.clean.lengths())
        self._bare_sizes.extend(views.bare.lengths())
        characters = np.frombuffer(encoded, dtype=np.uint8)
        digits = np.concatenate(([0], np.cumsum((characters >= 0x30) & (characters <= 0x39))))
        self._digits.extend(np.diff(digits[place]))

    def _match(self, number: int, texts: Ints) -> Spans:
        """The dear search: all matches of a regex, the best span of a fuzzy phrase in each text."""
        pattern = self.patterns.patterns[number]
        if isinstance(pattern, Regex):
            return self._match_regex(self.patterns.regexes[number], texts)
        assert isinstance(pattern, Fuzzy)
        phrase, bare = self.patterns.forms[number], self._bare
        spans = [(text, fuzzy.find_fuzzy(phrase, bare[text], pattern.min)) for text in texts.tolist()]
        rows = np.array([(text, *span) for text, span in spans if span is not None], dtype=np.int64).reshape(-1, 3)
        return self._in_original(self._bare_origin, rows[:, 0], rows[:, 1], rows[:, 2])

    def _match_regex(self, regex: re2._Regexp, texts: Ints) -> Spans:
        """Many texts in one call: ``^`` and ``$`` stand for the ends of a line and nothing matches a line break, so a
        search over lines is the same as one search per text."""
        lines = b"".join(map(self._clean.__getitem__, texts.tolist()))
        found = [match.span() for match in regex.finditer(lines)]
        if not found:
            return _NOTHING
        spans = np.fromiter(itertools.chain.from_iterable(found), np.int64, 2 * len(found)).reshape(-1, 2)
        spans = spans[spans[:, 1] > spans[:, 0]]
        sizes = (self._clean_origin.first[texts + 1] - self._clean_origin.first[texts]).astype(np.int64)
        begins = np.cumsum(sizes) - sizes
        line = np.searchsorted(begins, spans[:, 0], side="right") - 1
        return self._in_original(
            self._clean_origin, texts[line], spans[:, 0] - begins[line], spans[:, 1] - begins[line]
        )

    def _in_original(self, origins: Rows, text: Ints, start: Ints, end: Ints) -> Spans:
        first, origin = origins.first[text], origins.column(0)
        return Spans(text, origin[first + start].astype(np.int64), origin[first + end - 1].astype(np.int64) + 1)


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
