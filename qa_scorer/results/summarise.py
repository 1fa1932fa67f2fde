"""The figures of a run, from its tables: what ``results.summary`` holds and reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from qa_scorer import __version__
from qa_scorer.model.rules import Rulebook
from qa_scorer.results.findings import find_all
from qa_scorer.results.naming import slugs
from qa_scorer.results.statistics import mean_figure, rate_figure
from qa_scorer.results.summary import (
    AgentSummary,
    ConversationRow,
    DimensionScore,
    Excellent,
    Figure,
    Finding,
    Metric,
    Problem,
    Reading,
    RuleRate,
    RunSummary,
)
from qa_scorer.results.tables import RunTables, moment

LEAST_TO_RANK = 5
"""Scored conversations below which an agent is not ranked."""
TARGETS = {"csat": 0.90, "resolved": 0.75, "first_response": 30.0}
"""The standard's targets; the score's is the rulebook's pass mark."""
_EXAMPLES = 5
_BEST = 3
_BINS = 20
_SECONDS = {
    "first_response": "first_response_s",
    "mean_response": "mean_response_s",
    "longest_wait": "longest_wait_s",
    "handle_time": "handle_s",
}


def summarise(data: Path, rulebook: Rulebook, reading: Reading, zone: str, *, quotes: bool = True) -> RunSummary:
    """Everything that the reports of one run show, from the tables in ``data``; times are shown in ``zone``.

    Without ``quotes`` the figures stand alone: no findings, examples, best conversations or conversation lists.
    """
    tables = RunTables(data, zone)
    findings = find_all(tables, rulebook) if quotes else []
    conversations = tables.conversations
    scored = conversations[conversations.scored]
    score = _score(scored.score.tolist(), rulebook)
    rules = _rule_rates(tables.verdicts, rulebook)
    dimensions = _dimensions(tables.scorecards, rulebook)
    agents = _agents(tables, rulebook, findings, rules, dimensions, quotes)
    return RunSummary(
        rulebook=rulebook.name,
        language=rulebook.language,
        version=__version__,
        total=rulebook.scoring.total,
        pass_mark=rulebook.scoring.pass_mark,
        period=(moment(conversations.started_at.min()), moment(conversations.ended_at.max())),
        reading=reading,
        score=score,
        pass_rate=rate_figure(int(scored.passed.sum()), len(scored)),
        vetoes=int(scored.vetoed.sum()),
        grades=_grades(scored, rulebook),
        histogram=_histogram(scored.score, rulebook.scoring.total),
        metrics=_metrics(scored, score, rules),
        dimensions=dimensions,
        rules=rules,
        problems=_problems(tables.verdicts, rules, _weakest_first(findings, tables.scorecards), rulebook),
        agents=agents,
    )


def _agents(
    tables: RunTables, rulebook: Rulebook, findings: Sequence[Finding],
    team_rules: Sequence[RuleRate], team_dimensions: Sequence[DimensionScore], quotes: bool,
) -> tuple[AgentSummary, ...]:  # fmt: skip
    cards = dict(list(tables.scorecards.groupby("agent", observed=True, sort=True)))
    names = [str(name) for name in cards]
    verdicts = dict(list(tables.verdicts.groupby("agent", observed=True)))
    own = dict(list(tables.conversations.groupby("agent", observed=True)))
    by_agent: dict[str, list[Finding]] = {}
    for finding in findings:
        by_agent.setdefault(finding.agent, []).append(finding)
    scores = {name: _score(cards[name].score.tolist(), rulebook) for name in names}
    ranks = _ranks(scores)
    slug_of = slugs(names)
    made = []
    for name in names:
        rules = _with_team(_rule_rates(verdicts[name], rulebook), team_rules)
        dimensions = _with_team(_dimensions(cards[name], rulebook), team_dimensions)
        mine = own.get(name, tables.conversations.iloc[:0])
        found = tuple(by_agent.get(name, ()))
        made.append(
            AgentSummary(
                agent=name,
                slug=slug_of[name],
                conversations=len(cards[name]),
                rank=ranks.get(name),
                score=scores[name],
                grade=_grade_of(scores[name].value, rulebook),
                pass_rate=rate_figure(int(cards[name].passed.sum()), len(cards[name])),
                vetoes=int(cards[name].vetoed.sum()),
                metrics=_metrics(mine[mine.scored], scores[name], rules),
                dimensions=dimensions,
                rules=rules,
                problems=_problems(verdicts[name], rules, found, rulebook),
                findings=found,
                best=_best(tables, cards[name], verdicts[name], rulebook) if quotes else (),
                rows=_rows(mine, found) if quotes else (),
            )
        )
    return _with_medians(made)


