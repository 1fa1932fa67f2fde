"""All pattern search over a batch: one automaton for what is exact, gates for what is not.

Literals, words, the pieces of fuzzy phrases and the required texts of regular expressions go into a single
Aho-Corasick automaton over the bare view. Only messages that pass a gate see RapidFuzz or RE2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True, slots=True)
class Spans:
    """Occurrences in columns of equal length; ``start``/``end`` are code points in the original message."""

    message: Ints
    start: Ints
    end: Ints

    @classmethod
    def none(cls) -> Spans:
        """No occurrence."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


class PatternSet:
    """Distinct patterns, compiled once per process. Pattern numbers are positions in ``patterns``."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Raises RulebookError for a regex that RE2 refuses and for text that normalisation erases."""
        self.patterns: tuple[Pattern, ...] = tuple(dict.fromkeys(patterns))
        self.number = {pattern: number for number, pattern in enumerate(self.patterns)}
        self.forms = normalise([_exact_text(pattern) for pattern in self.patterns])
        self.regexes: dict[int, re2._Regexp] = {}
        self.verified: Bools = np.zeros(len(self.patterns), dtype=np.bool_)  # not decided by the automaton alone
        self.ungated: Bools = np.zeros(len(self.patterns), dtype=np.bool_)  # tried on every message
        exact: dict[str, list[int]] = {}
        words: dict[str, list[int]] = {}
        phrases: dict[str, list[int]] = {}  # regexes that are phrases in disguise
        gates: dict[str, list[int]] = {}
        for number, (pattern, form) in enumerate(zip(self.patterns, self.forms, strict=True)):
            if not isinstance(pattern, Regex) and not form:
                raise RulebookError(f"pattern {_exact_text(pattern)!r} holds nothing but blanks, punctuation or emoji")
            match pattern:
                case Literal():
                    exact.setdefault(form, []).append(number)
                case Word():
                    words.setdefault(form, []).append(number)
                case Fuzzy(_, least):
                    self._gate(number, fuzzy.pieces(form, least), gates)
                case Regex(regex):
                    self._add_regex(number, regex, phrases, gates)
        needles = list(dict.fromkeys([*exact, *words, *phrases, *gates]))
        self._needles = needles
        self.sizes = np.array([len(needle) for needle in needles], dtype=np.int64)
        self.exact, self.words = _Uses(needles, exact), _Uses(needles, words)
        self.phrases, self.gates = _Uses(needles, phrases), _Uses(needles, gates)

    def _add_regex(self, number: int, regex: str, phrases: dict[str, list[int]], gates: dict[str, list[int]]) -> None:
        self.regexes[number] = compile_regex(regex)
        source = fold(regex).lower()
        texts = sorted(triggers.finite_texts(source) or ())
        if texts and normalise(texts) == texts:
            for text in texts:
                phrases.setdefault(text, []).append(number)
            return
        required = triggers.required_texts(source)
        self._gate(number, normalise(sorted(required)) if required else None, gates)

    def _gate(self, number: int, keys: list[str] | None, gates: dict[str, list[int]]) -> None:
        self.verified[number] = True
        if keys is None or not all(keys):
            self.ungated[number] = True
            return
        for key in dict.fromkeys(keys):
            gates.setdefault(key, []).append(number)

    @cached_property
    def _automaton(self) -> ahocorasick_rs.BytesAhoCorasick:
        return ahocorasick_rs.BytesAhoCorasick([needle.encode("utf-8", "surrogatepass") for needle in self._needles])

    def find_needles(self, bare: View) -> tuple[Ints, Ints]:
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


