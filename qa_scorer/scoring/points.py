"""The arithmetic of a score, for whole batches.

Award rules (``points``) that apply make up the base: total × Σ(points × share) ÷ Σ points; what does not apply is
rescaled away. Each failed deduction takes ``deduct`` per hit up to ``cap``, and once where the fail is that something is
missing; each passed bonus adds. The sum is held between floor and total; a failed veto makes it zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import Verdict

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Prices:
    """What each of the r rules earns and costs, in columns (r,). ``rules_of`` are the numbers of each dimension's rules."""

    def __init__(self, rulebook: Rulebook) -> None:
        rules = rulebook.rules
        number = {dimension.id: index for index, dimension in enumerate(rulebook.dimensions)}
        self.points: Floats = np.array([rule.points for rule in rules], dtype=np.float64)
        self.deduct: Floats = np.array([rule.deduct for rule in rules], dtype=np.float64)
        self.cap: Floats = np.array([np.inf if rule.cap is None else rule.cap for rule in rules], dtype=np.float64)
        self.bonus: Floats = np.array([rule.bonus for rule in rules], dtype=np.float64)
        self.veto: Bools = np.array([rule.veto for rule in rules], dtype=np.bool_)
        dimension = np.array([number[rule.dimension] for rule in rules], dtype=np.int64)
        self.rules_of = [np.flatnonzero(dimension == index) for index in range(len(rulebook.dimensions))]
        self.dimension_points: Floats = np.array([entry.points for entry in rulebook.dimensions], dtype=np.float64)
        self.scoring = rulebook.scoring


@dataclass(frozen=True, slots=True)
class Ledger:
    """Verdicts in points, for m bearers (units or conversations) and r rules; all (m, r).

    ``earned`` ≤ ``possible`` for award rules that apply, ``lost`` for failed deductions, ``gained`` for passed bonuses,
    ``vetoed`` for failed vetoes, ``judged`` where a rule passed or failed.
    """

    earned: Floats
    possible: Floats
    lost: Floats
    gained: Floats
    vetoed: Bools
    judged: Bools

    def totals(self, prices: Prices) -> tuple[Floats, Bools]:
        """(score, vetoed) of each bearer, (m,)."""
        scoring = prices.scoring
        possible = self.possible.sum(axis=1)
        reached = np.divide(self.earned.sum(axis=1), possible, out=np.ones(len(possible)), where=possible > 0)
        score = scoring.total * reached - self.lost.sum(axis=1) + self.gained.sum(axis=1)
        vetoed = np.any(self.vetoed, axis=1)
        return np.where(vetoed, 0.0, np.clip(score, scoring.floor, scoring.total)), vetoed

    def dimensions(self, prices: Prices) -> Floats:
        """Scores 0–100 per dimension, (m, dimensions); NaN where none of a dimension's rules applies.

        A dimension whose rules only deduct is measured against its own points; a failed veto brings it to zero.
        """
        counts = (prices.points + prices.deduct > 0) | prices.veto
        earned, possible, lost, applies, vetoed = (
            _by_dimension(part, prices)
            for part in (self.earned, self.possible, self.lost, self.judged & counts, self.vetoed)
        )
        base = np.where(possible > 0, possible, prices.dimension_points)
        reached = np.where(possible > 0, earned, base) - lost
        score = 100 * np.divide(reached, base, out=np.zeros_like(base), where=base > 0)
        score = np.where(vetoed > 0, 0.0, np.clip(score, 0, 100))
        return np.where((applies > 0) & (base > 0), score, np.nan)


def _by_dimension(values: Floats | Bools, prices: Prices) -> Floats:
    """(m, r) summed up to (m, dimensions). No matrix product: its threads spin when they are done, and take a core from
    those who judge."""
    return np.stack([values[:, rules].sum(axis=1, dtype=np.float64) for rules in prices.rules_of], axis=1)


def unit_ledger(prices: Prices, verdict: npt.NDArray[np.int8], hits: Ints, share: Floats) -> Ledger:
    """The ledger of units, from (u, r) verdicts, hits and shares."""
    judged = (verdict == Verdict.PASS) | (verdict == Verdict.FAIL)
    failed = verdict == Verdict.FAIL
    return _ledger(prices, judged, failed, _charged(failed, hits), np.where(judged, share, 0.0))


def conversation_ledger(
    prices: Prices, starts: Ints, verdict: npt.NDArray[np.int8], hits: Ints, share: Floats
) -> Ledger:
    """The ledger of conversations whose units begin at ``starts``: the worst share counts, deductions add up."""
    judged = (verdict == Verdict.PASS) | (verdict == Verdict.FAIL)
    failed = verdict == Verdict.FAIL
    worst = np.minimum.reduceat(np.where(judged, share, np.inf), starts, axis=0)
    any_judged = np.logical_or.reduceat(judged, starts, axis=0)
    any_failed = np.logical_or.reduceat(failed, starts, axis=0)
    all_hits = np.add.reduceat(_charged(failed, hits), starts, axis=0)
    return _ledger(prices, any_judged, any_failed, all_hits, np.where(any_judged, worst, 0.0))


def _charged(failed: Bools, hits: Ints) -> Ints:
    """How often each verdict is charged."""
    charged: Ints = np.where(failed, np.maximum(hits, 1), 0)
    return charged


def _ledger(prices: Prices, judged: Bools, failed: Bools, hits: Ints, share: Floats) -> Ledger:
    return Ledger(
        earned=prices.points * share,
        possible=prices.points * judged,
        lost=np.minimum(prices.deduct * hits, prices.cap),
        gained=prices.bonus * (judged & ~failed),
        vetoed=prices.veto & failed,
        judged=judged,
    )
