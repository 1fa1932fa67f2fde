"""What each chart shows, as JSON for ``charts.js``: numbers to draw and the ready texts beside them. Colours are the page's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from qa_scorer.reports.language import Language
from qa_scorer.results.summary import AgentSummary, Figure, RunSummary

Chart = dict[str, Any]
Agent = TypeVar("Agent")

MOST_AGENTS = 40
MOST_PROBLEMS = 15


def team_charts(run: RunSummary, language: Language) -> dict[str, Chart]:
    """The charts of the team page, by the id of the figure that holds them; one without data is left out."""
    charts: dict[str, Chart] = {}
    if sum(run.histogram):
        charts["distribution"] = histogram_chart(run.histogram, run.total, run.pass_mark, language)
    rows = [
        chart_row(item.name, item.figure, "score", language) for item in run.dimensions if item.figure.value is not None
    ]
    if rows:
        charts["dimensions"] = {"kind": "rows", "shape": "bar", "min": 0, "max": 100, "rows": rows}
    agents = drawn([agent for agent in by_score(run) if agent.score.value is not None])
    if len(agents) > 1:
        rows = [chart_row(agent.agent, agent.score, "score", language) for agent in agents]
        line = pass_line(run.pass_mark, language)
        charts["agents"] = {"kind": "rows", "shape": "dot", "max": run.total, "line": line, "rows": rows}
    if run.problems:
        rows = [chart_row(problem.title, problem.rate, "share", language) for problem in run.problems[:MOST_PROBLEMS]]
        charts["problems"] = {"kind": "rows", "shape": "bar", "min": 0, "percent": True, "rows": rows}
    return charts


def histogram_edges(bins: int, total: float) -> list[float]:
    """Where the bins of a histogram of scores begin and, last, where they end."""
    return [round(total * index / bins, 6) for index in range(bins + 1)]


def histogram_chart(counts: Sequence[int], total: float, pass_mark: float, language: Language) -> Chart:
    """Conversations by score."""
    _ = language.gettext
    return {
        "kind": "histogram",
        "edges": histogram_edges(len(counts), total),
        "values": list(counts),
        "line": pass_line(pass_mark, language),
        "x": _("score"),
        "y": _("conversations"),
    }


def pass_line(pass_mark: float, language: Language) -> Chart:
    """The dashed line at the pass mark."""
    text = language.gettext("pass mark %(mark)s") % {"mark": language.points(pass_mark)}
    return {"value": pass_mark, "text": text}


def agent_charts(agent: AgentSummary, language: Language) -> dict[str, Chart]:
    """The charts of an agent's page."""
    rows = [
        beside(
            chart_row(dimension.name, dimension.figure, "score", language),
            dimension.team,
            language.gettext("team"),
            language.score(dimension.team),
        )
        for dimension in agent.dimensions
        if dimension.figure.value is not None
    ]
    if not rows:
        return {}
    return {"dimensions": {"kind": "rows", "shape": "bar", "min": 0, "max": 100, "rows": rows}}


def by_score(run: RunSummary) -> list[AgentSummary]:
    """The agents as the pages list them: highest mean first, those without a score last."""
    return sorted(run.agents, key=lambda agent: (agent.score.value is None, -(agent.score.value or 0.0), agent.agent))


def drawn(agents: list[Agent]) -> list[Agent]:
    """All agents, or of many the first and the last: more rows than a page can show tell nothing."""
    return agents if len(agents) <= MOST_AGENTS else agents[: MOST_AGENTS // 2] + agents[-MOST_AGENTS // 2 :]


def chart_row(name: str, figure: Figure, unit: str, language: Language) -> Chart:
    """A row of a chart: what to draw, and the same in words."""
    return {
        "name": name,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "text": language.figure(figure, unit),
        "interval": language.interval(figure, unit),
        "n": "n=" + language.count(figure.n),
    }


def beside(row: Chart, value: float | None, name: str, text: str) -> Chart:
    """The row with a second value, the diamond: whose it is, and the value in words."""
    return row if value is None else {**row, "beside": value, "besideText": f"{name} {text}"}