def _weakest_first(findings: Sequence[Finding], cards: pd.DataFrame) -> list[Finding]:
    """Findings of the agents who need help most come first, so that the team's examples are theirs."""
    means = {str(agent): mean for agent, mean in cards.groupby("agent", observed=True).score.mean().items()}
    return sorted(findings, key=lambda finding: means[finding.agent])


def _score(values: list[float], rulebook: Rulebook) -> Figure:
    scoring = rulebook.scoring
    return mean_figure(values, scoring.pass_mark, least=scoring.floor, most=scoring.total)


def _ranks(scores: dict[str, Figure]) -> dict[str, int]:
    enough = [name for name, figure in scores.items() if figure.n >= LEAST_TO_RANK]
    ordered = sorted(enough, key=lambda name: (-(scores[name].value or 0.0), name))
    return {name: place for place, name in enumerate(ordered, start=1)}


def _grade_of(score: float | None, rulebook: Rulebook) -> str:
    if score is None:
        return ""
    return next((name for name, least in rulebook.scoring.grades if score >= least), rulebook.scoring.grades[-1][0])


def _grades(scored: pd.DataFrame, rulebook: Rulebook) -> tuple[tuple[str, int], ...]:
    counts = Counter(scored.grade.astype(str))
    return tuple((name, counts.get(name, 0)) for name, _ in rulebook.scoring.grades)


def _histogram(scores: pd.Series[float], total: float) -> tuple[int, ...]:
    bins = (scores / total * _BINS).astype(int).clip(0, _BINS - 1)
    counts = Counter(bins.tolist())
    return tuple(counts.get(number, 0) for number in range(_BINS))


def _metrics(scored: pd.DataFrame, score: Figure, rules: Sequence[RuleRate]) -> tuple[Metric, ...]:
    rated = scored.csat.dropna()
    known = scored.resolved.dropna()
    applied = sum(rate.rate.n for rate in rules)
    passed = sum(round((rate.rate.value or 0.0) * rate.rate.n) for rate in rules)
    metrics = [
        Metric("score", score, "score"),
        Metric("pass_rate", rate_figure(int(scored.passed.sum()), len(scored)), "share"),
        Metric("csat", rate_figure(int((rated >= 4).sum()), len(rated), TARGETS["csat"]), "share"),
        Metric("resolved", rate_figure(int(known.astype(bool).sum()), len(known), TARGETS["resolved"]), "share"),
    ]
    for name, column in _SECONDS.items():
        seconds = scored[column].dropna().tolist()
        figure = mean_figure(seconds, TARGETS.get(name), low_is_good=True, least=0.0)
        metrics.append(Metric(name, figure, "seconds"))
    metrics.append(Metric("compliance", rate_figure(passed, applied), "share"))
    return tuple(metrics)


def _dimensions(cards: pd.DataFrame, rulebook: Rulebook) -> tuple[DimensionScore, ...]:
    matrix = pd.DataFrame(cards.dimensions.tolist(), columns=range(len(rulebook.dimensions)))
    return tuple(
        DimensionScore(entry.id, entry.name, mean_figure(matrix[number].dropna().tolist(), least=0, most=100))
        for number, entry in enumerate(rulebook.dimensions)
    )


