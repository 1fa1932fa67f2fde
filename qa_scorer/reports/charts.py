"""What each chart shows, as JSON for ``charts.js``: numbers to draw and the ready texts beside them. Colours are the page's."""

from __future__ import annotations

from typing import Any

from qa_scorer.reports.language import Language
from qa_scorer.results.summary import AgentSummary, Figure, RunSummary

Chart = dict[str, Any]

MOST_AGENTS = 40
MOST_PROBLEMS = 15


def team_charts(run: RunSummary, language: Language) -> dict[str, Chart]:
    """The charts of the team page, by the id of the figure that holds them; one without data is left out."""
    charts: dict[str, Chart] = {}
    if sum(run.histogram):
        charts["distribution"] = _distribution(run, language)
    rows = [_row(item.name, item.figure, "score", language) for item in run.dimensions if item.figure.value is not None]
    if rows:
        charts["dimensions"] = {"kind": "rows", "shape": "bar", "min": 0, "max": 100, "rows": rows}
    agents = _drawn([agent for agent in by_score(run) if agent.score.value is not None])
    if len(agents) > 1:
        rows = [_row(agent.agent, agent.score, "score", language) for agent in agents]
        line = _pass_line(run, language)
        charts["agents"] = {"kind": "rows", "shape": "dot", "max": run.total, "line": line, "rows": rows}
    if run.problems:
        rows = [_row(problem.title, problem.rate, "share", language) for problem in run.problems[:MOST_PROBLEMS]]
        charts["problems"] = {"kind": "rows", "shape": "bar", "min": 0, "percent": True, "rows": rows}
    return charts


def histogram_edges(run: RunSummary) -> list[float]:
    """Where the bins of the histogram begin and, last, where they end."""
    bins = len(run.histogram)
    return [round(run.total * index / bins, 6) for index in range(bins + 1)]


def _distribution(run: RunSummary, language: Language) -> Chart:
    _ = language.gettext
    return {
        "kind": "histogram",
        "edges": histogram_edges(run),
        "values": list(run.histogram),
        "line": _pass_line(run, language),
        "x": _("score"),
        "y": _("conversations"),
    }


def _pass_line(run: RunSummary, language: Language) -> Chart:
    text = language.gettext("pass mark %(mark)s") % {"mark": language.points(run.pass_mark)}
    return {"value": run.pass_mark, "text": text}


def agent_charts(agent: AgentSummary, language: Language) -> dict[str, Chart]:
    """The charts of an agent's page."""
    rows = [
        {**_row(dimension.name, dimension.figure, "score", language), "team": dimension.team}
        for dimension in agent.dimensions
        if dimension.figure.value is not None
    ]
    if not rows:
        return {}
    return {
        "dimensions": {
            "kind": "rows",
            "shape": "bar",
            "min": 0,
            "max": 100,
            "rows": rows,
            "teamText": language.gettext("team"),
        }
    }


def by_score(run: RunSummary) -> list[AgentSummary]:
    """The agents as the pages list them: highest mean first, those without a score last."""
    return sorted(run.agents, key=lambda agent: (agent.score.value is None, -(agent.score.value or 0.0), agent.agent))


def _drawn(agents: list[AgentSummary]) -> list[AgentSummary]:
    """All agents, or of many the first and the last: more rows than a page can show tell nothing."""
    return agents if len(agents) <= MOST_AGENTS else agents[: MOST_AGENTS // 2] + agents[-MOST_AGENTS // 2 :]


def _row(name: str, figure: Figure, unit: str, language: Language) -> Chart:
    return {
        "name": name,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "text": language.figure(figure, unit),
        "interval": language.interval(figure, unit),
        "n": "n=" + language.count(figure.n),
    }
