"""``repeat``: one template again and again instead of an answer (C6)."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from qa_scorer.checks.bearers import concerned, responsible_for
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.outcome import Outcome
from qa_scorer.model.checks import Repeat
from qa_scorer.model.patterns import Condition
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import EvidenceKind

Ints = npt.NDArray[np.int64]


def judge(params: Repeat, rule: Rule, view: Evaluator) -> Outcome:
    """Fail when a unit sends one text ``times`` times or more; shows the repetitions after the first."""
    batch = view.batch
    who = responsible_for(rule, params.scope)
    lengths = view.search.bare_sizes
    eligible = batch.mask(params.scope) & (batch.unit >= 0) & (lengths >= params.min_characters)
    if params.except_:
        forgiven = view.find(Condition((), params.scope, params.except_))
        eligible[forgiven.message[~forgiven.counted]] = False
    rows = _worth_comparing(params, np.flatnonzero(eligible), batch.unit, lengths)
    borders = np.flatnonzero(np.concatenate(([True], np.diff(batch.unit[rows]) != 0, [True]))) if len(rows) else rows
    hits = np.zeros(batch.units, dtype=np.int64)
    shown: list[int] = []
    for begin, end in itertools.pairwise(borders.tolist()):
        again = _repetitions(params, view, rows[begin:end])
        hits[batch.unit[rows[begin]]] = len(again)
        shown += again
    units = concerned(batch, who)
    outcome = Outcome.absent(batch.units)
    outcome.decide(units, hits[units] == 0, hits[units])
    message = np.array(shown, dtype=np.int64)
    outcome.show(EvidenceKind.HIT, batch.unit[message], message)
    return outcome


def _worth_comparing(params: Repeat, rows: Ints, unit: Ints, lengths: Ints) -> Ints:
    """The rows, sorted by unit, of units in which ``times`` texts are alike in length: others cannot be alike at all."""
    ordered = rows[np.lexsort((lengths[rows], unit[rows]))]
    short, long = ordered[: len(ordered) - params.times + 1], ordered[params.times - 1 :]
    alike = (unit[short] == unit[long]) & (
        lengths[short] >= params.similarity / (200 - params.similarity) * lengths[long]
    )
    kept = rows[np.isin(unit[rows], unit[short[alike]])]
    return kept[np.lexsort((kept, unit[kept]))]


def _repetitions(params: Repeat, view: Evaluator, rows: np.ndarray) -> list[int]:
    """The messages of one unit that repeat an earlier one, if any text comes often enough."""
    texts = [view.search.bare(row) for row in rows.tolist()]
    alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=params.similarity) > 0
    often = alike.sum(axis=0) >= params.times
    earlier = np.tril(alike, -1).any(axis=1)
    return [int(row) for row in rows[often & earlier]]
