"""Statistics against published values and against chance: nobody may be praised or blamed for noise."""

from __future__ import annotations

import math
import random

import pytest

from qa_scorer.audit.statistics import Rate, Ratio, Sample, compare, holds, shrink, t_p_value


def sample(*values: float) -> Sample:
    whole = [round(value * 100) for value in values]
    return Sample(len(whole), sum(whole), sum(value**2 for value in whole))


@pytest.mark.parametrize(
    ("t", "freedom", "p"),
    [  # tables of Student's t
        (12.7062, 1, 0.05),
        (2.2281, 10, 0.05),
        (3.1693, 10, 0.01),
        (-2.0, 10, 0.073388),
        (1.95996, 1e7, 0.05),
        (0.0, 5, 1.0),
    ],
)
def test_the_p_value_of_t(t: float, freedom: float, p: float) -> None:
    assert t_p_value(t, freedom) == pytest.approx(p, rel=2e-4)


def test_means_are_compared_by_welch() -> None:
    """Example of unequal variances, recomputed by hand: t = −3.538, 5.52 degrees of freedom."""
    one, other = sample(1, 2, 3, 4), sample(5, 9, 13, 6, 7)
    difference = compare(one, other)
    assert difference is not None
    error = math.sqrt((5 / 3) / 4 + 10 / 5)
    assert difference.value == pytest.approx(2.5 - 8)
    assert difference.p == pytest.approx(t_p_value(-5.5 / error, 5.5207), rel=1e-3)
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < -5.5 < difference.high < 0


def test_rates_are_compared_by_newcombe() -> None:
    """Newcombe 1998, example (a): 56/70 and 48/80 differ by 0.2, from 0.0524 to 0.3339."""
    difference = compare(Rate(56, 70), Rate(48, 80))
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert difference.p == pytest.approx(0.00826, abs=1e-5)  # z = 2.6414


def test_a_rate_of_nothing_is_no_difference() -> None:
    assert compare(Rate(0, 0), Rate(3, 4)) is None
    assert compare(Sample(), sample(1, 2)) is None
    nobody = compare(Rate(0, 30), Rate(0, 40))
    assert nobody is not None
    assert (nobody.value, nobody.p) == (0, 1)


def test_verdicts_of_one_conversation_are_no_independent_cases() -> None:
    """Ten conversations that pass or fail all their five rules say no more than ten verdicts."""
    alike = [(5, 5)] * 8 + [(0, 5)] * 2
    figure = Ratio(
        10, sum(hits for hits, _ in alike), 50, sum(hits**2 for hits, _ in alike),
        sum(hits * cases for hits, cases in alike), 250,
    ).figure()  # fmt: skip
    single = sample(*[hits / cases for hits, cases in alike]).figure(least=0, most=1)
    assert (figure.value, figure.n) == (0.8, 50)
    assert (figure.low, figure.high) == pytest.approx((single.low, single.high))


def test_holm_corrects_for_how_many_were_looked_at() -> None:
    assert holds([0.04]) == [True]
    assert holds([0.04, 0.9]) == [False, False]
    assert holds([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]  # Holm 1979
    assert holds([0.02, None, None]) == [True, False, False]
    assert holds([]) == []


def test_nobody_is_marked_where_nobody_differs() -> None:
    """200 audits of 40 agents who are all the same: at most about one in twenty may mark anyone."""
    luck = random.Random(7)
    marked = 0
    for _ in range(200):
        agents = [sample(*(max(0.0, min(100.0, luck.gauss(88, 9))) for _ in range(25))) for _ in range(40)]
        whole = Sample(*(sum(getattr(one, name) for one in agents) for name in ("count", "total", "squares")))
        differences = [compare(agent, whole.without(agent)) for agent in agents]
        marked += any(holds([difference.p if difference else None for difference in differences]))
    assert marked <= 18  # 10 expected; 18 or fewer in 99 % of such series


def test_estimates_are_drawn_to_the_mean_by_how_little_they_can_bear() -> None:
    """One lucky conversation must not lead the ranking."""
    lucky, steady = sample(100), sample(*[95, 97] * 20)
    others = [sample(*[80 + n, 84 + n] * 20) for n in range(8)]
    shrunk = shrink([lucky, steady, *others], least=0, most=100)
    assert shrunk is not None
    values = [figure.value or 0.0 for figure in shrunk.estimates]
    assert values[0] < 100
    assert 100 - values[0] > abs(96 - values[1])
    assert all(
        figure.low is not None and figure.low < value for figure, value in zip(shrunk.estimates, values, strict=True)
    )


def test_equal_agents_get_equal_estimates() -> None:
    """Where agents vary no more than chance makes them, there is nothing to rank by."""
    shrunk = shrink([sample(80, 90, 100), sample(82, 90, 97), sample(79, 91, 99)])
    assert shrunk is not None
    assert shrunk.between == 0
    assert len({round(figure.value or 0.0, 9) for figure in shrunk.estimates}) == 1


def test_shrinkage_recovers_the_known_spread() -> None:
    luck = random.Random(3)
    truth = [luck.gauss(85, 4) for _ in range(300)]
    shrunk = shrink([sample(*(luck.gauss(mean, 10) for _ in range(30))) for mean in truth])
    assert shrunk is not None
    assert (shrunk.mean, shrunk.between, shrunk.within) == pytest.approx((85, 4, 10), abs=0.6)
    inside = sum((f.low or 0.0) <= mean <= (f.high or 0.0) for f, mean in zip(shrunk.estimates, truth, strict=True))
    assert 0.91 <= inside / 300 <= 0.99


@pytest.mark.parametrize("samples", [[], [sample(80, 90)], [sample(80), sample(90)], [Sample(), sample(1, 2)]])
def test_too_little_to_shrink(samples: list[Sample]) -> None:
    assert shrink(samples) is None


def test_all_the_same_scores_need_no_estimate() -> None:
    shrunk = shrink([sample(100, 100), sample(100, 100)])
    assert shrunk is not None
    assert [figure.value for figure in shrunk.estimates] == [100, 100]
