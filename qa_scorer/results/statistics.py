"""Intervals that say how much a figure can bear.

Sources: Wilson 1927 for rates; Student's t for means, and the exact bound of Clopper and Pearson 1934 for means of equal
values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from qa_scorer.results.summary import Figure

_Z = NormalDist().inv_cdf(0.975)
_SMALL_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706)


def mean_figure(
    values: Sequence[float], target: float | None = None, *, low_is_good: bool = False,
    least: float = -math.inf, most: float = math.inf,
) -> Figure:  # fmt: skip
    """The mean with its 95 % t interval, held within ``least`` … ``most``; no interval for fewer than two values.

    Values that are all the same have no spread, which is no proof that the next is the same. Their interval is the one
    that holds wherever between the bounds the rest may lie: it allows as large a share of other values as would escape
    ``count`` looks in one case of 40. Without both bounds they have none.
    """
    count = len(values)
    if not count:
        return Figure(None, 0, target=target)
    column = np.asarray(values, dtype=np.float64)
    variance = float(column.var(ddof=1)) if count > 1 else None
    return known_mean(
        float(column.mean()), count, variance, target, low_is_good=low_is_good, least=least, most=most
    )  # fmt: skip


def known_mean(
    mean: float, count: int, variance: float | None, target: float | None = None, *, low_is_good: bool = False,
    least: float = -math.inf, most: float = math.inf,
) -> Figure:  # fmt: skip
    """The same for a mean that is known, of ``count`` values with this sample ``variance`` (None for a single one)."""
    low = high = None
    if variance == 0:
        if math.isfinite(least) and math.isfinite(most):
            unseen = 1 - 0.025 ** (1 / count)
            low, high = mean - (mean - least) * unseen, mean + (most - mean) * unseen
    elif variance is not None:
        half = t_quantile(count - 1) * math.sqrt(variance / count)
        low, high = max(mean - half, least), min(mean + half, most)
    return Figure(mean, count, low, high, target, _met(mean, target, low_is_good))


@lru_cache(maxsize=1 << 16)  # an audit asks for the same rates many times over
def rate_figure(hits: int, count: int, target: float | None = None) -> Figure:
    """The share hits ÷ count with its 95 % Wilson interval."""
    if not count:
        return Figure(None, 0, target=target)
    rate = hits / count
    centre = rate + _Z**2 / (2 * count)
    half = _Z * math.sqrt(rate * (1 - rate) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    low = (centre - half) / scale if hits else 0.0
    high = (centre + half) / scale if hits < count else 1.0
    return Figure(rate, count, low, high, target, _met(rate, target, low_is_good=False))


def t_quantile(freedom: int) -> float:
    """The 0.975 quantile of Student's t: tabled to 5 degrees of freedom, Cornish-Fisher above (error < 0.1 %)."""
    if freedom <= len(_SMALL_T):
        return _SMALL_T[freedom - 1]
    z, n = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def _met(value: float, target: float | None, low_is_good: bool) -> bool | None:
    if target is None:
        return None
    return value <= target if low_is_good else value >= target
