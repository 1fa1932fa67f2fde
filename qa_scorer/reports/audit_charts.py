"""What each chart of the audit shows, as JSON for ``charts.js``. Colours are the page's; the diamond is what is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa_scorer.audit.model import AgentAudit, Audit, Change, Distribution
from qa_scorer.reports import audit_wording as words
from qa_scorer.reports.charts import MOST_PROBLEMS, Chart, beside, chart_row, drawn, histogram_chart, pass_line
from qa_scorer.reports.language import Language


def audit_charts(audit: Audit, language: Language) -> dict[str, Chart]:
    """The charts of the audit's first page, by the id of the figure that holds them; one without data is left out."""
    against = words.against_name(language, audit.against) if audit.against and audit.against.comparable else ""
    charts: dict[str, Chart] = {}
    if sum(audit.histogram):
        histogram = histogram_chart(audit.histogram, audit.total, audit.pass_mark, language)
        charts["distribution"] = {**histogram, **_compared(audit.histogram_before, audit.histogram_level, against)}
    rows = [
        _changed(chart_row(item.name, item.figure, "score", language), item.change, "score", against, language)
        for item in audit.dimensions
        if item.figure.value is not None
    ]
    if rows:
        charts["dimensions"] = {"kind": "rows", "shape": "bar", "min": 0, "max": 100, "rows": rows}
    if len(audit.trend) > 1:
        points = [point for point in audit.trend if point.score.value is not None]
        charts["trend"] = {
            "kind": "rows", "shape": "dot", "max": audit.total, "line": pass_line(audit.pass_mark, language),
            "rows": [chart_row(words.period_name(language, point.period), point.score, "score", language) for point in points],
        }  # fmt: skip
    ranked = drawn(ranked_agents(audit))
    if len(ranked) > 1:
        rows = [chart_row(agent.agent, agent.estimate, "score", language) for agent in ranked]
        line = pass_line(audit.pass_mark, language)
        charts["agents"] = {"kind": "rows", "shape": "dot", "max": audit.total, "line": line, "rows": rows}
    rows = [
        _changed(chart_row(item.problem.title, item.problem.rate, "share", language), item.change, "share", against, language)
        for item in audit.problems[:MOST_PROBLEMS]
    ]  # fmt: skip
    if rows:
        charts["problems"] = {"kind": "rows", "shape": "bar", "min": 0, "percent": True, "rows": rows}
    for distribution in audit.responses:
        if distribution.n:
            charts[f"times-{distribution.id}"] = _times(distribution, language, against)
    if any(day.conversations for day in audit.volume.days):
        charts["days"] = _hours(audit, language) if audit.period.kind == "day" else _days(audit, language)
    return charts


def ranked_agents(audit: Audit) -> list[AgentAudit]:
    """Those whose estimates can be drawn, best first."""
    return [agent for agent in audit.agents if agent.rank is not None and agent.estimate.value is not None]


def _changed(row: Chart, change: Change | None, unit: str, against: str, language: Language) -> Chart:
    """The row with the compared value."""
    if change is None or change.before.value is None:
        return row
    return beside(row, change.before.value, against, language.figure(change.before, unit))


def _times(distribution: Distribution, language: Language, against: str) -> Chart:
    """A column per bin; those within the target in one colour, those beyond in the other."""
    target = distribution.target
    ends = [high for _, high in pairwise(distribution.edges)]
    within = [target is None or high <= target for high in ends] + [target is None]
    return {
        "kind": "columns",
        "names": words.bins(language, distribution.edges),
        "values": list(distribution.counts),
        **_compared(distribution.before, distribution.level, against),
        "colours": ["good" if good else "low" for good in within],
        "y": language.gettext("number"),
    }


def _compared(before: Sequence[int] | None, level: Sequence[float] | None, against: str) -> Chart:
    """What the columns are compared with: the counts, and where their diamonds stand."""
    if not before or not level or not against:
        return {"before": None, "level": None, "beforeText": ""}
    return {"before": list(before), "level": list(level), "beforeText": against}


def _hours(audit: Audit, language: Language) -> Chart:
    """The hours of a single day."""
    hours = audit.volume.hours
    return {
        "kind": "columns",
        "names": [f"{hour}:00" for hour in range(len(hours))],
        "values": list(hours),
        "before": None,
        "beforeText": "",
        "colours": ["good"] * len(hours),
        "y": language.gettext("conversations"),
    }


def _days(audit: Audit, language: Language) -> Chart:
    days = audit.volume.days
    return {
        "kind": "columns",
        "names": [day.day.strftime("%m-%d") for day in days],
        "values": [day.conversations for day in days],
        "before": None,
        "beforeText": "",
        "colours": ["muted" if day.holiday else "good" for day in days],
        "y": language.gettext("conversations"),
    }
