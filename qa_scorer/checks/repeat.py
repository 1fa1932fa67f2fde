"""``repeat``: one template again and again instead of an answer (C6)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from qa_scorer.checks.bearers import concerned, responsible_for
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.matching.columns import expand_ranges
from qa_scorer.model.checks import Repeat
from qa_scorer.model.patterns import Condition
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind

Ints = npt.NDArray[np.int64]

_ROUNDING = 1e-6
_BLOCK = 100_000
"""Pairs that are compared at a time."""


def judge(params: Repeat, rule: Rule, view: Evaluator) -> Outcome:
    """Fail when a unit sends one text ``times`` times or more; shows the repetitions after the first."""
    batch = view.batch
    who = responsible_for(rule, params.scope)
    lengths = view.search.bare_sizes
    eligible = batch.mask(params.scope) & (batch.unit >= 0) & (lengths >= params.min_characters)
    if params.except_:
        forgiven = view.find(Condition((), params.scope, params.except_))
        eligible[forgiven.message[~forgiven.counted]] = False
    message = _repetitions(params, view, np.flatnonzero(eligible), lengths)
    hits = np.bincount(batch.unit[message], minlength=batch.units)
    units = concerned(batch, who)
    outcome = Outcome.absent(batch.units)
    outcome.decide(units, hits[units] == 0, hits[units])
    outcome.show(EvidenceKind.HIT, batch.unit[message], message)
    return outcome


def _repetitions(params: Repeat, view: Evaluator, rows: Ints, lengths: Ints) -> Ints:
    """The messages that repeat an earlier one of their unit, of texts that come ``times`` times or more."""
    unit = view.batch.unit[rows]
    # Each distinct text of a unit is compared once, however often it comes.
    key = unit * len(view.search.index) + view.search.number_of[rows]
    _, first, text_of, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    texts = np.array(view.search.bare(rows[first]), dtype=object)
    alike, begins = times.copy(), first.copy()  # how many rows hold the like of each text, and the first of them
    for one, other in _pairs(unit[first], lengths[rows[first]], params.similarity):
        scores = process.cpdist(texts[one], texts[other], scorer=fuzz.ratio, score_cutoff=params.similarity)
        one, other = one[scores > 0], other[scores > 0]
        for text, like in ((one, other), (other, one)):
            np.add.at(alike, text, times[like])
            np.minimum.at(begins, text, first[like])
    again: Ints = rows[(alike >= params.times)[text_of] & (np.arange(len(rows)) > begins[text_of])]
    return again


def _pairs(unit: Ints, length: Ints, similarity: float) -> Iterator[tuple[Ints, Ints]]:
    """Rows of one unit two by two, block by block, whose lengths let their texts be so similar (in per cent)."""
    order = np.lexsort((length, unit))
    room = int(length.max(initial=0)) + 1
    stretch = 200 / max(similarity, _ROUNDING) - 1
    longest = np.minimum(length[order] * stretch + _ROUNDING, room - 1).astype(np.int64)
    place = unit[order] * room + length[order]
    begin = np.arange(1, len(order) + 1)
    end = np.searchsorted(place, unit[order] * room + longest, side="right")
    borders = np.flatnonzero(np.diff(np.cumsum(end - begin) // _BLOCK, append=-1)) + 1
    for first, after in itertools.pairwise((0, *borders.tolist())):
        rows = slice(first, after)
        yield (
            order[np.repeat(np.arange(first, after), (end - begin)[rows])],
            order[expand_ranges(begin[rows], end[rows])],
        )
