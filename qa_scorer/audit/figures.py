"""Figures with their intervals, targets and changes, from what was counted. Marks come from one family of tests each."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qa_scorer.audit.measures import EDGES, ItemCount, Measures
from qa_scorer.audit.model import AuditMetric, Cell, Change, Distribution, Item, Layer
from qa_scorer.audit.settings import Settings
from qa_scorer.audit.statistics import Difference, Sample, Values, compare, holds
from qa_scorer.model.rules import Rule, Rulebook, Scoring
from qa_scorer.results.shades import shade
from qa_scorer.results.summary import Figure

K = TypeVar("K", bound=Hashable)


def marked(differences: Mapping[K, Difference | None]) -> frozenset[K]:
    """Those of a family of differences that hold after correction for all of them."""
    kept = holds([None if difference is None else difference.p for difference in differences.values()])
    return frozenset(key for key, mark in zip(differences, kept, strict=True) if mark)


def weighed(one: Values, other: Values, least: int, widest: float = math.inf) -> Difference | None:
    """The difference, its interval held within ``widest`` on either side; untested (``p`` None) where a side has fewer than ``least``
    values."""
    difference = compare(one, other)
    if difference is None:
        return None
    low, high = (
        None if bound is None else min(max(bound, -widest), widest) for bound in (difference.low, difference.high)
    )
    p = difference.p if min(one.count, other.count) >= least else None
    return Difference(difference.value, low, high, p)


def change(difference: Difference | None, before: Figure, mark: bool, direction: int) -> Change | None:
    """``direction``: 1 when more is better, −1 when less is, 0 when neither. None where there is no difference."""
    if difference is None:
        return None
    better = difference.value * direction > 0 if direction and difference.value else None
    return Change(before, difference.value, difference.low, difference.high, mark, better)


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is taken from measures. ``direction`` as in ``change``."""

    id: str
    layer: str
    unit: str
    direction: int
    of: Callable[[Measures], Values]
    target: float | None = None
    least: float = 0.0
    most: float = math.inf

    @property
    def widest(self) -> float:
        """How far two values can be apart."""
        return self.most - self.least

    def figure(self, measures: Measures) -> Figure:
        """With its interval and target."""
        value = self.of(measures)
        if isinstance(value, Sample):
            return value.figure(self.target, low_is_good=self.direction < 0, least=self.least, most=self.most)
        return value.figure(self.target)


def metrics(scoring: Scoring, settings: Settings) -> tuple[Metric, ...]:
    """All metrics, in the order of layers."""
    targets, bounds = settings.targets, (scoring.floor, scoring.total)
    return (
        Metric("first_response", "efficiency", "seconds", -1, lambda m: m.first, targets["first_response"]),
        Metric("mean_response", "efficiency", "seconds", -1, lambda m: m.mean),
        Metric("longest_wait", "efficiency", "seconds", -1, lambda m: m.longest),
        Metric("handle_time", "efficiency", "seconds", 0, lambda m: m.handle),
        Metric("answered_in_time", "efficiency", "share", 1, lambda m: m.in_time),
        Metric("score", "quality", "score", 1, lambda m: m.score, scoring.pass_mark, *bounds),
        Metric("pass_rate", "quality", "share", 1, lambda m: m.passed),
        Metric("compliance", "quality", "share", 1, lambda m: m.compliance, None, 0.0, 1.0),
        Metric("veto_rate", "quality", "share", -1, lambda m: m.vetoed),
        Metric("csat", "result", "share", 1, lambda m: m.csat, targets["csat"]),
        Metric("csat_mean", "result", "stars", 1, lambda m: m.stars, None, 1.0, 5.0),
        Metric("resolved", "result", "share", 1, lambda m: m.resolved, targets["resolved"]),
        Metric("fcr", "result", "share", 1, lambda m: m.fcr, targets["fcr"]),
        Metric("complaints", "result", "share", -1, lambda m: m.complaints),
    )


