"""The two views of a message, character by character: the plain definition of ``matching.normalise``."""

from __future__ import annotations

from functools import cache, cached_property

import jieba

from qa_scorer.matching import normalise


class PlainText:
    """A message, its views and their offsets, made when they are asked for."""

    def __init__(self, original: str) -> None:
        self.original = original

    @cached_property
    def _kept(self) -> list[tuple[str, bool, int]]:
        """(folded character, is noise, place in the original) of everything in the clean view."""
        folding, noise = _folding(), _noise()
        folded = [folding.get(char, char) for char in self.original]
        cut = [False] * len(folded)
        for found in normalise._NOISE.finditer(self.original):
            masked = found["masked"]
            meant = normalise._MASKED.get(masked, normalise._OTHER_MASKED) if masked else ""
            start, end = found.span()
            folded[start : start + len(meant)] = meant
            cut[start + len(meant) : end] = [True] * (end - start - len(meant))
        noisy = [char in noise for char in folded]
        for place in _letter_spacing(noisy):
            cut[place] = True
        rows = zip(folded, noisy, self.original, cut, strict=True)
        return [
            (" " if char == "\n" else char, is_noise, place)
            for place, (char, is_noise, written, is_cut) in enumerate(rows)
            if not is_cut and not _is_invisible(ord(written))
        ]

    @cached_property
    def clean(self) -> str:
        """The clean view."""
        return "".join(char for char, _, _ in self._kept)

    @cached_property
    def encoded(self) -> bytes:
        """The clean view in UTF-8, as RE2 reads it."""
        return self.clean.encode()

    @cached_property
    def clean_origin(self) -> list[int]:
        """Where each character of the clean view stands in the original."""
        return [place for _, _, place in self._kept]

    @cached_property
    def bare(self) -> str:
        """The bare view."""
        return "".join(char for char, is_noise, _ in self._kept if not is_noise)

    @cached_property
    def bare_origin(self) -> list[int]:
        """Where each character of the bare view stands in the original."""
        return [place for _, is_noise, place in self._kept if not is_noise]

    @cached_property
    def bare_in_clean(self) -> list[int]:
        """Where each character of the bare view stands in the clean view."""
        return [place for place, (_, is_noise, _) in enumerate(self._kept) if not is_noise]

    @cached_property
    def borders(self) -> set[int]:
        """Where words begin and end in the clean view."""
        borders, place = {0}, 0
        for word in jieba.lcut(self.clean):
            place += len(word)
            borders.add(place)
        return borders


def _letter_spacing(noisy: list[bool]) -> list[int]:
    """Noise with a single character on either side."""
    runs: list[list[int]] = []
    for place, is_noise in enumerate(noisy):
        if runs and noisy[runs[-1][0]] == is_noise:
            runs[-1].append(place)
        else:
            runs.append([place])
    inner = range(1, len(runs) - 1)
    spaced = [runs[n] for n in inner if noisy[runs[n][0]] and len(runs[n - 1]) == len(runs[n + 1]) == 1]
    return [place for run in spaced for place in run]


def _is_invisible(code: int) -> bool:
    return bool(normalise._invisible(code))  # the table's own ranges, one character at a time


@cache
def _folding() -> dict[str, str]:
    table = normalise.fold_table()
    return {chr(code): chr(table[code]) for code in range(0x30000) if table[code] != code}


@cache
def _noise() -> frozenset[str]:
    table = normalise.noise_table()
    return frozenset(chr(code) for code in range(len(table)) if table[code])
