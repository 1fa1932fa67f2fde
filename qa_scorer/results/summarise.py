"""The figures of a run, from its tally and tables: what ``results.summary`` holds and reports show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from qa_scorer import __version__
from qa_scorer.model.rules import Rulebook
from qa_scorer.results.failures import EXAMPLES
from qa_scorer.results.naming import slugs
from qa_scorer.results.quoting import Quoting
from qa_scorer.results.statistics import known_mean, rate_figure
from qa_scorer.results.summary import (
    AgentSummary,
    DimensionScore,
    Figure,
    Finding,
    Metric,
    Problem,
    Reading,
    RuleRate,
    RunSummary,
)
from qa_scorer.results.tables import RunTables
from qa_scorer.results.tally import Group, Tally

LEAST_TO_RANK = 5
"""Scored conversations below which an agent is not ranked."""
TARGETS = {"csat": 0.90, "resolved": 0.75, "first_response": 30.0}
"""The standard's targets; the score's is the rulebook's pass mark."""
_SECONDS = ("first_response", "mean_response", "longest_wait", "handle_time")
"""The names of ``tally.SECONDS`` among the metrics."""
_HUNDRED = 100.0


def summarise(
    tally: Tally, data: Path, rulebook: Rulebook, reading: Reading, zone: str, *, quotes: bool = True
) -> RunSummary:
    """Everything that the reports of one run show: figures from the tally, quotes from the tables in ``data``; times are
    shown in ``zone``.

    Without ``quotes`` the figures stand alone: no findings, examples, best conversations or conversation lists.
    """
    quoting = Quoting(RunTables(data, zone), rulebook) if quotes else None
    findings = quoting.findings if quoting else []
    team = tally.team
    score = _score(team, 0, rulebook)
    rules = _rule_rates(team, 0, rulebook)
    dimensions = _dimensions(team, 0, rulebook)
    agents = _agents(tally, quoting, rulebook, rules, dimensions)
    findings = _weakest_first(findings, agents)
    return RunSummary(
        rulebook=rulebook.name,
        language=rulebook.language,
        version=__version__,
        total=rulebook.scoring.total,
        pass_mark=rulebook.scoring.pass_mark,
        period=(_moment(tally.first, zone), _moment(tally.last, zone)),
        reading=reading,
        score=score,
        pass_rate=rate_figure(*_passed(team, 0)),
        vetoes=int(team.vetoed[0]),
        grades=tuple(tally.grades.items()),
        histogram=tuple(tally.histogram.tolist()),
        metrics=_metrics(team, 0, score),
        dimensions=dimensions,
        rules=rules,
        problems=_problems(team, 0, rules, findings, rulebook),
        agents=agents,
        transcripts=quoting.transcripts if quoting else None,
    )


def _agents(
    tally: Tally, quoting: Quoting | None, rulebook: Rulebook, team_rules: Sequence[RuleRate],
    team_dimensions: Sequence[DimensionScore],
) -> tuple[AgentSummary, ...]:  # fmt: skip
    group = tally.agents
    row_of = {name: row for name, row in sorted(tally.names.items()) if group.scores.count[row, 0]}
    by_agent: dict[str, list[Finding]] = {}
    for finding in quoting.findings if quoting else ():
        by_agent.setdefault(finding.agent, []).append(finding)
    scores = {name: _score(group, row, rulebook) for name, row in row_of.items()}
    ranks = _ranks(scores)
    slug_of = slugs(list(row_of))
    made = []
    for name, row in row_of.items():
        rules = _with_team(_rule_rates(group, row, rulebook), team_rules)
        found = tuple(by_agent.get(name, ()))
        count = scores[name].n
        made.append(
            AgentSummary(
                agent=name,
                slug=slug_of[name],
                conversations=count,
                rank=ranks.get(name),
                score=scores[name],
                grade=grade_of(scores[name].value, rulebook),
                pass_rate=rate_figure(int(group.passed[row]), count),
                vetoes=int(group.vetoed[row]),
                metrics=_metrics(group, row, scores[name]),
                dimensions=_with_team(_dimensions(group, row, rulebook), team_dimensions),
                rules=rules,
                problems=_problems(group, row, rules, found, rulebook),
                findings=found,
                failed=quoting.failed.get(name, 0) if quoting else 0,
                best=quoting.best(name) if quoting else (),
                rows=quoting.rows(name) if quoting else (),
                responsible=quoting.conversations.get(name, 0) if quoting else 0,
            )
        )
    return _with_medians(made)


def _weakest_first(findings: Sequence[Finding], agents: Sequence[AgentSummary]) -> list[Finding]:
    """Findings of the agents who need help most come first, so that the team's examples are theirs."""
    means = {agent.agent: agent.score.value or 0.0 for agent in agents}
    return sorted(findings, key=lambda finding: means[finding.agent])


def _score(group: Group, row: int, rulebook: Rulebook) -> Figure:
    scoring = rulebook.scoring
    mean, count, variance = group.scores.mean(row, 0, _HUNDRED)
    if not count:
        return Figure(None, target=scoring.pass_mark)
    return known_mean(mean, count, variance, scoring.pass_mark, least=scoring.floor, most=scoring.total)


