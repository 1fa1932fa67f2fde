"""``report.xlsx``: what an inspector filters and pastes into a meeting. Team, agents, conversations, findings, rules, definitions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from qa_scorer.reports import wording
from qa_scorer.reports.cells import (
    BAR,
    GRID,
    SHADES,
    bar_chart,
    below,
    containing,
    figure_cells,
    in_seconds,
    reached,
    split_notes,
    written,
)
from qa_scorer.reports.charts import by_score, histogram_edges
from qa_scorer.reports.language import Language
from qa_scorer.reports.sheets import Book, Column, Value, WriteLine, page
from qa_scorer.results.summary import Metric, RunSummary


def write_workbook(run: RunSummary, path: Path, language: Language) -> None:
    """Write the workbook. Raises OSError."""
    with path.open("wb") as file:
        book = Book(file)
        _team(book, run, language)
        _agents(book, run, language)
        counts = {
            language.gettext("Conversations"): _conversations(book, run, language),
            language.gettext("Findings"): _findings(book, run, language),
        }
        _rules(book, run, language)
        _definitions(book, run, language, counts)
        book.workbook.close()


def _team(book: Book, run: RunSummary, language: Language) -> None:
    _ = language.gettext
    sheet, line = page(book, _("Team"), (26, 12, 12, 12, 12, 12, 14))
    sheet.fit_to_pages(1, 1)
    line((run.rulebook, "title"))
    line((language.period(run.period), "muted"))
    line((wording.standing(language, run.score), "bold"))
    line()
    _team_figures(run, language, line)
    line()
    dimensions = _team_dimensions(run, language, line)
    line()
    scores = _team_scores(run, language, line)
    if dimensions:
        chart = bar_chart(book, _("Team"), _("Dimensions"), dimensions, "bar", {_("Mean score"): 1})
        chart.set_x_axis({"min": 0, "max": 100, "major_gridlines": GRID})
        chart.set_y_axis({"reverse": True})
        sheet.insert_chart("I2", chart)
    chart = bar_chart(book, _("Team"), _("Distribution of the scores"), scores, "column", {_("Conversations"): 1})
    chart.set_y_axis({"major_gridlines": GRID})
    sheet.insert_chart("I17", chart)


def _team_figures(run: RunSummary, language: Language, line: WriteLine) -> None:
    _ = language.gettext
    line((_("Overview"), "section"))
    numbers = (_("Value"), _("95%% from") % (), _("95%% to") % (), _("Cases"), _("Target"))
    line((_("Figure"), "head"), *((title, "head_right") for title in numbers), (_("Reached"), "head_center"))
    names = wording.metric_definitions(language)
    figures = [(names["score"].name, run.score, "score"), (names["pass_rate"].name, run.pass_rate, "share")]
    figures += [(names[metric.id].name, metric.figure, metric.unit) for metric in _carried(run)]
    for name, figure, unit in figures:
        title = in_seconds(name, unit, language)
        line((title, "bold"), *figure_cells(figure, unit), (figure.target, unit), reached(figure, language))
    line((_("Vetoes"), "bold"), (run.vetoes, "count"))


def _team_dimensions(run: RunSummary, language: Language, line: WriteLine) -> list[int]:
    """Returns the rows of the dimensions."""
    _ = language.gettext
    line((_("Dimensions"), "section"))
    numbers = (_("Mean score"), _("95%% from") % (), _("95%% to") % (), _("Cases"))
    line((_("Dimension"), "head"), *((title, "head_right") for title in numbers))
    return [line((item.name, "bold"), *figure_cells(item.figure, "score")) for item in run.dimensions]


def _team_scores(run: RunSummary, language: Language, line: WriteLine) -> list[int]:
    """Grades and the histogram. Returns the rows of the histogram."""
    _ = language.gettext
    line((_("Grades"), "section"))
    line((_("Grade"), "head"), (_("Conversations"), "head_right"))
    for grade, number in run.grades:
        line((grade, "bold"), (number, "count"))
    line()
    line((_("Distribution of the scores"), "section"))
    line((_("Score"), "head"), (_("Conversations"), "head_right"))
    edges = [language.points(edge) for edge in histogram_edges(len(run.histogram), run.total)]
    labels = [f"{low}–{high}" for low, high in pairwise(edges)]
    return [line((label, "text"), (number, "count")) for label, number in zip(labels, run.histogram, strict=True)]


def _carried(run: RunSummary) -> list[Metric]:
    """The metrics that the data carry, beside score and pass rate."""
    return [item for item in run.metrics if item.id not in ("score", "pass_rate") and item.figure.value is not None]


def _agents(book: Book, run: RunSummary, language: Language) -> None:
    _ = language.gettext
    low = below(book, run.pass_mark, "E2")
    names = wording.metric_definitions(language)
    metrics = _carried(run)
    columns = [
        Column(_("Agent")),
        Column(_("Rank"), "count"),
        Column(_("Note")),
        Column(_("Conversations"), "count"),
        Column(_("Mean score"), "score", (low,)),
        Column(_("95%% from") % (), "score"),
        Column(_("95%% to") % (), "score"),
        Column(_("Grade")),
        Column(_("Pass rate"), "share", (BAR,)),
        Column(_("Vetoes"), "count"),
        *(Column(dimension.name, "score", (SHADES,)) for dimension in run.dimensions),
        *(Column(in_seconds(names[metric.id].name, metric.unit, language), metric.unit) for metric in metrics),
        *(Column(_("Problem %(number)d") % {"number": number}) for number in (1, 2, 3)),
    ]

    def rows() -> Iterator[list[Value]]:
        for agent in by_score(run):
            figures = {metric.id: metric.figure.value for metric in agent.metrics}
            problems = [problem.title for problem in agent.problems[:3]]
            place = agent.rank if len(run.agents) > 1 else None
            yield [
                agent.agent, place, None if place else wording.rank(language, agent, run), agent.conversations,
                agent.score.value, agent.score.low, agent.score.high, agent.grade, agent.pass_rate.value, agent.vetoes,
                *(dimension.figure.value for dimension in agent.dimensions),
                *(figures.get(metric.id) for metric in metrics),
                *problems, *[None] * (3 - len(problems)),
            ]  # fmt: skip

    book.table(_("Agents"), columns, rows())


def _conversations(book: Book, run: RunSummary, language: Language) -> tuple[int, int]:
    _ = language.gettext
    low = below(book, run.pass_mark, "E2")
    vetoed = containing(book, _("vetoed"), "veto")
    columns = [
        Column(_("Conversation")), Column(_("Agent")), Column(_("Began"), "time"), Column(_("Messages"), "count"),
        Column(_("Score"), "score", (low,)), Column(_("Grade")), Column(_("Result"), "text", (vetoed,)), Column(_("Failed rules")),
        Column(_("File")),
    ]  # fmt: skip
    rows = (
        [row.conversation_id, row.agent, row.started_at, row.messages, row.score, row.grade,
         wording.outcome(language, row), _(", ").join(row.failed), row.source]
        for agent in run.agents
        for row in agent.rows
    )  # fmt: skip
    return book.table(_("Conversations"), columns, rows)


def _findings(book: Book, run: RunSummary, language: Language) -> tuple[int, int]:
    _ = language.gettext
    dimensions = {dimension.id: dimension.name for dimension in run.dimensions}
    roles = wording.role_names(language)
    vetoed = containing(book, _("veto"), "veto")
    columns = [
        Column(_("Conversation")), Column(_("Agent")), Column(_("Problem")), Column(_("Standard")), Column(_("Dimension")),
        Column(_("Points lost"), "score"), Column(_("Veto"), "text", (vetoed,)), Column(_("Time"), "time"),
        Column(_("Message no."), "count"), Column(_("What was written")), Column(_("Marked words")), Column(_("Note")),
        Column(_("Write instead")), Column(_("Rule id")),
    ]  # fmt: skip
    rows = (
        [item.conversation_id, item.agent, item.title, item.standard, dimensions.get(item.dimension, item.dimension),
         item.points, _("veto") if item.veto else None, item.time, None if item.seq is None else item.seq + 1,
         *written(item, roles), wording.remark(language, item), item.advice, item.rule_id]
        for agent in run.agents
        for item in agent.findings
    )  # fmt: skip
    return book.table(_("Findings"), columns, rows)


def _rules(book: Book, run: RunSummary, language: Language) -> None:
    _ = language.gettext
    dimensions = {dimension.id: dimension.name for dimension in run.dimensions}
    columns = [
        Column(_("Rule")), Column(_("Standard")), Column(_("Dimension")), Column(_("Compliance"), "share", (BAR,)),
        Column(_("95%% from") % (), "share"), Column(_("95%% to") % (), "share"), Column(_("Applied"), "count"), Column(_("Rule id")),
    ]  # fmt: skip
    rows = (
        [rule.title, rule.standard, dimensions.get(rule.dimension, rule.dimension), rule.rate.value, rule.rate.low,
         rule.rate.high, rule.rate.n, rule.rule_id]
        for rule in wording.by_standard(run.rules, [dimension.id for dimension in run.dimensions])
    )  # fmt: skip
    book.table(_("Rules"), columns, rows)


def _definitions(book: Book, run: RunSummary, language: Language, counts: dict[str, tuple[int, int]]) -> None:
    _ = language.gettext
    _sheet, line = page(book, _("Definitions"), (24, 100))
    line((_("What the figures mean"), "section"), (None, "section"))
    for item in (*wording.metric_definitions(language).values(), *wording.other_definitions(language).values()):
        line((item.name, "bold"), (item.meaning, "wrapped"))
    line()
    line((_("What was read"), "section"), (None, "section"))
    for text in (*wording.ledger(language, run.reading), *wording.privacy(language, run.masked, run.pseudonyms)):
        line((None, "text"), (text, "wrapped"))
    for source, row, reason in run.reading.reject_examples:
        line((_("Rejected, for example"), "bold"), (f"{source}:{row}: {language.reader(reason)}", "wrapped"))
    cut = wording.cut(language, run.agents)
    for name, text in ((_("Findings"), cut.findings), (_("Conversations"), cut.conversations)):
        if text:
            line((name, "bold"), (text, "wrapped"))
    for name, text in split_notes(counts, language):
        line((name, "bold"), (text, "wrapped"))
    line()
    line((f"qa-scorer {run.version}", "muted"))
