"""Agents beside each other and beside their own past. Every kind of mark is one family of tests over all agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from qa_scorer.audit.figures import (
    cells,
    change,
    distributions,
    items,
    layers,
    marked,
    metrics,
    standing,
    trending,
    weighed,
)
from qa_scorer.audit.measures import ItemCount, Measured, Measures
from qa_scorer.audit.model import AgentAudit, Focus
from qa_scorer.audit.quotes import Quotes
from qa_scorer.audit.settings import Settings
from qa_scorer.audit.statistics import Difference, Sample, Shrinkage, shrink
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.results.naming import slugs
from qa_scorer.results.summarise import grade_of
from qa_scorer.results.summary import Figure

_FOCUS = 3
Pair = tuple[str, str]
"""Agent, and the id of a metric, rule or dimension."""
Differences = dict[str, Difference | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a rule costs an agent, in points per scored conversation."""

    rule: Rule
    lost: float


def costly(rule: Rule) -> bool:
    """Whether failing the rule costs something."""
    return bool(rule.points or rule.deduct or rule.veto)


def dearest(rulebook: Rulebook, measures: Measures) -> list[Cost]:
    """The rules that cost an agent most, at most three, the dearest first. A veto costs the whole total."""
    costs = []
    for rule in rulebook.rules:
        item = measures.items.get(rule.id)
        if item is not None and item.failed and costly(rule):
            lost = item.failed * rulebook.scoring.total if rule.veto else item.lost / 100
            costs.append(Cost(rule, lost / measures.scored))
    return sorted(costs, key=lambda cost: -cost.lost)[:_FOCUS]


class Standings:
    """All comparisons between agents in side 0, and of each with side 1 (when ``compared``).

    ``agents``: the measures of who has a scored conversation, by name.
    """

    def __init__(self, measured: Measured, rulebook: Rulebook, settings: Settings, *, compared: bool) -> None:
        self.rulebook = rulebook
        self.settings = settings
        self.team = measured.of(0)
        present = sorted(name for (side, name), measures in measured.items() if side == 0 and name and measures.scored)
        self.agents = {name: measured.of(0, name) for name in present}
        self.past = {name: measured.of(1, name) for name in self.agents} if compared else {}
        self.metrics = metrics(rulebook.scoring, settings)
        self._compare_with_others()
        self._compare_with_past()
        self._rank()

    def few(self, agent: str) -> bool:
        """Whether the agent has too few conversations to be ranked or marked."""
        return self.agents[agent].scored < self.settings.least_to_rank

    def _compare_with_others(self) -> None:
        """Each agent with all others together: the score, every dimension, every rule."""
        least = self.settings.least_to_rank
        everyone = _sum([measures.score for measures in self.agents.values()])
        self.to_others = {
            name: weighed(measures.score, everyone.without(measures.score), least)
            for name, measures in self.agents.items()
        }
        self.marks = marked(self.to_others)
        self.in_dimensions = {
            (name, entry.id): weighed(sample, whole.without(sample), least)
            for name, measures in self.agents.items()
            for entry, sample, whole in zip(
                self.rulebook.dimensions, measures.dimensions, self.team.dimensions, strict=True
            )
        }
        self.dimension_marks = marked(self.in_dimensions)
        self.in_rules = {
            (name, rule): weighed(item.compliance, self.team.items[rule].compliance.without(item.compliance), least)
            for name, measures in self.agents.items()
            for rule, item in measures.items.items()
        }
        self.rule_marks = marked(self.in_rules)

    def _compare_with_past(self) -> None:
        """Each agent with the same agent in side 1: the score, every metric, every rule."""
        least = self.settings.least_to_rank
        widest = self.rulebook.scoring.total - self.rulebook.scoring.floor
        self.since = {
            name: weighed(self.agents[name].score, past.score, least, widest) for name, past in self.past.items()
        }
        self.since_marks = marked(self.since)
        self.metrics_since = {
            (name, metric.id): weighed(metric.of(self.agents[name]), metric.of(past), least, metric.widest)
            for name, past in self.past.items()
            for metric in self.metrics
        }
        self.metric_marks = marked(self.metrics_since)
        self.rules_since = {
            (name, rule.id): weighed(
                self.agents[name].items.get(rule.id, ItemCount()).compliance,
                past.items.get(rule.id, ItemCount()).compliance,
                least,
            )
            for name, past in self.past.items()
            for rule in self.rulebook.rules
        }
        self.rule_since_marks = marked(self.rules_since)

    def _rank(self) -> None:
        """By shrunken means, among who has enough conversations; the same estimate shares a rank."""
        bounds = (self.rulebook.scoring.floor, self.rulebook.scoring.total)
        names = list(self.agents)
        self.shrinkage: Shrinkage | None = shrink(
            [self.agents[name].score for name in names], least=bounds[0], most=bounds[1]
        )
        self.estimates: dict[str, Figure] = (
            dict(zip(names, self.shrinkage.estimates, strict=True)) if self.shrinkage else {}
        )
        enough = [round(self.estimates[name].value or 0.0, 9) for name in self.estimates if not self.few(name)]
        self.ranks: dict[str, int] = {}
        if len(enough) > 1:
            for name, estimate in self.estimates.items():
                if not self.few(name):
                    self.ranks[name] = 1 + sum(other > round(estimate.value or 0.0, 9) for other in enough)


