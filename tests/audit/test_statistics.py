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
    """Recomputed by hand: the greater spread (of the smaller group) stands, the smaller one is raised to the common."""
    one, other = sample(1, 2, 3, 4), sample(5, 9, 13, 6, 7)
    common = (5 + 40) / 7
    first, second = common / 4, 10 / 5
    degrees = (first + second) ** 2 / (first**2 / 3 + second**2 / 4)
    difference = compare(one, other)
    assert difference is not None
    assert difference.value == pytest.approx(2.5 - 8)
    assert difference.p == pytest.approx(t_p_value(-5.5 / math.sqrt(first + second), degrees))
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < -5.5 < difference.high < 0


def test_rates_are_compared_by_newcombe() -> None:
    """Newcombe 1998, example (a): 56/70 and 48/80 differ by 0.2, from 0.0524 to 0.3339."""
    difference = compare(Rate(56, 70), Rate(48, 80))
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Rate(56, 70), Rate(48, 80)), (Rate(0, 12), Rate(9, 40)), (Rate(3, 3), Rate(1, 4)), (Rate(8, 100), Rate(40, 4000)),
     (Rate(5, 10), Rate(50, 100))],
)  # fmt: skip
def test_few_cases_are_tested_exactly(one: Rate, other: Rate) -> None:
    """Against the sum over all tables; the normal distribution would mark luck that is ten times as likely."""
    cases, hits = one.count + other.count, one.hits + other.hits
    chances = {
        number: math.comb(hits, number) * math.comb(cases - hits, one.count - number) / math.comb(cases, one.count)
        for number in range(max(0, one.count + hits - cases), min(hits, one.count) + 1)
    }
    above = sum(chance for number, chance in chances.items() if number >= one.hits)
    below = sum(chance for number, chance in chances.items() if number <= one.hits)
    difference = compare(one, other)
    assert difference is not None
    assert difference.p == pytest.approx(min(1, 2 * min(above, below)), rel=1e-9)


def test_many_cases_are_tested_as_well_by_the_normal_distribution() -> None:
    difference = compare(Rate(500, 1000), Rate(5600, 10000))
    assert difference is not None
    assert difference.p == pytest.approx(2.73e-4, rel=0.005)  # z = 3.6395


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


def scores_like_those_of_chats(luck: random.Random) -> float:
    """Often perfect, rarely a veto: far from normal, as scores are."""
    chance = luck.random()
    return 0.0 if chance < 0.01 else 100.0 if chance < 0.6 else round(luck.uniform(55, 100), 2)


@pytest.mark.parametrize("conversations", [10, 40])
def test_no_agent_is_marked_where_nobody_differs(conversations: int) -> None:
    """150 audits of 40 agents who are all the same: at most about one in twenty may mark anyone."""
    luck = random.Random(7)
    marked = 0
    for _ in range(150):
        agents = [sample(*(scores_like_those_of_chats(luck) for _ in range(conversations))) for _ in range(40)]
        whole = Sample(*(sum(getattr(one, name) for one in agents) for name in ("count", "total", "squares")))
        differences = [compare(agent, whole.without(agent)) for agent in agents]
        marked += any(holds([difference.p if difference else None for difference in differences]))
    assert marked <= 14  # 7.5 expected at the most; 14 or fewer in 99 % of such series


def test_no_item_is_marked_where_nobody_differs() -> None:
    """100 audits of 400 rare rules: the rarer a fail, the more its chance is underrated by anything but an exact test."""
    luck = random.Random(7)
    marked = 0
    for _ in range(100):
        rules = [Rate(sum(luck.random() < 0.01 for _ in range(100)), 100) for _ in range(400)]
        differences = [compare(rule, Rate(300, 30_000)) for rule in rules]
        marked += any(holds([difference.p if difference else None for difference in differences]))
    assert marked <= 11


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