def _passed(group: Group, row: int) -> tuple[int, int]:
    """(conversations that passed, scored conversations)."""
    scored, passed = group.conversations[row, :2].tolist()
    return passed, scored


def _moment(milliseconds: int | None, zone: str) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, ZoneInfo(zone))


def _ranks(scores: dict[str, Figure]) -> dict[str, int]:
    enough = [name for name, figure in scores.items() if figure.n >= LEAST_TO_RANK]
    values = {name: round(scores[name].value or 0.0, 9) for name in enough}
    return {name: 1 + sum(other > value for other in values.values()) for name, value in values.items()}


def grade_of(score: float | None, rulebook: Rulebook) -> str:
    """The name of the grade that a score reaches; empty without a score."""
    if score is None:
        return ""
    return next((name for name, least in rulebook.scoring.grades if score >= least), rulebook.scoring.grades[-1][0])


def _metrics(group: Group, row: int, score: Figure) -> tuple[Metric, ...]:
    rated, satisfied, known, resolved = group.conversations[row, 2:].tolist()
    metrics = [
        Metric("score", score, "score"),
        Metric("pass_rate", rate_figure(*_passed(group, row)), "share"),
        Metric("csat", rate_figure(satisfied, rated, TARGETS["csat"]), "share"),
        Metric("resolved", rate_figure(resolved, known, TARGETS["resolved"]), "share"),
    ]
    for number, name in enumerate(_SECONDS):
        target = TARGETS.get(name)
        mean, count, variance = group.seconds.mean(row, number)
        figure = known_mean(mean, count, variance, target, low_is_good=True, least=0.0)
        metrics.append(Metric(name, figure if count else Figure(None, target=target), "seconds"))
    passed, failed = group.outcomes[row].sum(axis=0).tolist()
    metrics.append(Metric("compliance", rate_figure(passed, passed + failed), "share"))
    return tuple(metrics)


def _dimensions(group: Group, row: int, rulebook: Rulebook) -> tuple[DimensionScore, ...]:
    scores = []
    for number, entry in enumerate(rulebook.dimensions):
        mean, count, variance = group.dimension.mean(row, number, _HUNDRED)
        figure = known_mean(mean, count, variance, least=0, most=100) if count else Figure(None)
        scores.append(DimensionScore(entry.id, entry.name, figure))
    return tuple(scores)


def _rule_rates(group: Group, row: int, rulebook: Rulebook) -> tuple[RuleRate, ...]:
    rates = []
    for rule, (passed, failed) in zip(rulebook.rules, group.outcomes[row].tolist(), strict=True):
        standard = " ".join(rule.standard)
        rates.append(RuleRate(rule.id, rule.title, standard, rule.dimension, rate_figure(passed, passed + failed)))
    return tuple(rates)


def _problems(
    group: Group, row: int, rules: Sequence[RuleRate], findings: Sequence[Finding], rulebook: Rulebook
) -> tuple[Problem, ...]:
    """Rules that failed, by points lost per scored conversation; vetoes weigh as the whole total."""
    scored = _passed(group, row)[1]
    examples: dict[str, list[Finding]] = {}
    for finding in findings:
        examples.setdefault(finding.rule_id, []).append(finding)
    problems = []
    for number, (rule, rate) in enumerate(zip(rulebook.rules, rules, strict=True)):
        count = int(group.failed[row, number])
        if count and (rule.points or rule.deduct or rule.veto):
            cost = rulebook.scoring.total * count if rule.veto else int(group.lost[row, number]) / _HUNDRED
            failures = rate_figure(int(group.outcomes[row, number, 1]), rate.rate.n)
            shown = tuple(examples.get(rule.id, ())[:EXAMPLES])
            problems.append(
                Problem(
                    rule.id, rate.title, rate.standard, rate.dimension, count,
                    failures, cost / scored, rule.advice, shown,
                )
            )  # fmt: skip
    return tuple(sorted(problems, key=lambda problem: -problem.lost))


def _with_team(own: Sequence[Any], team: Sequence[Any]) -> tuple[Any, ...]:
    """An agent's figures with the team's value beside each."""
    value = [entry.rate.value if isinstance(entry, RuleRate) else entry.figure.value for entry in team]
    return tuple(replace(entry, team=known) for entry, known in zip(own, value, strict=True))


def _with_medians(agents: Sequence[AgentSummary]) -> tuple[AgentSummary, ...]:
    """Agents with the median over all agents beside each metric."""
    medians: dict[str, float] = {}
    for number, metric in enumerate(agents[0].metrics if agents else ()):
        values = [agent.metrics[number].figure.value for agent in agents]
        known = [value for value in values if value is not None]
        if known:
            medians[metric.id] = median(known)
    return tuple(
        replace(agent, metrics=tuple(replace(metric, team=medians.get(metric.id)) for metric in agent.metrics))
        for agent in agents
    )
