"""Tables in a workbook: typed columns, widths that fit Chinese, and sheets that split at Excel's row limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from qa_scorer.reports.quote import visible

Value = str | int | float | bool | datetime | None
WriteLine = Callable[..., int]
"""Writes the next line of a sheet from (value, format) pairs and returns its row number."""

MAX_ROWS = 1_048_576
_MAX_UNITS = 32_767  # UTF-16 units in a cell
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  the day from which Excel counts; cells have no zone
_ESCAPED = re.compile(r"[&<>\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_SPECIAL = re.compile(rf"[\x00-\x1f\x7f]|{_ESCAPED.pattern}")
_SAMPLE = 300
_LINE = 17  # points
_NUMBERS = frozenset({"count", "score", "share", "seconds", "stars", "change", "share_change"})
_DATES = {"time": 20.0, "day": 12.0}
_HEAD = {"bold": True, "bg_color": "#E8F1FB", "border": 1, "border_color": "#C9D3DD", "text_wrap": True}
_FORMATS: dict[str, dict[str, Any]] = {
    # quote_prefix keeps Excel from reading text as a formula when somebody edits the cell.
    "text": {"quote_prefix": True, "indent": 1},
    "wrapped": {"quote_prefix": True, "text_wrap": True},
    "count": {"num_format": "#,##0"},
    "score": {"num_format": "0.0"},
    "share": {"num_format": "0.0%"},
    "seconds": {"num_format": "#,##0"},
    "stars": {"num_format": "0.0"},
    "change": {"num_format": "+0.0;−0.0;±0.0"},
    "share_change": {"num_format": "+0.0%;−0.0%;±0.0%"},
    "day": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 12, "bottom": 1, "bottom_color": "#9AA6B2"},
    "head": {**_HEAD, "indent": 1},
    "head_center": {**_HEAD, "align": "center"},
    "head_right": {**_HEAD, "align": "right"},
    "bold": {"bold": True},
    "muted": {"font_color": "#586574"},
    "low": {"align": "center", "bg_color": "#FAE3CF", "font_color": "#7A3606"},
    "good": {"align": "center", "bg_color": "#D9E8F6", "font_color": "#174A7C"},
    "veto": {"font_color": "#9B1C3C", "bold": True},
}


@dataclass(frozen=True, slots=True)
class Column:
    """``kind`` names the cell format; ``rules`` are conditional formats of xlsxwriter for the column's cells."""

    title: str
    kind: str = "text"
    rules: tuple[dict[str, Any], ...] = ()


class RowSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter is untyped
    """A worksheet that takes whole rows at once.

    xlsxwriter spends most of its time on calls and look-ups per cell; a report of 20,000 conversations has half a
    million. Here a row is one string for the file in which xlsxwriter itself keeps rows in ``constant_memory`` mode.
    """

    def add_rows(self, first: int, rows: Iterable[Sequence[Value]], formats: Sequence[Any]) -> int:
        """Write rows from row ``first`` on, each cell in its column's format. Returns the number of the last row."""
        self._write_single_row(first)  # what was written before, so that the order of the file is that of the rows
        starts = [
            (_letters(column), f'" s="{form._get_xf_index()}"') for column, form in enumerate(formats)
        ]  # fmt: skip
        last = first - 1
        write = self.row_data_fh.write
        for last, row in enumerate(rows, start=first):
            cells = [
                f'<c r="{letters}{last + 1}{style}{_content(value)}</c>'
                for (letters, style), value in zip(starts, row, strict=True)
                if value is not None and value != ""
            ]
            write(f'<row r="{last + 1}">{"".join(cells)}</row>')
        if last >= first:
            self._check_dimensions(last, len(formats) - 1)
        return last


def _letters(column: int) -> str:
    """0 → ``A``, 26 → ``AA``."""
    before, own = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(65 + own)


def _content(value: str | float | datetime) -> str:
    """What stands in a cell, after its reference and style."""
    if isinstance(value, str):
        text = value
        if len(text) > _MAX_UNITS // 2 or _SPECIAL.search(text):
            text = _ESCAPED.sub(_escape, fit(visible(text)))
        return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
    if isinstance(value, datetime):
        return f"><v>{(value.replace(tzinfo=None) - _EPOCH).total_seconds() / 86400:.16g}</v>"
    return f"><v>{value:.16g}</v>"


