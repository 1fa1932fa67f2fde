"""Every formula of the audit against scipy and statsmodels: a figure that decides on pay is not proved by hand alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from qa_scorer.audit.statistics import Rate, Ratio, Sample, compare, holds, shrink, t_p_value
from qa_scorer.results.statistics import known_mean, rate_figure, t_quantile


def sample(values: Iterable[float]) -> Sample:
    whole = [round(value * 100) for value in values]
    return Sample(len(whole), sum(whole), sum(value**2 for value in whole))


hundredths = st.lists(st.integers(0, 10_000).map(lambda number: number / 100), min_size=2, max_size=60)
rates = st.integers(1, 5_000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))


@given(st.floats(0.001, 60), st.floats(1, 5_000))
def test_students_t(t: float, freedom: float) -> None:
    assert t_p_value(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-7, abs=1e-300)


@given(st.integers(1, 100_000))
def test_the_quantile_of_students_t(freedom: int) -> None:
    assert t_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-3)


@given(hundredths)
def test_the_interval_of_a_mean(values: list[float]) -> None:
    made = sample(values).figure()
    assert made.value == pytest.approx(np.mean(values))
    if np.ptp(values) == 0:
        assert made.low is None
        return
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (made.low, made.high) == pytest.approx((low, high), rel=1e-3, abs=0.1 * (high - low) / 100)


@given(st.integers(2, 2_000))
def test_equal_values_leave_room_for_what_was_not_seen(count: int) -> None:
    exact = stats.binomtest(0, count).proportion_ci(0.95, method="exact").high
    made = known_mean(100.0, count, 0.0, least=0.0, most=100.0)
    assert (made.low, made.high) == pytest.approx((100 - 100 * exact, 100))


@given(rates)
def test_the_interval_of_a_rate(rate: tuple[int, int]) -> None:
    made = rate_figure(*rate)
    assert (made.low, made.high) == pytest.approx(proportion_confint(*rate, method="wilson"), abs=1e-12)


def seen_ratio(cases: Sequence[tuple[int, int]]) -> Ratio:
    hits, counts = np.array(cases, dtype=np.int64).T
    sums = (hits, counts, hits * hits, hits * counts, counts * counts)
    return Ratio(len(cases), *(int(part.sum()) for part in sums))


@given(
    st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=50)
)
def test_the_error_of_a_ratio_over_conversations(cases: list[tuple[int, int]]) -> None:
    """That of a weighted mean with errors that are robust to how much conversations differ."""
    hits, counts = np.array(cases, dtype=np.float64).T
    fitted = WLS(hits / counts, np.ones_like(hits), weights=counts).fit(cov_type="HC1")
    made = seen_ratio(cases)
    assert made.mean == pytest.approx(fitted.params[0])
    assert made.error == pytest.approx(fitted.bse[0] ** 2, rel=1e-6, abs=1e-15)


@settings(max_examples=40)
@given(hundredths, hundredths)
def test_welchs_test_with_spreads_that_are_not_below_the_common_one(one: list[float], other: list[float]) -> None:
    variances = [np.var(values, ddof=1) for values in (one, other)]
    sizes = [len(one), len(other)]
    common = sum(v * (n - 1) for v, n in zip(variances, sizes, strict=True)) / (sum(sizes) - 2)
    if common < 1e-9:
        return
    raised = [math.sqrt(max(variance, common)) for variance in variances]
    reference = stats.ttest_ind_from_stats(
        np.mean(one), raised[0], sizes[0], np.mean(other), raised[1], sizes[1], equal_var=False
    )
    difference = compare(sample(one), sample(other))
    assert difference is not None
    assert difference.p == pytest.approx(reference.pvalue, rel=1e-6)


@given(st.tuples(rates, rates))
def test_the_interval_of_a_difference_of_rates(pair: tuple[tuple[int, int], tuple[int, int]]) -> None:
    (hits, count), (others, other_count) = pair
    made = compare(Rate(hits, count), Rate(others, other_count))
    assert made is not None
    reference = confint_proportions_2indep(hits, count, others, other_count, method="newcomb", compare="diff")
    assert (made.low, made.high) == pytest.approx(reference, abs=1e-9)


@given(st.tuples(rates, rates))
def test_the_test_of_a_difference_of_rates(pair: tuple[tuple[int, int], tuple[int, int]]) -> None:
    (hits, count), (others, other_count) = pair
    made = compare(Rate(hits, count), Rate(others, other_count))
    assert made is not None
    table = np.array([[hits, count - hits], [others, other_count - others]])
    cases, all_hits = count + other_count, hits + others
    if all_hits in (0, cases):
        assert made.p == 1
    elif stats.contingency.expected_freq(table).min() < 100:
        drawn = stats.hypergeom(cases, all_hits, count)
        tail = min(drawn.cdf(hits), drawn.sf(hits - 1))
        assert made.p == pytest.approx(min(1, 2 * tail), rel=1e-6)
    else:
        pearson = stats.chi2_contingency(table, correction=False).statistic
        assert made.p == pytest.approx(stats.chi2.sf(pearson * (cases - 1) / cases, 1), rel=1e-6, abs=1e-300)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holms_correction(p_values: list[float]) -> None:
    assert holds(p_values) == multipletests(p_values, alpha=0.05, method="holm")[0].tolist()


@settings(max_examples=30)
@given(st.lists(hundredths, min_size=2, max_size=12))
def test_the_variance_between_agents_and_the_mean_that_estimates_are_drawn_to(agents: list[list[float]]) -> None:
    samples = [sample(values) for values in agents]
    shrunk = shrink(samples)
    assert shrunk is not None
    if shrunk.within < 1e-6:
        return
    means = np.array([np.mean(values) for values in agents])
    variances = np.array([shrunk.within**2 / len(values) for values in agents])
    pooled = sum(np.var(values) * len(values) for values in agents) / sum(len(values) - 1 for values in agents)
    assert shrunk.within**2 == pytest.approx(pooled)
    with np.errstate(all="ignore"):  # where agents differ by no more than chance, the reference divides by zero
        between = max(0.0, float(np.nan_to_num(combine_effects(means, variances, method_re="dl").tau2)))
    assert shrunk.between**2 == pytest.approx(between, rel=1e-6, abs=1e-6)
    weights = 1 / (variances + between)
    assert shrunk.mean == pytest.approx(np.average(means, weights=weights), rel=1e-6)
    for mean, variance, estimate in zip(means, variances, shrunk.estimates, strict=True):
        trust = between / (between + variance)
        assert estimate.value == pytest.approx(shrunk.mean + trust * (mean - shrunk.mean), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("agents", "spread"), [(5, 5.0), (8, 2.0), (20, 5.0)])
def test_the_intervals_of_estimates_hold_the_true_means(agents: int, spread: float) -> None:
    """Agents whose true means are known: about 95 % of them must be inside, also where few agents differ little."""
    luck = np.random.default_rng(11)
    inside, audits = 0, 1_500 // agents
    for _ in range(audits):
        truths = luck.normal(80, spread, agents)
        shrunk = shrink([sample(luck.normal(truth, 12, luck.integers(10, 60))) for truth in truths])
        assert shrunk is not None
        inside += sum(
            (estimate.low or 0) <= truth <= (estimate.high or 0)
            for truth, estimate in zip(truths, shrunk.estimates, strict=True)
        )
    assert 0.92 <= inside / (audits * agents) <= 0.98
