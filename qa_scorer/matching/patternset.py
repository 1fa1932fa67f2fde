"""Distinct patterns, compiled: one automaton for what is exact, gates for what is not.

Literals, words, the pieces of fuzzy phrases and the required texts of regular expressions go into a single
Aho-Corasick automaton over the bare view. Only texts that pass a gate see RapidFuzz or RE2.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import re2

from qa_scorer.errors import RulebookError
from qa_scorer.matching import fuzzy, triggers
from qa_scorer.matching.columns import expand_ranges
from qa_scorer.matching.normalise import View, fold, normalise
from qa_scorer.model.patterns import Fuzzy, Literal, Pattern, Regex, Word

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SLICE = 4_000
"""Messages per automaton call: the hits, Python objects, stay in cache."""

_TEXT_ENDS = re.compile(r"(?<!\\)(?:\\\\)*\\[AzZ]")


class PatternSet:
    """Distinct patterns, compiled once per process. Pattern numbers are positions in ``patterns``."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Raises RulebookError for a regex that RE2 refuses and for text that normalisation erases."""
        self.patterns: tuple[Pattern, ...] = tuple(dict.fromkeys(patterns))
        self.number = {pattern: number for number, pattern in enumerate(self.patterns)}
        self.forms = normalise([_exact_text(pattern) for pattern in self.patterns])
        self.regexes: dict[int, re2._Regexp] = {}
        self.verified: Bools = np.zeros(len(self.patterns), dtype=np.bool_)  # not decided by the automaton alone
        exact: dict[str, list[int]] = {}
        words: dict[str, list[int]] = {}
        phrases: dict[str, list[int]] = {}  # regexes that are phrases in disguise
        gates: dict[int, list[list[str]]] = {}  # of each verified pattern
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
                    pieces = fuzzy.pieces(form, least) or []
                    gates[number] = [pieces] if pieces else []
                case Regex(regex):
                    self._add_regex(number, regex, plain, phrases, gates)
        self.verified[list(gates)] = True
        keys = dict.fromkeys(key for sets in gates.values() for keys in sets for key in keys)
        signs = dict.fromkeys(text[0] for text, form in plain.items() if not form and text[0] in keys)
        needles = list(dict.fromkeys([*exact, *words, *phrases, *(key for key in keys if key not in signs)]))
        self._needles = needles
        self.sizes = np.array([len(needle) for needle in needles], dtype=np.int64)
        self._longer = np.flatnonzero(self.sizes > 1)
        self._single = _places({needles[number]: number for number in np.flatnonzero(self.sizes == 1).tolist()})
        numbers = {key: number for number, key in enumerate([*needles, *signs])}
        self._sign = _places({key: number for key, number in numbers.items() if number >= len(needles)})
        self.keys = len(numbers)
        self.is_key: Bools = np.array([needle in keys for needle in needles], dtype=np.bool_)
        self.gates = {
            number: [np.array([numbers[key] for key in keys], dtype=np.int64) for keys in sets]
            for number, sets in gates.items()
        }
        """Of each verified pattern, sets of keys: a text that holds none of a set's keys need not be tried. Keys are
        numbered as the needles are, and the signs after them."""
        self.exact, self.words, self.phrases = Uses(needles, exact), Uses(needles, words), Uses(needles, phrases)

    def _plain_texts(self) -> dict[str, str]:
        """The bare form of every text that a regex is or requires, all normalised in one call."""
        sources = [fold(pattern.regex).lower() for pattern in self.patterns if isinstance(pattern, Regex)]
        texts: dict[str, None] = {}
        for source in sources:
            for part in _texts_or_required(source):
                texts.update(dict.fromkeys(sorted(part)))
        return dict(zip(texts, normalise(list(texts)), strict=True))

    def _add_regex(
        self, number: int, regex: str, plain: dict[str, str],
        phrases: dict[str, list[int]], gates: dict[int, list[list[str]]],
    ) -> None:  # fmt: skip
        source = fold(regex).lower()
        texts = sorted(triggers.finite_texts(source) or ())
        if texts and all(plain[text] == text for text in texts):
            for text in texts:
                phrases.setdefault(text, []).append(number)
            return
        self.regexes[number] = compile_regex(regex)
        # The bare view lacks ``?`` and the like, which are looked for in the clean one.
        sets = [dict.fromkeys(plain[text] or text[0] for text in sorted(keys)) for keys in _texts_or_required(source)]
        gates[number] = [list(keys) for keys in sets]

    @cached_property
    def _automaton(self) -> ahocorasick_rs.BytesAhoCorasick:
        longer = [self._needles[number] for number in self._longer.tolist()]
        return ahocorasick_rs.BytesAhoCorasick([needle.encode("utf-8", "surrogatepass") for needle in longer])

    def find_signs(self, clean: View) -> tuple[Ints, Ints]:
        """(key number, place in the clean text) of every sign that is a key."""
        sign = self._sign[np.frombuffer(clean.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]
        places = np.flatnonzero(sign >= 0)
        return sign[places].astype(np.int64), places

    def find_needles(self, bare: View) -> tuple[Ints, Ints]:
        """(needle number, start in the bare text) of every occurrence, in code points, in no particular order."""
        points = np.frombuffer(bare.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        single = self._single[points]  # most hits are single characters, and a table finds them many times as fast
        starts = [np.flatnonzero(single >= 0)]
        needles = [single[starts[0]].astype(np.int64)]
        count = len(bare.starts) - 1
        for first in range(0, count if len(self._longer) else 0, SLICE):
            begin, stop = bare.starts[first], bare.starts[min(first + SLICE, count)]
            encoded = bare.text[begin:stop].encode("utf-8", "surrogatepass")
            found = self._automaton.find_matches_as_indexes(encoded, overlapping=True)
            rows = np.fromiter(itertools.chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)
            lead = (np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80
            character = np.cumsum(lead) - 1
            needles.append(self._longer[rows[:, 0]])
            starts.append(character[rows[:, 1]] + begin)
        return np.concatenate(needles), np.concatenate(starts)


def _texts_or_required(regex: str) -> tuple[triggers.Alternatives, ...]:
    """Sets of texts of each of which one stands in every match: all that the regex matches, or what it requires."""
    texts = triggers.finite_texts(regex)
    return triggers.required_texts(regex) if texts is None else (texts,)


def _places(numbers: dict[str, int]) -> npt.NDArray[np.int32]:
    """The number of each character, -1 for others, int32 (0x110000,)."""
    table = np.full(0x110000, -1, dtype=np.int32)
    for char, number in numbers.items():
        table[ord(char)] = number
    return table


class Uses:
    """Which patterns a needle stands for: compressed rows, for expanding whole columns at once."""

    def __init__(self, needles: Sequence[str], uses: dict[str, list[int]]) -> None:
        of_needle = [uses.get(needle, ()) for needle in needles]
        self._first = np.cumsum([0, *map(len, of_needle)])
        self._patterns = np.array(list(itertools.chain.from_iterable(of_needle)), dtype=np.int64)

    def expand(self, needle: Ints, carried: Ints) -> tuple[Ints, Ints]:
        """(pattern, carried value) for every use of every needle in the column."""
        begin, end = self._first[needle], self._first[needle + 1]
        return self._patterns[expand_ranges(begin, end)], np.repeat(carried, end - begin)


def compile_regex(regex: str) -> re2._Regexp:
    """RE2 over lines of folded text in UTF-8, case-insensitive. Raises RulebookError with RE2's reason."""
    if _TEXT_ENDS.search(regex):
        raise RulebookError(f"regex {regex!r}: write ^ and $ for the ends of a message, not \\A and \\z")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_nl = True
    options.never_capture = True  # only the whole match is asked for
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