class Search:
    """The patterns of a set in one batch. What is exact is found at once; a regex or fuzzy phrase is verified when a
    rule asks for it, in the messages that the rule looks at, and never twice in the same message."""

    def __init__(self, patterns: PatternSet, views: Views) -> None:
        self._patterns = patterns
        self._views = views
        self.messages = len(views.lengths)
        needle, start = patterns.find_needles(views.bare)
        end = start + patterns.sizes[needle]
        message = np.searchsorted(views.bare.starts, start, side="right") - 1
        parts = [
            self._exact(patterns.exact, MIN_SPACED, needle, message, start, end),
            self._exact(patterns.phrases, NEVER_SPACED, needle, message, start, end),
            self._words(needle, message, start, end),
        ]
        pattern, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(pattern, kind="stable")
        self._spans = Spans(*(column[order] for column in columns))
        numbers = np.arange(len(patterns.patterns) + 1)
        self._first = np.searchsorted(pattern[order], numbers)
        gated, candidates = patterns.gates.expand(needle, message)
        order = np.argsort(gated, kind="stable")
        self._candidates = candidates[order]
        self._first_candidate = np.searchsorted(gated[order], numbers)
        self._checked: dict[int, Bools] = {}
        self._verified: dict[int, Spans] = {}

    @cached_property
    def _clean(self) -> _Bytes:
        return _Bytes(self._views.clean)

    def find(self, numbers: Ints, allowed: Bools) -> Spans:
        """Every occurrence of any of the patterns (sorted numbers) in the allowed messages (bool, n)."""
        rows = _expand_ranges(self._first[numbers], self._first[numbers + 1])
        rows = rows[allowed[self._spans.message[rows]]]
        parts = [Spans(self._spans.message[rows], self._spans.start[rows], self._spans.end[rows])]
        for number in numbers[self._patterns.verified[numbers]].tolist():
            spans = self._verify(number, allowed)
            keep = allowed[spans.message]
            parts.append(Spans(spans.message[keep], spans.start[keep], spans.end[keep]))
        return _concatenate(parts)

    def _verify(self, number: int, allowed: Bools) -> Spans:
        """All that is known of a regex or fuzzy phrase once the allowed messages are checked too."""
        known = self._verified.get(number, Spans.none())
        checked = self._checked.setdefault(number, np.zeros(len(allowed), dtype=np.bool_))
        fresh = allowed & ~checked
        if not fresh.any():
            return known
        checked |= allowed
        candidates = np.flatnonzero(fresh)
        if not self._patterns.ungated[number]:
            passed = self._candidates[self._first_candidate[number] : self._first_candidate[number + 1]]
            candidates = np.unique(passed[fresh[passed]])
        if len(candidates):
            known = _concatenate([known, self._search(number, candidates)])
        self._verified[number] = known
        return known

    def _search(self, number: int, candidates: Ints) -> Spans:
        """The dear search: all matches of a regex, the best span of a fuzzy phrase in each message."""
        pattern = self._patterns.patterns[number]
        if isinstance(pattern, Regex):
            view = self._views.clean
            start, end = self._clean.matches(self._patterns.regexes[number], candidates)
            message = np.searchsorted(view.starts, start, side="right") - 1
        else:
            assert isinstance(pattern, Fuzzy)
            view, phrase = self._views.bare, self._patterns.forms[number]
            spans = [(at, fuzzy.find_fuzzy(phrase, view.message(at), pattern.min)) for at in candidates.tolist()]
            rows = np.array([(at, *span) for at, span in spans if span is not None], dtype=np.int64).reshape(-1, 3)
            message = rows[:, 0]
            start, end = rows[:, 1] + view.starts[message], rows[:, 2] + view.starts[message]
        return Spans(message, view.origin[start], view.origin[end - 1] + 1)

    def _exact(self, uses: _Uses, spaced: int, needle: Ints, message: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
        """(pattern, message, start, end) of literals, in the original."""
        pattern, rows = uses.expand(needle, np.arange(len(needle)))
        solid = self._is_solid(start[rows], end[rows], spaced)
        rows, origin = rows[solid], self._views.bare.origin
        return pattern[solid], message[rows], origin[start[rows]], origin[end[rows] - 1] + 1

    def _words(self, needle: Ints, message: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
        """(pattern, message, start, end) of words, in the original."""
        views = self._views
        pattern, rows = self._patterns.words.expand(needle, np.arange(len(needle)))
        solid = self._is_solid(start[rows], end[rows], NEVER_SPACED)
        rows, pattern = rows[solid], pattern[solid]
        if not len(rows):
            return pattern, rows, rows, rows
        messages, place = np.unique(message[rows], return_inverse=True)
        texts = [views.clean.message(index) for index in messages]
        borders = segment.word_borders(texts)
        shift = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1][place] - views.clean.starts[message[rows]]
        begins = borders[views.bare_in_clean[start[rows]] + shift]
        ends = borders[views.bare_in_clean[end[rows] - 1] + 1 + shift]
        rows, pattern, origin = rows[begins & ends], pattern[begins & ends], views.bare.origin
        return pattern, message[rows], origin[start[rows]], origin[end[rows] - 1] + 1

    def _is_solid(self, start: Ints, end: Ints, spaced: int) -> Bools:
        """Hits without noise inside in the clean view, or of ``spaced`` characters: recognised in spite of it."""
        place = self._views.bare_in_clean
        solid: Bools = (place[end - 1] - place[start] + 1 == end - start) | (end - start >= spaced)
        return solid


class _Uses:
    """Which patterns a needle stands for: compressed rows, for expanding whole columns at once."""

    def __init__(self, needles: Sequence[str], uses: dict[str, list[int]]) -> None:
        self._first = np.cumsum([0, *(len(uses.get(needle, ())) for needle in needles)])
        self._patterns = np.array([p for needle in needles for p in uses.get(needle, ())], dtype=np.int64)

    def expand(self, needle: Ints, carried: Ints) -> tuple[Ints, Ints]:
        """(pattern, carried value) for every use of every needle in the column."""
        begin, end = self._first[needle], self._first[needle + 1]
        return self._patterns[_expand_ranges(begin, end)], np.repeat(carried, end - begin)


def _expand_ranges(begin: Ints, end: Ints) -> Ints:
    """begin[0] … end[0] - 1, begin[1] … end[1] - 1, and so on."""
    counts = end - begin
    shift = begin - (np.cumsum(counts) - counts)
    expanded: Ints = np.arange(int(counts.sum())) + np.repeat(shift, counts)
    return expanded


def _concatenate(parts: Sequence[Spans]) -> Spans:
    if len(parts) == 1:
        return parts[0]
    return Spans(
        np.concatenate([part.message for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    )


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
