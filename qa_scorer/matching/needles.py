"""What is searched for in every text at once: one automaton for what is exact, and gates for what is not.

Literals, words, the pieces of fuzzy phrases and the required texts of regular expressions go into a single
Aho-Corasick automaton over the bare view. Only texts that pass a gate see RapidFuzz or RE2.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from qa_scorer.matching import triggers
from qa_scorer.matching.columns import expand_ranges
from qa_scorer.matching.gates import Gates, gates_of
from qa_scorer.matching.normalise import View
from qa_scorer.matching.patternset import PatternSet
from qa_scorer.model.patterns import Literal, Pattern, Word

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SLICE = 4_000
"""Messages per automaton call: the hits, Python objects, stay in cache."""


class Needles:
    """The needles of a set of patterns, numbered from 0, and the gates of each verified pattern: one that the automaton
    cannot decide alone, ``verified`` bool (patterns,).

    To find out what a regex says takes longer than to try it on a few texts: unless ``for_many``, all regexes are
    verified and have no gates. ``sizes`` int64 (needles,) are in code points, ``is_key`` bool (needles,).
    """

    def __init__(self, patterns: PatternSet, *, for_many: bool) -> None:
        self.for_many = for_many
        if for_many:
            triggers.recall([patterns.folded(number) for number in patterns.regexes])
        exact, words = _by_form(patterns, Literal), _by_form(patterns, Word)
        disguised = patterns.phrases(patterns.regexes) if for_many else {}
        phrases: dict[str, list[int]] = {}
        for number, texts in disguised.items():
            for text in texts:
                phrases.setdefault(text, []).append(number)
        regexes = [number for number in patterns.regexes if number not in disguised]
        gates, signs = gates_of(patterns, regexes if for_many else ())
        gates = {number: [] for number in regexes} | gates
        self.verified: Bools = np.zeros(len(patterns.patterns), dtype=np.bool_)
        self.verified[list(gates)] = True
        keys = dict.fromkeys(key for sets in gates.values() for keys in sets for key in keys)
        needles = list(dict.fromkeys([*exact, *words, *phrases, *(key for key in keys if key not in signs)]))
        self._needles = needles
        self.sizes: Ints = np.array([len(needle) for needle in needles], dtype=np.int64)
        self._longer = np.flatnonzero(self.sizes > 1)
        self._single = _places({needles[number]: number for number in np.flatnonzero(self.sizes == 1).tolist()})
        numbers = {key: number for number, key in enumerate([*needles, *signs])}
        self._sign = _places({key: number for key, number in numbers.items() if number >= len(needles)})
        self.is_key: Bools = np.array([needle in keys for needle in needles], dtype=np.bool_)
        self.gates = Gates(gates, numbers, len(patterns.patterns))
        """Keys are numbered as the needles are, and the signs after them."""
        self.exact, self.words, self.phrases = Uses(needles, exact), Uses(needles, words), Uses(needles, phrases)

    @cached_property
    def _automaton(self) -> ahocorasick_rs.BytesAhoCorasick:
        longer = [self._needles[number] for number in self._longer.tolist()]
        return ahocorasick_rs.BytesAhoCorasick([needle.encode("utf-8", "surrogatepass") for needle in longer])

    def find_signs(self, clean: View) -> tuple[Ints, Ints]:
        """(key number, place in the clean text) of every sign that is a key."""
        sign = self._sign[np.frombuffer(clean.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]
        places = np.flatnonzero(sign >= 0)
        return sign[places].astype(np.int64), places

    def find(self, bare: View) -> tuple[Ints, Ints]:
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


def _by_form(patterns: PatternSet, kind: type[Pattern]) -> dict[str, list[int]]:
    """The patterns of a kind, by the bare form that they are found by."""
    found: dict[str, list[int]] = {}
    for number, (pattern, form) in enumerate(zip(patterns.patterns, patterns.forms, strict=True)):
        if isinstance(pattern, kind):
            found.setdefault(form, []).append(number)
    return found


def _places(numbers: dict[str, int]) -> npt.NDArray[np.int32]:
    """The number of each character, -1 for others, int32 (0x110000,)."""
    table = np.full(0x110000, -1, dtype=np.int32)
    for char, number in numbers.items():
        table[ord(char)] = number
    return table
