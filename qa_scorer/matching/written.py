"""Both views of distinct texts, for as long as the texts are remembered."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from qa_scorer.matching.columns import Column, Rows
from qa_scorer.matching.normalise import Views

Ints = npt.NDArray[np.int64]


class Written:
    """The views of texts that are numbered from 0, and where their characters stand in the originals."""

    def __init__(self) -> None:
        self._clean: list[bytes] = []  # each with its line break
        self._bare: list[str] = []
        self._clean_origin = Rows(1)  # of every byte, by text
        self._bare_origin = Rows(1)  # of every character, by text
        self._clean_sizes, self._bare_sizes, self._digits = Column(), Column(), Column()

    def add_views(self, views: Views) -> None:
        """Number the texts of the views behind the others."""
        count = len(views.lengths)
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

    def keep(self, texts: Ints) -> None:
        """Forget all but these texts, which are numbered anew in their order."""
        self._clean = [self._clean[text] for text in texts.tolist()]
        self._bare = [self._bare[text] for text in texts.tolist()]
        for columns in (self._clean_origin, self._bare_origin, self._clean_sizes, self._bare_sizes, self._digits):
            columns.keep(texts)

    def clean(self, text: int) -> str:
        """The clean view of a text."""
        return self._clean[text][:-1].decode("utf-8", "surrogatepass")

    def clean_lines(self, texts: Ints) -> tuple[bytes, Ints]:
        """(the clean views of texts as lines in UTF-8, where each begins)."""
        sizes = (self._clean_origin.first[texts + 1] - self._clean_origin.first[texts]).astype(np.int64)
        return b"".join(map(self._clean.__getitem__, texts.tolist())), np.cumsum(sizes) - sizes

    def clean_origin(self, text: int) -> Ints:
        """Where each character of the clean view stands in the original, int64 (characters,)."""
        first, after = self._clean_origin.first[text : text + 2].tolist()
        lead = (np.frombuffer(self._clean[text], dtype=np.uint8) & 0xC0) != 0x80
        origin: Ints = self._clean_origin.column(0)[first:after][lead][:-1].astype(np.int64)
        return origin

    def clean_in_original(self, texts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Spans of characters of the clean views, in code points of the originals."""
        distinct, at = np.unique(texts, return_inverse=True)
        origin, begins = self._origins(distinct)
        return origin[begins[at] + start], origin[begins[at] + end - 1] + 1

    def original_in_clean(self, texts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Spans in code points of the originals, in characters of the clean views: from the first that is left of each."""
        distinct, at = np.unique(texts, return_inverse=True)
        origin, begins = self._origins(distinct)
        # Within a text places rise, so with its number in front of each they rise all along.
        width = int(max(origin.max(initial=0), end.max(initial=0))) + 1
        places = np.repeat(np.arange(len(distinct)), np.diff(begins, append=len(origin))) * width + origin
        return (
            np.searchsorted(places, at * width + start) - begins[at],
            np.searchsorted(places, at * width + end) - begins[at],
        )

    def _origins(self, texts: Ints) -> tuple[Ints, Ints]:
        """Of distinct texts: (where in its original each character of the clean views stands, line breaks too, where in
        that each text begins)."""
        lines, begins = self.clean_lines(texts)
        lead = np.flatnonzero((np.frombuffer(lines, dtype=np.uint8) & 0xC0) != 0x80)
        rows, _ = self._clean_origin.of(texts)
        return self._clean_origin.column(0)[rows[lead]].astype(np.int64), np.searchsorted(lead, begins)

    def bare(self, texts: Ints) -> list[str]:
        """The bare view of each text."""
        return list(map(self._bare.__getitem__, texts.tolist()))

    def clean_sizes(self, texts: Ints) -> Ints:
        """Characters of the clean view of each text, int64."""
        return self._clean_sizes.values[texts].astype(np.int64)

    def bare_sizes(self, texts: Ints) -> Ints:
        """Characters of the bare view of each text, int64."""
        return self._bare_sizes.values[texts].astype(np.int64)

    def digits(self, texts: Ints) -> Ints:
        """ASCII digits in the clean view of each text, int64."""
        return self._digits.values[texts].astype(np.int64)

    def bytes_in_original(self, texts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Spans of bytes of the clean views, in code points of the originals."""
        return _in_original(self._clean_origin, texts, start, end)

    def bare_in_original(self, texts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Spans of characters of the bare views, in code points of the originals."""
        return _in_original(self._bare_origin, texts, start, end)


def _in_original(origins: Rows, texts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    first, origin = origins.first[texts], origins.column(0)
    return origin[first + start].astype(np.int64), origin[first + end - 1].astype(np.int64) + 1
