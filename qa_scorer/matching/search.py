"""All pattern search over a batch: one automaton for what is exact, gates for what is not.

Literals, words, the pieces of fuzzy phrases and the required texts of regular expressions go into a single
Aho-Corasick automaton over the bare view. Only texts that pass a gate see RapidFuzz or RE2, and no text twice.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import re2

from qa_scorer.errors import RulebookError
from qa_scorer.matching import fuzzy, segment, triggers
from qa_scorer.matching.normalise import View, Views, fold, make_views, normalise
from qa_scorer.model.patterns import Fuzzy, Literal, Pattern, Regex, Word

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SLICE = 4_000
"""Messages per automaton call: the hits, Python objects, stay in cache."""

MIN_SPACED = 5
"""Phrases under this many characters must stand without blanks or punctuation inside, or be spelled out letter by
letter: 不，可能 is no 不可能."""

MOST_TEXTS = 65_536
"""Distinct texts that an index remembers."""

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


_NOTHING = Spans.none()


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
        plain = self._plain_texts()
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
                    self.regexes[number] = compile_regex(regex)
                    self._add_regex(number, regex, plain, phrases, gates)
        needles = list(dict.fromkeys([*exact, *words, *phrases, *gates]))
        self._needles = needles
        self.sizes = np.array([len(needle) for needle in needles], dtype=np.int64)
        self.exact, self.words = _Uses(needles, exact), _Uses(needles, words)
        self.phrases, self.gates = _Uses(needles, phrases), _Uses(needles, gates)

    def _plain_texts(self) -> dict[str, str]:
        """The bare form of every text that a regex is or requires, all normalised in one call."""
        sources = [fold(pattern.regex).lower() for pattern in self.patterns if isinstance(pattern, Regex)]
        texts: dict[str, None] = {}
        for source in sources:
            for part in (triggers.finite_texts(source), triggers.required_texts(source)):
                texts.update(dict.fromkeys(sorted(part or ())))
        return dict(zip(texts, normalise(list(texts)), strict=True))

    def _add_regex(
        self, number: int, regex: str, plain: dict[str, str], phrases: dict[str, list[int]], gates: dict[str, list[int]]
    ) -> None:
        source = fold(regex).lower()
        texts = sorted(triggers.finite_texts(source) or ())
        if texts and all(plain[text] == text for text in texts):
            for text in texts:
                phrases.setdefault(text, []).append(number)
            return
        required = triggers.required_texts(source)
        self._gate(number, [plain[text] for text in sorted(required)] if required else None, gates)

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


class TextIndex:
    """What is known of distinct texts: agents send canned replies and a month of chats repeats itself, so a text is
    searched once and the answer is shared by all messages that hold it, in this batch and the next ones.

    Texts are numbered from 0. Everything per text stands in columns that grow; when they hold ``MOST_TEXTS`` texts
    the index starts anew, so memory stays flat.
    """

    def __init__(self, patterns: PatternSet) -> None:
        self.patterns = patterns
        self._forget()

    def _forget(self) -> None:
        self._number: dict[str, int] = {}
        self._hits = _Rows("pattern", "start", "end")  # of the automaton, by text
        self._gates = _Rows("pattern")  # gates that a text passes, by text
        self._clean: list[bytes] = []  # each with its line break
        self._bare: list[str] = []
        self._clean_origin = _Rows("origin")  # of every byte, by text
        self._bare_origin = _Rows("origin")  # of every character, by text
        self._checked = np.zeros((len(self.patterns.patterns), MOST_TEXTS), dtype=np.bool_)
        self._found: dict[int, Spans] = {}  # ``message`` is the text's number

    def numbers(self, texts: list[str]) -> Ints:
        """The numbers of distinct texts; unknown ones are searched first."""
        numbers = list(map(self._number.get, texts))
        fresh = [text for text, number in zip(texts, numbers, strict=True) if number is None]
        if len(self._number) + len(fresh) > MOST_TEXTS and self._number:
            self._forget()
            fresh = texts
        if fresh:
            self._add(fresh)
            numbers = list(map(self._number.get, texts))
        return np.array(numbers, dtype=np.int64)

    def _add(self, texts: list[str]) -> None:
        known = len(self._number)
        self._number.update(zip(texts, range(known, known + len(texts)), strict=True))
        views = make_views(pa.array(texts, pa.string()))
        patterns = self.patterns
        needle, start = patterns.find_needles(views.bare)
        end = start + patterns.sizes[needle]
        text = np.searchsorted(views.bare.starts, start, side="right") - 1
        parts = [
            _exact(patterns.exact, MIN_SPACED, views, needle, text, start, end),
            _exact(patterns.phrases, NEVER_SPACED, views, needle, text, start, end),
            _words(patterns.words, views, needle, text, start, end),
        ]
        pattern, place, *span = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._hits.extend(place, len(texts), pattern, *span)
        gated, place = patterns.gates.expand(needle, text)
        pairs = np.sort(place * len(patterns.patterns) + gated)
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        self._gates.extend(pairs // len(patterns.patterns), len(texts), pairs % len(patterns.patterns))
        self._add_views(views, len(texts))
        missing = len(self._number) - self._checked.shape[1]
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
        self._bare += [views.bare.message(index) for index in range(count)]
        sizes = np.diff(views.bare.starts)
        self._bare_origin.extend(np.repeat(np.arange(count), sizes), count, views.bare.origin)

    def hits(self, texts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """(pattern, position in ``texts``, start, end) of all that the automaton found in the texts."""
        rows, position = self._hits.of(texts)
        pattern, start, end = self._hits.columns(rows)
        return pattern, position, start, end

    def passed(self, texts: Ints) -> tuple[Ints, Ints]:
        """(pattern, position in ``texts``) of the gates that the texts pass."""
        rows, position = self._gates.of(texts)
        return self._gates.columns(rows)[0], position

    def verify(self, number: int, candidates: Ints) -> Spans:
        """All known matches of a regex or fuzzy phrase, once the candidates, texts that pass its gate, are checked."""
        known = self._found.get(number, _NOTHING)
        if len(candidates):
            checked = self._checked[number]
            fresh = candidates[~checked[candidates]]
            if len(fresh):
                checked[fresh] = True
                known = _concatenate([known, self._match(number, fresh)])
                self._found[number] = known
        return known

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
        clean = self._clean
        lines = [clean[text] for text in texts.tolist()]
        spans = np.array([match.span() for match in regex.finditer(b"".join(lines))], dtype=np.int64).reshape(-1, 2)
        spans = spans[spans[:, 1] > spans[:, 0]]
        begins = np.cumsum([0, *map(len, lines)])[:-1]
        line = np.searchsorted(begins, spans[:, 0], side="right") - 1
        return self._in_original(
            self._clean_origin, texts[line], spans[:, 0] - begins[line], spans[:, 1] - begins[line]
        )

    def _in_original(self, origins: _Rows, text: Ints, start: Ints, end: Ints) -> Spans:
        first = origins.first[text]
        [begins], [lasts] = origins.columns(first + start), origins.columns(first + end - 1)
        return Spans(text, begins, lasts + 1)


class Search:
    """The patterns of an index in the messages of one batch. What is exact is known at once; a regex or fuzzy phrase is
    verified when a rule asks for it, in the messages that the rule looks at, and never twice in the same text."""

    def __init__(self, index: TextIndex, texts: pa.Array) -> None:
        self._index = index
        self.size = len(texts)
        encoded = texts.dictionary_encode()
        self._text: Ints = encoded.indices.to_numpy(zero_copy_only=False).astype(
            np.int64
        )  # of each message, in the batch
        self._numbers = index.numbers(encoded.dictionary.to_pylist())  # of each text of the batch, in the index
        self._messages = np.argsort(self._text, kind="stable")
        self._first_message = np.searchsorted(self._text[self._messages], np.arange(len(self._numbers) + 1))
        every = np.arange(len(index.patterns.patterns) + 1)
        pattern, *columns = index.hits(self._numbers)
        order, self._first_hit = _by_pattern(pattern, every)
        self._hits = [column[order] for column in columns]
        pattern, passed = index.passed(self._numbers)
        order, self._first_passed = _by_pattern(pattern, every)
        self._passed = passed[order]
        self._local = np.full(int(self._numbers.max(initial=-1)) + 1, -1, dtype=np.int64)
        self._local[self._numbers] = np.arange(len(self._numbers))

    def find(self, numbers: Ints, allowed: Bools) -> Spans:
        """Every occurrence of any of the patterns (sorted numbers) in the allowed messages (bool, n)."""
        texts = np.zeros(len(self._numbers), dtype=np.bool_)
        texts[self._text[allowed]] = True
        rows = _expand_ranges(self._first_hit[numbers], self._first_hit[numbers + 1])
        rows = rows[texts[self._hits[0][rows]]]
        parts = [Spans(*(column[rows] for column in self._hits))]
        dear = numbers[self._index.patterns.verified[numbers]]
        parts += [self._verified(number, texts) for number in dear.tolist()]
        found = _concatenate(parts)
        begin, end = self._first_message[found.message], self._first_message[found.message + 1]
        message = self._messages[_expand_ranges(begin, end)]
        keep = allowed[message]
        copies = end - begin
        return Spans(message[keep], np.repeat(found.start, copies)[keep], np.repeat(found.end, copies)[keep])

    def _verified(self, number: int, texts: Bools) -> Spans:
        """Matches of a regex or fuzzy phrase in the chosen texts of the batch (bool, texts)."""
        if self._index.patterns.ungated[number]:
            candidates = np.flatnonzero(texts)
        else:
            candidates = self._passed[self._first_passed[number] : self._first_passed[number + 1]]
            candidates = candidates[texts[candidates]]
        known = self._index.verify(number, self._numbers[candidates])
        if not len(known.message):
            return known
        inside = known.message < len(self._local)
        local = np.where(inside, self._local[np.where(inside, known.message, 0)], -1)
        keep = local >= 0
        keep[keep] = texts[local[keep]]
        return Spans(local[keep], known.start[keep], known.end[keep])


def _by_pattern(pattern: Ints, every: Ints) -> tuple[Ints, Ints]:
    """(stable order of the rows by pattern, where each pattern's rows begin)."""
    # Small integers are sorted by radix, many times as fast.
    narrow = pattern.astype(np.uint16 if len(every) < 1 << 16 else np.uint32)
    counts = np.bincount(pattern, minlength=len(every) - 1)
    return np.argsort(narrow, kind="stable"), np.concatenate(([0], np.cumsum(counts)))


class _Rows:
    """Rows of named int64 columns that belong to texts and are appended text by text."""

    def __init__(self, *names: str) -> None:
        self._columns = [_Column() for _ in names]
        self._first = _Column()
        self._first.extend(np.zeros(1, dtype=np.int64))

    @property
    def first(self) -> Ints:
        """Where each text's rows begin, int64 (texts + 1,)."""
        return self._first.values

    def extend(self, text: Ints, count: int, *columns: Ints) -> None:
        """Append rows of ``count`` new texts; ``text`` numbers them from 0 and need not be sorted."""
        order = np.argsort(text, kind="stable")
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values[order])
        base = int(self.first[-1])
        self._first.extend(base + np.cumsum(np.bincount(text, minlength=count)))

    def of(self, texts: Ints) -> tuple[Ints, Ints]:
        """(row numbers, position in ``texts``) of the rows of the texts."""
        begin, end = self.first[texts], self.first[texts + 1]
        return _expand_ranges(begin, end), np.repeat(np.arange(len(texts)), end - begin)

    def columns(self, rows: Ints) -> list[Ints]:
        """The values of all columns in the rows."""
        return [column.values[rows] for column in self._columns]