def _sum(samples: list[Sample]) -> Sample:
    return Sample(
        sum(sample.count for sample in samples),
        sum(sample.total for sample in samples),
        sum(sample.squares for sample in samples),
    )


def agent_audits(
    standings: Standings, focus: Mapping[str, list[Cost]], quotes: Quotes, groups: Mapping[str, str]
) -> tuple[AgentAudit, ...]:
    """Every agent, ranked ones first."""
    slug_of = slugs(standings.agents)
    medians = _medians(standings)
    ordered = sorted(standings.agents, key=lambda name: (standings.few(name), standings.ranks.get(name, 0), name))
    return tuple(
        _agent_audit(standings, name, slug_of[name], medians, focus[name], quotes, groups.get(name)) for name in ordered
    )


def _medians(standings: Standings) -> dict[str, float]:
    """The median of each metric over the agents who have it."""
    medians = {}
    for metric in standings.metrics:
        values = [metric.figure(measures).value for measures in standings.agents.values()]
        known = [value for value in values if value is not None]
        if known:
            medians[metric.id] = median(known)
    return medians


def _agent_audit(
    standings: Standings, name: str, slug: str, medians: Mapping[str, float], focus: list[Cost], quotes: Quotes,
    group: str | None,
) -> AgentAudit:  # fmt: skip
    rulebook, mine, past = standings.rulebook, standings.agents[name], standings.past.get(name)
    score = next(metric for metric in standings.metrics if metric.id == "score")
    to_others = standings.to_others[name]
    rules = [rule.id for rule in rulebook.rules]
    shown = [metric.id for metric in standings.metrics]
    parts = [entry.id for entry in rulebook.dimensions]
    made = items(
        rulebook.rules,
        mine,
        past,
        _own(standings.rules_since, name, rules),
        _marks(standings.rule_since_marks, name, rules),
        standings.team,
    )
    return AgentAudit(
        agent=name,
        slug=slug,
        group=group,
        conversations=mine.scored,
        few=standings.few(name),
        rank=standings.ranks.get(name),
        score=score.figure(mine),
        estimate=standings.estimates.get(name, Figure(None)),
        difference=to_others.value if to_others else None,
        standing=standing(to_others, name in standings.marks),
        grade=grade_of(mine.score.mean, rulebook),
        pass_rate=mine.passed.figure(),
        vetoes=mine.vetoed.hits,
        change=change(standings.since.get(name), score.figure(past), name in standings.since_marks, 1)
        if past
        else None,
        layers=layers(
            standings.metrics,
            mine,
            past,
            _own(standings.metrics_since, name, shown),
            _marks(standings.metric_marks, name, shown),
            medians,
        ),
        cells=cells(
            rulebook, mine, _own(standings.in_dimensions, name, parts), _marks(standings.dimension_marks, name, parts)
        ),
        items=made,
        rising=trending(made, "rising"),
        falling=trending(made, "falling"),
        responses=distributions(mine, past, standings.settings.targets["first_response"]),
        focus=tuple(_focus(standings, name, cost, quotes) for cost in focus),
        excellent=quotes.excellent(name),
        chats=quotes.chats(name),
    )


def _own(differences: Mapping[Pair, Difference | None], agent: str, about: Sequence[str]) -> Differences:
    """The differences of one agent."""
    return {name: differences.get((agent, name)) for name in about}


def _marks(marks: frozenset[Pair], agent: str, about: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name in about if (agent, name) in marks)


def _focus(standings: Standings, name: str, cost: Cost, quotes: Quotes) -> Focus:
    rule, key = cost.rule, (name, cost.rule.id)
    mine = standings.agents[name].items[rule.id].compliance
    others = standings.team.items[rule.id].compliance.without(mine)
    return Focus(
        rule_id=rule.id,
        title=rule.title,
        standard=" ".join(rule.standard),
        dimension=rule.dimension,
        advice=rule.advice,
        rate=mine.missed.figure(),
        team=others.missed.figure().value,
        lost=cost.lost,
        standing=standing(standings.in_rules[key], key in standings.rule_marks),
        messages=quotes.focus(name, rule.id),
    )