def layers(
    wanted: Sequence[Metric], now: Measures, before: Measures | None, differences: Mapping[str, Difference | None],
    marks: frozenset[str], medians: Mapping[str, float],
) -> tuple[Layer, ...]:  # fmt: skip
    """The three layers. ``differences`` (to ``before``) and ``medians`` are by metric."""
    made: dict[str, list[AuditMetric]] = {}
    for metric in wanted:
        changed = None
        if before is not None:
            mark = metric.id in marks
            changed = change(differences[metric.id], metric.figure(before), mark, metric.direction)
        shown = AuditMetric(
            metric.id, metric.unit, metric.figure(now), metric.direction < 0, changed, medians.get(metric.id)
        )
        made.setdefault(metric.layer, []).append(shown)
    return tuple(Layer(name, tuple(entries)) for name, entries in made.items())


def items(
    rules: Sequence[Rule], now: Measures, before: Measures | None, differences: Mapping[str, Difference | None],
    marks: frozenset[str], team: Measures | None = None,
) -> tuple[Item, ...]:  # fmt: skip
    """Every rule's compliance. ``differences`` (to ``before``) are by rule."""
    made = []
    for rule in rules:
        rate = now.items.get(rule.id, ItemCount()).compliance
        changed = None
        if before is not None:
            earlier = before.items.get(rule.id, ItemCount()).compliance.figure()
            changed = change(differences[rule.id], earlier, rule.id in marks, 1)
        trend = "" if changed is None or not changed.holds else "rising" if changed.difference > 0 else "falling"
        of_team = None if team is None else team.items.get(rule.id, ItemCount()).compliance.figure().value
        made.append(
            Item(rule.id, rule.title, " ".join(rule.standard), rule.dimension, rate.figure(), changed, trend, of_team)
        )
    return tuple(made)


def trending(made: Sequence[Item], trend: str) -> tuple[Item, ...]:
    """The items that rise (or fall), the greatest change first."""
    return tuple(
        sorted(
            (item for item in made if item.trend == trend),
            key=lambda item: -abs(item.change.difference) if item.change else 0.0,
        )
    )


def cells(
    rulebook: Rulebook, mine: Measures, differences: Mapping[str, Difference | None], marks: frozenset[str]
) -> tuple[Cell, ...]:
    """An agent's dimensions; ``differences``, to those of all others, are by dimension."""
    made = []
    for entry, sample in zip(rulebook.dimensions, mine.dimensions, strict=True):
        difference, mark = differences[entry.id], entry.id in marks
        figure = sample.figure(least=0, most=100)
        value = None if difference is None else difference.value
        made.append(Cell(entry.id, figure, value, standing(difference, mark), shade(figure.value)))
    return tuple(made)


def standing(difference: Difference | None, mark: bool) -> str:
    """``above``, ``below``, or nothing when the difference does not hold."""
    if difference is None or not mark:
        return ""
    return "above" if difference.value > 0 else "below"


def levelled(before: Sequence[int], now: Sequence[int]) -> tuple[float, ...] | None:
    """Counts as they would be with as many cases as ``now``, so that the shapes can be compared; None of none."""
    return tuple(round(number * sum(now) / sum(before), 2) for number in before) if sum(before) else None


def distributions(now: Measures, before: Measures | None, first_target_s: float) -> tuple[Distribution, ...]:
    """Times as histograms."""
    made = []
    for name, edges in EDGES.items():
        spread = now.spreads.get(name)
        counts = spread.counts if spread else [0] * len(edges)
        earlier = before.spreads.get(name) if before is not None else None
        median, p90, p95 = (value / 1000 for value in spread.quantiles) if spread else (None, None, None)
        target = first_target_s if name == "first_response" else None
        within = now.in_time.figure() if target is not None else Figure(None)
        made.append(
            Distribution(
                name,
                tuple(float(edge) for edge in edges),
                tuple(counts),
                tuple(earlier.counts) if earlier else None,
                levelled(earlier.counts, counts) if earlier else None,
                sum(counts),
                median,
                p90,
                p95,
                target,
                within,
            )
        )
    return tuple(made)