class _Column:
    """An int64 array that grows by doubling."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, dtype=np.int64)
        self._size = 0

    @property
    def values(self) -> Ints:
        """What has been appended so far; a view."""
        return self._data[: self._size]

    def extend(self, values: Ints) -> None:
        """Append values."""
        size = self._size + len(values)
        if size > len(self._data):
            grown = np.zeros(max(size, 2 * len(self._data)), dtype=np.int64)
            grown[: self._size] = self.values
            self._data = grown
        self._data[self._size : size] = values
        self._size = size


def _exact(
    uses: _Uses, spaced: int, views: Views, needle: Ints, text: Ints, start: Ints, end: Ints
) -> tuple[Ints, ...]:
    """(pattern, text, start, end) of literals, in the original."""
    pattern, rows = uses.expand(needle, np.arange(len(needle)))
    solid = _is_solid(views, start[rows], end[rows], spaced)
    rows, origin = rows[solid], views.bare.origin
    return pattern[solid], text[rows], origin[start[rows]], origin[end[rows] - 1] + 1


def _words(uses: _Uses, views: Views, needle: Ints, text: Ints, start: Ints, end: Ints) -> tuple[Ints, ...]:
    """(pattern, text, start, end) of words, in the original."""
    pattern, rows = uses.expand(needle, np.arange(len(needle)))
    solid = _is_solid(views, start[rows], end[rows], NEVER_SPACED)
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
