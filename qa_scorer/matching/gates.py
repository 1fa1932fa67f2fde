"""Gates: what a text must hold before a regex or fuzzy phrase is tried on it.

A pattern that needs verifying has sets of *keys*, short texts of which one stands in every match. The automaton finds
all keys of all patterns in one pass, and only texts that hold a key of each of a pattern's sets see RE2 or RapidFuzz.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qa_scorer.matching import fuzzy, triggers
from qa_scorer.matching.patternset import PatternSet, bare_forms
from qa_scorer.model.patterns import Fuzzy

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Sets = list[list[str]]
"""Of each set, one text stands in every match."""

_BLOCK = 2_048
"""Texts that are looked at together: their keys, a bit each, stay in cache."""
_WORD = 64
"""Bits that the processor takes at once."""


def gates_of(patterns: PatternSet, regexes: Iterable[int]) -> tuple[dict[int, Sets], list[str]]:
    """(the sets of each fuzzy phrase and of each of the regexes, none where nothing is required; those keys that are
    signs: the bare view lacks ``?`` and the like, which are looked for in the clean one)."""
    gates, signs = _of_regexes(patterns, regexes)
    return _of_fuzzy(patterns) | gates, signs


class Gates:
    """The gates of verified patterns, as columns. Keys are numbered from 0."""

    def __init__(self, gates: Mapping[int, Sets], numbers: Mapping[str, int], patterns: int) -> None:
        """``numbers`` are those of the keys, ``patterns`` is how many patterns there are."""
        gated = {pattern: sets for pattern, sets in gates.items() if sets}
        self.is_open: Bools = np.zeros(patterns, dtype=np.bool_)
        """Verified patterns that every text passes, bool (patterns,)."""
        self.is_open[[pattern for pattern in gates if pattern not in gated]] = True
        self._patterns = np.array(list(gated), dtype=np.int64)
        self._first_set = _begins(map(len, gated.values()))
        sets = [keys for sets in gated.values() for keys in sets]
        self._first_key = _begins(map(len, sets))
        row = {key: number for number, key in enumerate(dict.fromkeys(itertools.chain.from_iterable(sets)))}
        self._keys = np.array([row[key] for key in itertools.chain.from_iterable(sets)], dtype=np.int64)
        self._rows = len(row) + 1
        self._row_of = np.full(max(numbers.values(), default=0) + 1, len(row))  # one row for whatever is no key
        self._row_of[[numbers[key] for key in row]] = np.arange(len(row))

    def passed(self, key: Ints, text: Ints, texts: int) -> tuple[Ints, Ints]:
        """(pattern, text) of every text that holds a key of each of a pattern's sets, open patterns aside.

        ``key`` and ``text`` are columns of what stands where, in any order; texts are numbered below ``texts``.
        """
        found: list[tuple[Ints, Ints]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        for begin in range(0, texts if len(self._patterns) else 0, _BLOCK):
            inside = (text >= begin) & (text < begin + _BLOCK)
            width = min(_BLOCK, -(-(texts - begin) // _WORD) * _WORD)
            held = np.zeros((self._rows, width), dtype=np.bool_)
            held[self._row_of[key[inside]], text[inside] - begin] = True
            words = np.packbits(held, axis=1).view(np.uint64)
            met = np.bitwise_or.reduceat(words[self._keys], self._first_key, axis=0)
            passes = np.bitwise_and.reduceat(met, self._first_set, axis=0).view(np.uint8).ravel()
            some = np.flatnonzero(passes)  # few bytes hold a bit
            byte, bit = np.divmod(np.flatnonzero(np.unpackbits(passes[some])), 8)
            row, place = np.divmod(8 * some[byte] + bit, width)
            found.append((self._patterns[row], place + begin))
        pattern, place = (np.concatenate(column) for column in zip(*found, strict=True))
        return pattern, place


def _begins(sizes: Iterable[int]) -> Ints:
    """Where each of several runs of these sizes begins."""
    counts = np.fromiter(sizes, np.int64)
    begins: Ints = np.cumsum(counts) - counts
    return begins


def _of_fuzzy(patterns: PatternSet) -> dict[int, Sets]:
    gates: dict[int, Sets] = {}
    for number, (pattern, form) in enumerate(zip(patterns.patterns, patterns.forms, strict=True)):
        if isinstance(pattern, Fuzzy):
            pieces = fuzzy.pieces(form, pattern.min)
            gates[number] = [pieces] if pieces else []
    return gates


def _of_regexes(patterns: PatternSet, regexes: Iterable[int]) -> tuple[dict[int, Sets], list[str]]:
    required = {number: _required(patterns.folded(number)) for number in regexes}
    bare = bare_forms(text for sets in required.values() for texts in sets for text in sorted(texts))
    gates = {
        number: [list(dict.fromkeys(bare[text] or text[0] for text in sorted(texts))) for texts in sets]
        for number, sets in required.items()
    }
    return gates, list(dict.fromkeys(text[0] for text, form in bare.items() if not form))


def _required(regex: str) -> Sequence[triggers.Alternatives]:
    """Sets of texts of each of which one stands in every match: all that the regex matches, or what it requires."""
    texts = triggers.finite_texts(regex)
    return triggers.required_texts(regex) if texts is None else (texts,)
