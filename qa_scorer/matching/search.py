"""All pattern search over a batch: one automaton for what is exact, gates for what is not.

Literals, words, the pieces of fuzzy phrases and the required texts of regular expressions go into a single
Aho-Corasick automaton over the bare view. Only messages that pass a gate see RapidFuzz or RE2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import re2

from qa_scorer.errors import RulebookError
from qa_scorer.matching import fuzzy, segment, triggers
from qa_scorer.matching.normalise import View, Views, fold, normalise
from qa_scorer.model.patterns import Fuzzy, Literal, Pattern, Regex, Word

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SLICE = 4_000
"""Messages per automaton call: the hits, Python objects, stay in cache."""

MIN_SPACED = 5
"""Phrases under this many characters must stand without blanks or punctuation inside, or be spelled out letter by
letter: 不，可能 is no 不可能."""

NEVER_SPACED = 1 << 30

_TEXT_ENDS = re.compile(r"(?<!\\)(?:\\\\)*\\[AzZ]")

NeededMessages = Callable[[int], Bools]
"""For a pattern number, which messages its rules look at at all: bool (n,)."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Occurrences in columns of equal length, sorted by pattern, message, start.

    ``start``/``end`` are code points in the original message. ``first`` (int64, patterns + 1) finds a pattern's rows.
    """

    pattern: Ints
    message: Ints
    start: Ints
    end: Ints
    first: Ints

    def rows(self, patterns: Ints) -> Ints:
        """The rows of any of the patterns (sorted numbers), int64."""
        parts = [np.arange(self.first[p], self.first[p + 1]) for p in patterns if self.first[p] < self.first[p + 1]]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


class PatternSet:
    """Distinct patterns, compiled once per process. Pattern numbers are positions in ``patterns``."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Raises RulebookError for a regex that RE2 refuses and for text that normalisation erases."""
        self.patterns: tuple[Pattern, ...] = tuple(dict.fromkeys(patterns))
        self.number = {pattern: number for number, pattern in enumerate(self.patterns)}
        self._forms = normalise([_exact_text(pattern) for pattern in self.patterns])
        self._regexes: dict[int, re2._Regexp] = {}
        self._plain: dict[str, list[int]] = {}  # regexes that are phrases in disguise
        self._always: list[int] = []  # regexes without a gate
        exact: dict[str, list[int]] = {}
        words: dict[str, list[int]] = {}
        gates: dict[str, list[int]] = {}
        for number, (pattern, form) in enumerate(zip(self.patterns, self._forms, strict=True)):
            if not isinstance(pattern, Regex) and not form:
                raise RulebookError(f"pattern {_exact_text(pattern)!r} holds nothing but blanks, punctuation or emoji")
            if isinstance(pattern, Literal):
                exact.setdefault(form, []).append(number)
            elif isinstance(pattern, Word):
                words.setdefault(form, []).append(number)
            else:
                self._add_gate(number, pattern, form, gates)
        self._needles = list(dict.fromkeys([*exact, *words, *gates, *self._plain]))
        self._exact = _Uses(self._needles, exact)
        self._words = _Uses(self._needles, words)
        self._gates = _Uses(self._needles, gates)
        self._phrases = _Uses(self._needles, self._plain)
        self._sizes = np.array([len(needle) for needle in self._needles], dtype=np.int64)

    def _add_gate(self, number: int, pattern: Regex | Fuzzy, form: str, gates: dict[str, list[int]]) -> None:
        if isinstance(pattern, Fuzzy):
            keys = fuzzy.pieces(form, pattern.min)
        else:
            self._regexes[number] = compile_regex(pattern.regex)
            source = fold(pattern.regex).lower()
            texts = sorted(triggers.finite_texts(source) or ())
            if texts and normalise(texts) == texts:
                for text in texts:
                    self._plain.setdefault(text, []).append(number)
                return
            required = triggers.required_texts(source)
            keys = normalise(sorted(required)) if required else None
        if keys is None or not all(keys):
            self._always.append(number)
            return
        for key in keys:
            gates.setdefault(key, []).append(number)

    @cached_property
    def _automaton(self) -> ahocorasick_rs.BytesAhoCorasick:
        return ahocorasick_rs.BytesAhoCorasick([needle.encode("utf-8", "surrogatepass") for needle in self._needles])

    def search(self, views: Views, needed: NeededMessages) -> Hits:
        """Every occurrence of every pattern. Regexes and fuzzy phrases give only hits in ``needed`` messages."""
        needle, start = self._find_needles(views.bare)
        end = start + self._sizes[needle]
        message = np.searchsorted(views.bare.starts, start, side="right") - 1
        parts = [
            self._exact_hits(self._exact, MIN_SPACED, views, needle, message, start, end),
            self._exact_hits(self._phrases, NEVER_SPACED, views, needle, message, start, end),
            self._word_hits(views, needle, message, start, end),
        ]
        clean = _Bytes(views.clean)
        gated, gated_message = self._gates.expand(needle, message)
        for number in {*np.unique(gated).tolist(), *self._always}:
            allowed = needed(number)
            if number in self._always:
                candidates = np.flatnonzero(allowed)
            else:
                candidates = np.unique(gated_message[gated == number])
                candidates = candidates[allowed[candidates]]
            if len(candidates):
                parts.append(self._verify(number, views, clean, candidates))
        return self._sorted(parts)

    def _find_needles(self, bare: View) -> tuple[Ints, Ints]:
        """(needle number, start in the bare text) of every occurrence, in code points."""
        if not self._needles:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        needles, starts = [], []
        count = len(bare.starts) - 1
        for first in range(0, count, SLICE):
            begin, stop = bare.starts[first], bare.starts[min(first + SLICE, count)]
            encoded = bare.text[begin:stop].encode("utf-8", "surrogatepass")
            found = self._automaton.find_matches_as_indexes(encoded, overlapping=True)
            if not found:
                continue
            rows = np.array(found, dtype=np.int64)
            lead = (np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80
            character = np.cumsum(lead) - 1
            needles.append(rows[:, 0])
            starts.append(character[rows[:, 1]] + begin)
        if not needles:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return np.concatenate(needles), np.concatenate(starts)

    def _exact_hits(
        self, uses: _Uses, spaced: int, views: Views, needle: Ints, message: Ints, start: Ints, end: Ints
    ) -> tuple[Ints, ...]:
        pattern, rows = uses.expand(needle, np.arange(len(needle)))
        solid = _is_solid(views, start[rows], end[rows], spaced)
        rows, pattern = rows[solid], pattern[solid]
        return _in_original(views.bare, pattern, message[rows], start[rows], end[rows])

    def _word_hits(self, views: Views, needle: Ints, message: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
        pattern, rows = self._words.expand(needle, np.arange(len(needle)))
        solid = _is_solid(views, start[rows], end[rows], NEVER_SPACED)
        rows, pattern = rows[solid], pattern[solid]
        if not len(rows):
            return pattern, rows, rows, rows
        messages, place = np.unique(message[rows], return_inverse=True)
        texts = [views.clean.message(index) for index in messages]
        borders = segment.word_borders(texts)
        shift = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1][place] - views.clean.starts[message[rows]]
        begins = borders[views.bare_in_clean[start[rows]] + shift]
        ends = borders[views.bare_in_clean[end[rows] - 1] + 1 + shift]
        rows, pattern = rows[begins & ends], pattern[begins & ends]
        return _in_original(views.bare, pattern, message[rows], start[rows], end[rows])

    def _verify(self, number: int, views: Views, clean: _Bytes, candidates: Ints) -> tuple[Ints, ...]:
        """The dear search, on candidate messages only: all matches of a regex, the best span of a fuzzy phrase."""
        pattern = self.patterns[number]
        if isinstance(pattern, Regex):
            start, end = clean.matches(self._regexes[number], candidates)
            view, message = views.clean, np.searchsorted(views.clean.starts, start, side="right") - 1
        else:
            assert isinstance(pattern, Fuzzy)
            view, phrase = views.bare, self._forms[number]
            spans = [(at, fuzzy.find_fuzzy(phrase, view.message(at), pattern.min)) for at in candidates.tolist()]
            rows = np.array([(at, *span) for at, span in spans if span is not None], dtype=np.int64).reshape(-1, 3)
            message = rows[:, 0]
            start, end = rows[:, 1] + view.starts[message], rows[:, 2] + view.starts[message]
        return _in_original(view, np.full(len(start), number, dtype=np.int64), message, start, end)

    def _sorted(self, parts: Sequence[tuple[Ints, ...]]) -> Hits:
        pattern, message, start, end = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.lexsort((end, start, message, pattern))
        pattern = pattern[order]
        first = np.searchsorted(pattern, np.arange(len(self.patterns) + 1))
        return Hits(pattern, message[order], start[order], end[order], first)


class _Bytes:
    """The clean view as UTF-8, for RE2: many messages are searched in one call.

    Expressions are compiled so that ``^`` and ``$`` stand for the ends of a line and nothing matches a line break, so a
    search over lines is the same as one search per message.
    """

    def __init__(self, view: View) -> None:
        self._text = view.text.encode("utf-8", "surrogatepass")
        lead = (np.frombuffer(self._text, dtype=np.uint8) & 0xC0) != 0x80
        self._place = np.concatenate((np.flatnonzero(lead), [len(self._text)]))  # byte of each code point
        self._point = np.concatenate((np.cumsum(lead) - 1, [len(self._place) - 1]))  # code point of each byte
        self._starts = self._place[view.starts]

    def matches(self, regex: re2._Regexp, messages: Ints) -> tuple[Ints, Ints]:
        """(start, end) of all non-empty matches in the messages, as code points of the view's text."""
        begins, ends = self._starts[messages], self._starts[messages + 1]
        text = self._text
        lines = b"".join([text[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)])
        spans = np.array([match.span() for match in regex.finditer(lines)], dtype=np.int64).reshape(-1, 2)
        spans = spans[spans[:, 1] > spans[:, 0]]
        offsets = np.cumsum(ends - begins) - (ends - begins)
        shift = (begins - offsets)[np.searchsorted(offsets, spans[:, 0], side="right") - 1]
        return self._point[spans[:, 0] + shift], self._point[spans[:, 1] + shift]


class _Uses:
    """Which patterns a needle stands for: compressed rows, for expanding whole columns at once."""

    def __init__(self, needles: Sequence[str], uses: dict[str, list[int]]) -> None:
        counts = [len(uses.get(needle, ())) for needle in needles]
        self._first = np.cumsum([0, *counts])
        self._patterns = np.array([p for needle in needles for p in uses.get(needle, ())], dtype=np.int64)

    def expand(self, needle: Ints, carried: Ints) -> tuple[Ints, Ints]:
        """(pattern, carried value) for every use of every needle in the column."""
        counts = self._first[needle + 1] - self._first[needle]
        total = int(counts.sum())
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._patterns[np.repeat(self._first[needle], counts) + within], np.repeat(carried, counts)


def compile_regex(regex: str) -> re2._Regexp:
    """RE2 over lines of folded text in UTF-8, case-insensitive. Raises RulebookError with RE2's reason."""
    if _TEXT_ENDS.search(regex):
        raise RulebookError(f"regex {regex!r}: write ^ and $ for the ends of a message, not \\A and \\z")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_nl = True
    try:
        return re2.compile(f"(?m:{fold(regex)})".encode(), options)
    except re2.error as error:
        reason = error.args[0]
        raise RulebookError(f"regex {regex!r}: {reason.decode() if isinstance(reason, bytes) else reason}") from None


def _exact_text(pattern: Pattern) -> str:
    if isinstance(pattern, Literal):
        return pattern.text
    if isinstance(pattern, Word):
        return pattern.word
    return pattern.fuzzy if isinstance(pattern, Fuzzy) else ""


def _is_solid(views: Views, start: Ints, end: Ints, spaced: int) -> Bools:
    """Hits without noise inside in the clean view, or of at least ``spaced`` characters: recognised in spite of it."""
    clean_size = views.bare_in_clean[end - 1] - views.bare_in_clean[start] + 1
    return (clean_size == end - start) | (end - start >= spaced)


def _in_original(view: View, pattern: Ints, message: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
    """Spans of a view (in its joined text) as spans of the original messages."""
    return pattern, message, view.origin[start], view.origin[end - 1] + 1