def _rule_rates(verdicts: pd.DataFrame, rulebook: Rulebook) -> tuple[RuleRate, ...]:
    counts: dict[Any, int] = verdicts.groupby(["rule_id", "verdict"], observed=True).size().to_dict()
    rates = []
    for rule in rulebook.rules:
        passed, failed = counts.get((rule.id, "pass"), 0), counts.get((rule.id, "fail"), 0)
        standard = " ".join(rule.standard)
        rates.append(RuleRate(rule.id, rule.title, standard, rule.dimension, rate_figure(passed, passed + failed)))
    return tuple(rates)


def _problems(
    verdicts: pd.DataFrame, rules: Sequence[RuleRate], findings: Sequence[Finding], rulebook: Rulebook
) -> tuple[Problem, ...]:
    """Rules that failed, by points lost per conversation in which they applied; vetoes weigh as the whole total."""
    examples: dict[str, list[Finding]] = {}
    for finding in findings:
        examples.setdefault(finding.rule_id, []).append(finding)
    failed = verdicts[verdicts.verdict == "fail"].groupby("rule_id", observed=True)
    lost, conversations = failed.lost.sum().to_dict(), failed.conversation_id.nunique().to_dict()
    problems = []
    for rule, rate in zip(rulebook.rules, rules, strict=True):
        count = conversations.get(rule.id, 0)
        if count and (rule.points or rule.deduct or rule.veto):
            cost = rulebook.scoring.total * count if rule.veto else lost[rule.id]
            failures = rate_figure(rate.rate.n - round((rate.rate.value or 0.0) * rate.rate.n), rate.rate.n)
            shown = tuple(examples.get(rule.id, ())[:_EXAMPLES])
            problems.append(
                Problem(
                    rule.id, rate.title, rate.standard, rate.dimension, count,
                    failures, cost / rate.rate.n, rule.advice, shown,
                )
            )  # fmt: skip
    return tuple(sorted(problems, key=lambda problem: -problem.lost))


def _best(tables: RunTables, cards: pd.DataFrame, verdicts: pd.DataFrame, rulebook: Rulebook) -> tuple[Excellent, ...]:
    """The agent's highest scores at or above the pass mark; longer conversations first among equals."""
    good = cards[cards.passed].sort_values(["score", "agent_messages"], ascending=False, kind="stable").head(_BEST)
    title = {rule.id: rule.title for rule in rulebook.rules if rule.points or rule.bonus}
    best = []
    for card in good.itertuples(index=False):
        name = str(card.conversation_id)
        own = verdicts[(verdicts.conversation_id == name) & (verdicts.verdict == "pass")]
        passed = tuple(title[rule] for rule in own.rule_id.astype(str) if rule in title)
        best.append(Excellent(name, str(card.agent), float(card.score), passed, tables.lines.whole(name)))  # type: ignore[arg-type]
    return tuple(best)


def _rows(conversations: pd.DataFrame, findings: Sequence[Finding]) -> tuple[ConversationRow, ...]:
    failed: dict[str, list[str]] = {}
    for finding in findings:
        failed.setdefault(finding.conversation_id, []).append(finding.title)
    return tuple(
        ConversationRow(
            conversation_id=row["conversation_id"],
            agent=str(row["agent"]),
            started_at=moment(row["started_at"]),
            messages=row["messages"],
            score=float(row["score"]) if row["scored"] else None,
            grade=str(row["grade"]) if row["scored"] else "",
            passed=bool(row["passed"]) if row["scored"] else None,
            vetoed=row["vetoed"],
            skip_reason=None if row["scored"] else str(row["skip_reason"]),
            failed=tuple(failed.get(row["conversation_id"], ())),
            source=str(row["source"]),
        )
        for row in conversations.to_dict("records")
    )


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
