"""What keeps comparisons fair: intervals of differences, tests, a correction for many of them, and shrinkage.

Sources: Welch 1947 for means; Newcombe 1998 (method 10), Fisher's exact test and the N − 1 chi-squared test (Campbell
2007) for rates; Holm 1979 for the correction; DerSimonian and Laird 1986 for the variance between agents, Morris 1983 for what its being
an estimate adds to the intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from qa_scorer.results.statistics import known_mean, rate_figure, t_quantile
from qa_scorer.results.summary import Figure

ERROR_RATE = 0.05
_Z = NormalDist().inv_cdf(0.975)
_LEAST_AGENTS = 3
"""Of so few agents nobody can tell how much their true means vary; an estimate is then no surer than its mean."""
_MANY = 100
"""Expected cases from which the normal distribution is close enough even far out, where corrected tests look."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of which only the count, sum and sum of squares are known, as whole numbers of 1 ÷ ``scale``.

    Whole numbers add up to the same whatever their order, so a figure does not depend on threads.
    """

    count: int = 0
    total: int = 0
    squares: int = 0
    scale: int = 100

    @property
    def mean(self) -> float | None:
        """None without values."""
        return self.total / self.count / self.scale if self.count else None

    @property
    def variance(self) -> float | None:
        """Of the sample; None for fewer than two values."""
        if self.count < 2:
            return None
        return (self.squares * self.count - self.total**2) / (self.count * (self.count - 1)) / self.scale**2

    @property
    def error(self) -> float | None:
        """The squared standard error of the mean."""
        return None if self.variance is None else self.variance / self.count

    def without(self, other: Sample) -> Sample:
        """The values that are not in ``other``."""
        return Sample(self.count - other.count, self.total - other.total, self.squares - other.squares, self.scale)

    def figure(
        self, target: float | None = None, *, low_is_good: bool = False, least: float = -math.inf,
        most: float = math.inf,
    ) -> Figure:  # fmt: skip
        """The mean with its 95 % t interval."""
        if self.mean is None:
            return Figure(None, 0, target=target)
        return known_mean(self.mean, self.count, self.variance, target, low_is_good=low_is_good, least=least, most=most)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Hits ÷ cases over ``count`` conversations that hold several cases each, as sums: ``hit_cases`` of hits × cases.

    Cases of one conversation are alike, so the error is that of conversations (Cochran 1977, 6.3).
    """

    count: int = 0
    hits: int = 0
    cases: int = 0
    hit_squares: int = 0
    hit_cases: int = 0
    case_squares: int = 0

    @property
    def mean(self) -> float | None:
        """The share; None without cases."""
        return self.hits / self.cases if self.cases else None

    @property
    def error(self) -> float | None:
        """The squared standard error of the share; None for fewer than two conversations."""
        if self.count < 2 or not self.cases:
            return None
        share = self.hits / self.cases
        spread = self.hit_squares - 2 * share * self.hit_cases + share**2 * self.case_squares
        return max(0.0, spread) * self.count / (self.count - 1) / self.cases**2

    def figure(self, target: float | None = None) -> Figure:
        """The share with its 95 % t interval; ``n`` counts cases."""
        if self.mean is None:
            return Figure(None, 0, target=target)
        variance = None if self.error is None else self.error * self.count
        figure = known_mean(self.mean, self.count, variance, target, least=0.0, most=1.0)
        return replace(figure, n=self.cases)


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``count``."""

    hits: int = 0
    count: int = 0

    def without(self, other: Rate) -> Rate:
        """The cases that are not in ``other``."""
        return Rate(self.hits - other.hits, self.count - other.count)

    @property
    def missed(self) -> Rate:
        """The same cases, those counted that this one does not count."""
        return Rate(self.count - self.hits, self.count)

    def figure(self, target: float | None = None) -> Figure:
        """The share with its 95 % Wilson interval."""
        return rate_figure(self.hits, self.count, target)


@dataclass(frozen=True, slots=True)
class Difference:
    """``value`` = one − other, its 95 % interval (None where it has none), and the two-sided ``p`` (None: untested)."""

    value: float
    low: float | None
    high: float | None
    p: float | None


Values = Sample | Ratio | Rate


def compare(one: Values, other: Values) -> Difference | None:
    """The difference of two means, two shares or two rates; None when a side has no value."""
    if isinstance(one, Rate) or isinstance(other, Rate):
        assert isinstance(one, Rate)
        assert isinstance(other, Rate)
        return _rates(one, other) if one.count and other.count else None
    if one.mean is None or other.mean is None:
        return None
    return _means(one.mean - other.mean, (one.error, one.count), (other.error, other.count))


def _means(value: float, one: tuple[float | None, int], other: tuple[float | None, int]) -> Difference:
    """Welch's t, from the difference and each side's squared error and count.

    A side's spread is taken as no smaller than that of both together: ten perfect scores in a row are luck, not proof
    that the eleventh is perfect.
    """
    if one[0] is None or other[0] is None:
        return Difference(value, None, None, None)
    freedom = one[1] + other[1] - 2
    common = (one[0] * one[1] * (one[1] - 1) + other[0] * other[1] * (other[1] - 1)) / freedom
    first, second = max(one[0], common / one[1]), max(other[0], common / other[1])
    spread = first + second
    if not spread:
        return Difference(value, None, None, 1.0 if abs(value) < 1e-12 else 0.0)
    degrees = spread**2 / (first**2 / (one[1] - 1) + second**2 / (other[1] - 1))
    half = t_quantile(max(1, math.floor(degrees))) * math.sqrt(spread)
    return Difference(value, value - half, value + half, t_p_value(value / math.sqrt(spread), degrees))


def _rates(one: Rate, other: Rate) -> Difference:
    """Newcombe's interval; Fisher's exact test, and the N − 1 chi-squared test where that is as good."""
    first, second = one.figure(), other.figure()
    a, a_low, a_high = (number or 0.0 for number in (first.value, first.low, first.high))
    b, b_low, b_high = (number or 0.0 for number in (second.value, second.low, second.high))
    low = a - b - math.hypot(a - a_low, b_high - b)
    high = a - b + math.hypot(a_high - a, b - b_low)
    cases, hits = one.count + other.count, one.hits + other.hits
    if min(one.count, other.count) * min(hits, cases - hits) / cases < _MANY:
        return Difference(a - b, low, high, _exact(one, other))
    share = hits / cases
    error = math.sqrt(share * (1 - share) * (1 / one.count + 1 / other.count) * cases / (cases - 1))
    return Difference(a - b, low, high, math.erfc(abs(a - b) / error / math.sqrt(2)))


def _exact(one: Rate, other: Rate) -> float:
    """Fisher's test, two-sided: twice the chance of as many hits in ``one``, or more extreme on the same side."""
    cases, hits = one.count + other.count, one.hits + other.hits
    upwards = one.hits * cases > hits * one.count
    if not upwards:  # count what was missed, so that the tail is always the upper one
        one, hits = one.missed, cases - hits
    chance = math.exp(
        _log_choose(hits, one.hits) + _log_choose(cases - hits, one.count - one.hits) - _log_choose(cases, one.count)
    )
    tail = 0.0
    for number in range(one.hits, min(hits, one.count) + 1):
        tail += chance
        chance *= (hits - number) * (one.count - number) / ((number + 1) * (cases - hits - one.count + number + 1))
        if chance < tail * 1e-15:
            break
    return min(1.0, 2 * tail)


