"""Intervals against published values: a manager may decide on them."""

from __future__ import annotations

import pytest

from qa_scorer.results.naming import slugs
from qa_scorer.results.statistics import mean_figure, rate_figure, t_quantile


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_t_quantiles(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, rel=0.005)


def test_wilson_interval() -> None:
    figure = rate_figure(8, 10)
    assert (figure.low, figure.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert rate_figure(0, 5).low == 0
    assert rate_figure(5, 5).high == 1
    assert rate_figure(0, 0).value is None


def test_a_mean_of_one_has_no_interval_and_none_of_nothing() -> None:
    assert mean_figure([90.0], 85).low is None
    assert mean_figure([], 85).value is None
    assert mean_figure([], 85).met is None


@pytest.mark.parametrize(
    ("value", "count", "low", "high"),
    [(100.0, 2, 15.8, 100.0), (100.0, 30, 88.4, 100.0), (0.0, 30, 0.0, 11.6), (80.0, 10, 55.3, 86.2)],
)
def test_equal_values_prove_nothing_about_the_next(value: float, count: int, low: float, high: float) -> None:
    """Two perfect conversations must not read as "reliably at or above the pass mark"."""
    figure = mean_figure([value] * count, least=0.0, most=100.0)
    assert (figure.low, figure.high) == (pytest.approx(low, abs=0.1), pytest.approx(high, abs=0.1))


def test_equal_times_have_no_interval_because_nothing_bounds_them() -> None:
    assert mean_figure([20.0, 20.0], least=0.0).low is None


def test_means_meet_targets_in_their_own_direction_and_stay_within_bounds() -> None:
    assert mean_figure([80.0, 100.0], 85).met is True
    assert mean_figure([20.0, 30.0], 30, low_is_good=True).met is True
    assert mean_figure([99.0, 100.0], most=100.0).high == 100.0


def test_slugs_are_safe_unique_and_stable() -> None:
    hostile = [
        "../../x",
        "=cmd|' /C calc'!A0",
        "<script>",
        "CON",
        "小美",
        "店铺:小美",
        "店铺/小美",
        "",
        "A" * 300,
        "index",
    ]
    made = slugs(hostile)
    assert len(set(made.values())) == len(hostile)
    assert made["小美"] == "小美"
    assert all(slug and not set(slug) & set('./\\<>:"|?*=') and len(slug) < 40 for slug in made.values())
    assert slugs(reversed(hostile)) == made
