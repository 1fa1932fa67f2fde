"""What the sheets of both workbooks are made of: figures, conditional colours, charts, and notes on sheets that were split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qa_scorer.reports.language import Language
from qa_scorer.reports.quote import key_line, visible
from qa_scorer.reports.sheets import MAX_ROWS, Book, Value
from qa_scorer.results.summary import Figure, Finding

BAR = {"type": "data_bar", "bar_color": "#B7D4EF", "min_type": "num", "min_value": 0, "max_type": "num",
       "max_value": 1}  # fmt: skip
"""A share as a bar in its cell."""
SHADES = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": 50,
          "mid_value": 80, "max_value": 100, "min_color": "#F6C9A4", "mid_color": "#FFFFFF", "max_color": "#B7D4EF"}  # fmt: skip
"""Scores from orange over white to blue; the same colour is the same score in every workbook."""
GRID = {"visible": True, "line": {"color": "#DDE2E7"}}
_COLOURS = ("#2B6CB0", "#9AA6B2")


def below(book: Book, mark: float, cell: str) -> dict[str, Any]:
    """Colours scores below the mark, but no empty cells; ``cell`` is the column's first."""
    return {"type": "formula", "criteria": f"=AND(ISNUMBER({cell}),{cell}<{mark:g})", "format": book.formats["low"]}


def containing(book: Book, word: str, kind: str) -> dict[str, Any]:
    """Colours cells with this word."""
    return {"type": "text", "criteria": "containing", "value": word, "format": book.formats[kind]}


def figure_cells(figure: Figure, unit: str) -> tuple[tuple[Value, str], ...]:
    """Value, both ends of the interval, and number of cases."""
    return (figure.value, unit), (figure.low, unit), (figure.high, unit), (figure.n, "count")


def reached(figure: Figure, language: Language) -> tuple[Value, str]:
    """Whether the target is met."""
    _ = language.gettext
    if figure.met is None:
        return None, "text"
    return (_("met"), "good") if figure.met else (_("not met"), "low")


def in_seconds(name: str, unit: str, language: Language) -> str:
    """The figure's name, with the unit that its cells do not show."""
    return language.gettext("%(figure)s (s)") % {"figure": name} if unit == "seconds" else name


def written(finding: Finding, roles: Mapping[str, str]) -> tuple[str, str]:
    """The message in question (else all quoted lines with their roles), and what is marked in it."""
    line = key_line(finding)
    lines = finding.lines if line is None else (line,)
    marked = " / ".join(item.text[span.start : span.end] for item in lines for span in item.spans)
    return line.text if line else "\n".join(f"{roles[item.role]}: {item.text}" for item in lines), marked


def bar_chart(book: Book, sheet: str, title: str, rows: list[int], kind: str, series: Mapping[str, int]) -> Any:
    """Bars (``bar``) or columns (``column``) over the names in column 0; ``series`` has the column of each series by its name."""
    chart = book.workbook.add_chart({"type": kind})
    for (name, column), colour in zip(series.items(), _COLOURS, strict=False):
        values = {
            "name": visible(name).replace("!", "！"),  # what looks like Sheet!A1 would be a reference
            "categories": [sheet, rows[0], 0, rows[-1], 0],
            "values": [sheet, rows[0], column, rows[-1], column],
            "fill": {"color": colour},
            "gap": 40,
        }
        if len(series) == 1:
            values["data_labels"] = {"value": True, "num_format": "0.0" if kind == "bar" else "0"}
        chart.add_series(values)
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_legend({"none": True} if len(series) == 1 else {"position": "bottom"})
    chart.set_size({"width": 560, "height": 300})
    return chart


def split_notes(counts: Mapping[str, tuple[int, int]], language: Language) -> Iterator[tuple[str, str]]:
    """The name of each table that needed several sheets, and how many; ``counts`` has rows and sheets by name."""
    text = language.gettext("%(rows)s rows are more than a sheet can hold (%(most)s); they stand in %(sheets)d sheets.")
    for name, (rows, sheets) in counts.items():
        if sheets > 1:
            yield name, text % {"rows": language.count(rows), "most": language.count(MAX_ROWS), "sheets": sheets}
