"""The first sheet of ``audit.xlsx``: the team's figures, dimensions and scores beside what they are compared with, and charts."""

from __future__ import annotations

from itertools import pairwise

from qa_scorer.audit.model import Audit, Change
from qa_scorer.reports import audit_wording as words
from qa_scorer.reports import wording
from qa_scorer.reports.cells import GRID, bar_chart, figure_cells, in_seconds, reached
from qa_scorer.reports.charts import histogram_edges
from qa_scorer.reports.language import Language
from qa_scorer.reports.sheets import Book, Value, WriteLine, page


def write_team_sheet(book: Book, audit: Audit, language: Language, before: str) -> None:
    """Write the sheet; ``before`` names what is compared with, and is empty where nothing is."""
    _TeamSheet(book, audit, language, before).write()


class _TeamSheet:
    def __init__(self, book: Book, audit: Audit, language: Language, before: str) -> None:
        self.book = book
        self.audit = audit
        self.language = language
        self.before = before

    def write(self) -> None:
        """The whole sheet."""
        _ = self.language.gettext
        audit = self.audit
        sheet, line = page(self.book, _("Team"), (26, 12, 12, 12, 12, 12, 14, 12, 26))
        sheet.fit_to_pages(1, 1)
        score = next(metric.figure for layer in audit.layers for metric in layer.metrics if metric.id == "score")
        name = words.period_name(self.language, audit.period)
        line((f"{name} · {audit.group}" if audit.group else name, "title"))
        line((f"{audit.rulebook} · {audit.period.first} – {audit.period.last}", "muted"))
        line((words.compared(self.language, audit.against), "muted"))
        line((wording.standing(self.language, score), "bold"))
        line()
        self._team_figures(line)
        line()
        dimensions = self._team_dimensions(line)
        line()
        scores = self._team_scores(line)
        if dimensions:
            chart = bar_chart(
                self.book, _("Team"), _("Dimensions"), dimensions, "bar", self._series(_("Mean score"), 5)
            )
            chart.set_x_axis({"min": 0, "max": 100, "major_gridlines": GRID})
            chart.set_y_axis({"reverse": True})
            sheet.insert_chart("K2", chart)
        counts = self._series(_("Conversations"), 2)
        chart = bar_chart(self.book, _("Team"), _("Distribution of the scores"), scores, "column", counts)
        chart.set_y_axis({"major_gridlines": GRID})
        sheet.insert_chart("K18", chart)

    def _series(self, name: str, before: int) -> dict[str, int]:
        """The series of a chart by their columns: what is audited stands in column 1, what it is compared with in ``before``."""
        return {name: 1, **({self.before: before} if self.before else {})}

    def _team_figures(self, line: WriteLine) -> None:
        _ = self.language.gettext
        names = words.figure_definitions(self.language)
        titles = words.layer_names(self.language)
        numbers = (_("Value"), _("95%% from") % (), _("95%% to") % (), _("Cases"), _("Target"))
        for layer in self.audit.layers:
            line((titles[layer.id], "section"))
            line(
                (_("Figure"), "head"), *((title, "head_right") for title in numbers), (_("Reached"), "head_center"),
                *(((self.before, "head_right"), (_("Change"), "head")) if self.before else ()),
            )  # fmt: skip
            for metric in layer.metrics:
                title, unit = in_seconds(names[metric.id].name, metric.unit, self.language), metric.unit
                if metric.figure.value is None:
                    line((title, "bold"), (_("not in these data"), "muted"))
                    continue
                line(
                    (title, "bold"), *figure_cells(metric.figure, unit), (metric.figure.target, unit),
                    reached(metric.figure, self.language), *self._changed(metric.change, unit),
                )  # fmt: skip
            line()

    def _changed(self, change: Change | None, unit: str) -> tuple[tuple[Value, str], ...]:
        """The value before, and the change in words, coloured when it holds."""
        if change is None:
            return ()
        said = f"{self.language.difference(change.difference, unit)} {words.change_word(self.language, change)}"
        kind = {"better": "good", "worse": "low"}.get(words.change_key(change), "text")
        return (change.before.value, unit), (said, kind)

    def _team_dimensions(self, line: WriteLine) -> list[int]:
        """Returns the rows of the dimensions."""
        _ = self.language.gettext
        line((_("Dimensions"), "section"))
        numbers = (_("Mean score"), _("95%% from") % (), _("95%% to") % (), _("Cases"))
        compared = ((self.before, "head_right"), (_("Change"), "head")) if self.before else ()
        line((_("Dimension"), "head"), *((title, "head_right") for title in numbers), *compared)
        return [
            line((item.name, "bold"), *figure_cells(item.figure, "score"), *self._changed(item.change, "score"))
            for item in self.audit.dimensions
        ]

    def _team_scores(self, line: WriteLine) -> list[int]:
        """Grades and the histogram. Returns the rows of the histogram."""
        _ = self.language.gettext
        audit = self.audit
        line((_("Grades"), "section"))
        line((_("Grade"), "head"), (_("Conversations"), "head_right"))
        for grade, number in audit.grades:
            line((grade, "bold"), (number, "count"))
        line()
        line((_("Distribution of the scores"), "section"))
        compared = ((self.before, "head_right"),) if self.before else ()
        line((_("Score"), "head"), (_("Conversations"), "head_right"), *compared)
        edges = [self.language.points(edge) for edge in histogram_edges(len(audit.histogram), audit.total)]
        before = audit.histogram_before or (None,) * len(audit.histogram)
        return [
            line((f"{low}–{high}", "text"), (number, "count"), (earlier, "count"))
            for (low, high), number, earlier in zip(pairwise(edges), audit.histogram, before, strict=True)
        ]