def _log_choose(cases: int, chosen: int) -> float:
    return math.lgamma(cases + 1) - math.lgamma(chosen + 1) - math.lgamma(cases - chosen + 1)


def holds(p_values: Sequence[float | None]) -> list[bool]:
    """Which differences hold after Holm's correction: the chance that any is marked where none exists is at most
    ERROR_RATE. Untested ones (None) do not count and do not hold."""
    tested = sorted((p, number) for number, p in enumerate(p_values) if p is not None)
    marked = [False] * len(p_values)
    for place, (p, number) in enumerate(tested):
        if p > ERROR_RATE / (len(tested) - place):
            break
        marked[number] = True
    return marked


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Means drawn towards that of all by how little each can bear. Standard deviations: ``between`` the agents' true
    means, ``within`` an agent's values."""

    mean: float
    between: float
    within: float
    estimates: tuple[Figure, ...]


def shrink(samples: Sequence[Sample], *, least: float = -math.inf, most: float = math.inf) -> Shrinkage | None:
    """Empirical Bayes estimates of the samples' true means (``docs/audit.md`` has the formula).

    None for fewer than two samples, an empty one, or when no sample has two values.
    """
    freedom = sum(sample.count - 1 for sample in samples)
    if len(samples) < 2 or freedom < 1 or not all(sample.count for sample in samples):
        return None
    means = [sample.mean or 0.0 for sample in samples]
    counts = [sample.count for sample in samples]
    within = math.fsum((sample.variance or 0.0) * (sample.count - 1) for sample in samples) / freedom
    between = _between(means, counts, within)
    spread = [within / count + between for count in counts]
    if not all(spread):
        return Shrinkage(math.fsum(means) / len(means), math.sqrt(between), 0.0, tuple(s.figure() for s in samples))
    weight = math.fsum(1 / part for part in spread)
    centre = math.fsum(mean / part for mean, part in zip(means, spread, strict=True)) / weight
    typical = math.fsum(within / count / part for count, part in zip(counts, spread, strict=True)) / weight + between
    estimates = []
    for mean, count, part in zip(means, counts, spread, strict=True):
        trust = between / part
        value = centre + trust * (mean - centre)
        if len(samples) > _LEAST_AGENTS:
            known = trust * within / count + (1 - trust) ** 2 / weight
            guessed = 2 / (len(samples) - 3) * (1 - trust) ** 2 * typical / part * (mean - centre) ** 2
            half = _Z * math.sqrt(known + guessed)
        else:
            half = _Z * math.sqrt(within / count)
        estimates.append(Figure(value, count, max(value - half, least), min(value + half, most)))
    return Shrinkage(centre, math.sqrt(between), math.sqrt(within), tuple(estimates))


def _between(means: Sequence[float], counts: Sequence[int], within: float) -> float:
    """The variance of the true means: what the means vary by beyond chance, never below zero."""
    cases = sum(counts)
    centre = math.fsum(mean * count for mean, count in zip(means, counts, strict=True)) / cases
    seen = math.fsum(count * (mean - centre) ** 2 for mean, count in zip(means, counts, strict=True))
    return max(0.0, (seen - (len(means) - 1) * within) / (cases - sum(count**2 for count in counts) / cases))


def t_p_value(t: float, freedom: float) -> float:
    """The chance that Student's t with this (broken) number of degrees of freedom is as far from zero as ``t``."""
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    tiny, fraction, c, d = 1e-300, 1.0, 1.0, 0.0
    for step in range(1000):
        half = step // 2
        if not step:
            term = 1.0
        elif step % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        d = 1 / (1 + term * d or tiny)
        c = 1 + term / c or tiny
        fraction *= c * d
        if step and abs(c * d - 1) < 1e-12:
            break
    return front * (fraction - 1) / a