def _escape(found: re.Match[str]) -> str:
    """XML's own characters, what XML cannot hold, and text that looks like Excel's way of writing that."""
    text = found[0]
    if len(text) > 1:
        return f"_x005F{text}"
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(text, f"_x{ord(text):04X}_")


class Book:
    """An xlsxwriter workbook in which every string is text, whatever it looks like, and equal input gives equal bytes."""

    def __init__(self, file: Any) -> None:
        options = {
            "constant_memory": True,  # rows go to disk as they come; they must come in order
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        }
        self.workbook = xlsxwriter.Workbook(file, options)
        self.workbook.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC), "author": "qa-scorer"})
        self.formats = {
            name: self.workbook.add_format(
                {"valign": "vcenter", "font_name": "Microsoft YaHei", "font_size": 10, **properties}
            )
            for name, properties in _FORMATS.items()
        }

    def write(self, sheet: Any, row: int, column: int, value: Value, kind: str) -> None:
        """One cell; ``None`` leaves it empty."""
        form = self.formats[kind]
        if value is None or value == "":
            sheet.write_blank(row, column, None, form)
        elif isinstance(value, str):
            text = fit(visible(value))
            # Between these tags xlsxwriter takes a string for ready XML.
            rich = text.startswith("<r>") and text.endswith("</r>")
            sheet.write_string(row, column, text + " " if rich else text, form)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, form)
        else:
            sheet.write_number(row, column, value, form)

    def table(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> tuple[int, int]:
        """Rows below a frozen header with a filter. Returns the number of rows and of the sheets they needed."""
        rest = iter(rows)
        sample = list(islice(rest, _SAMPLE))
        widths = [_column_width(column, [row[at] for row in sample]) for at, column in enumerate(columns)]
        rest = chain(sample, rest)
        total = sheets = 0
        while True:
            part = islice(rest, MAX_ROWS - 1)
            first = next(part, None)
            if first is None and sheets:
                return total, sheets
            sheets += 1
            sheet = self.workbook.add_worksheet(name if sheets == 1 else f"{name} ({sheets})", RowSheet)
            total += self._fill(sheet, columns, widths, chain([first] if first is not None else [], part))

    def _fill(
        self, sheet: Any, columns: Sequence[Column], widths: Sequence[float], rows: Iterable[Sequence[Value]]
    ) -> int:
        sheet.set_row(0, 2 * _LINE)
        for at, (column, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(at, at, width, self.formats[column.kind])
            self.write(sheet, 0, at, column.title, "head_right" if column.kind in _NUMBERS else "head")
        last: int = sheet.add_rows(1, rows, [self.formats[column.kind] for column in columns])
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        for at, column in enumerate(columns):
            for rule in column.rules if last else ():
                sheet.conditional_format(1, at, last, at, rule)
        _printable(sheet)
        sheet.repeat_rows(0)
        return last


def page(book: Book, name: str, widths: Sequence[float]) -> tuple[Any, WriteLine]:
    """A sheet that is written line by line, and the function that writes the next."""
    sheet = book.workbook.add_worksheet(name)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    _printable(sheet)
    row = -1

    def line(*cells: tuple[Value, str]) -> int:
        nonlocal row
        row += 1
        lines = (
            -(-display_width(value) // widths[at])
            for at, (value, kind) in enumerate(cells)
            if kind == "wrapped" and isinstance(value, str)
        )
        sheet.set_row(row, 28 if cells and cells[0][1] == "title" else _LINE * max(lines, default=1))
        for at, (value, kind) in enumerate(cells):
            book.write(sheet, row, at, value, kind)
        return row

    return sheet, line


def fit(text: str) -> str:
    """The text, cut to what a cell can hold."""
    if len(text) <= _MAX_UNITS // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MAX_UNITS:
        return text
    return units[: 2 * _MAX_UNITS - 2].decode("utf-16-le", "ignore") + "…"


def display_width(text: str) -> int:
    """Columns that the text takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _column_width(column: Column, values: Sequence[Value]) -> float:
    title = display_width(column.title)
    if column.kind in _NUMBERS:
        return max(9.0, title / 2 + 4.0)  # the header wraps into two lines
    if column.kind in _DATES:
        return _DATES[column.kind]
    longest = max((display_width(value) for value in values if isinstance(value, str)), default=0)
    return min(60.0, max(title + 4.0, longest + 2.0))


def _printable(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
