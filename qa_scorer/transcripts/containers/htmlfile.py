"""HTML tables, such as the files that call themselves ``.xls`` and are web pages inside, and other HTML as text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.sheets import SheetPart
from qa_scorer.transcripts.containers.textfile import TextPart
from qa_scorer.transcripts.encoding import decode_text
from qa_scorer.transcripts.options import MEGABYTE, ReadOptions
from qa_scorer.transcripts.raw import Part

_BREAKS = frozenset({"br", "p", "div", "li"})
_MAX_SPAN = 10_000


class _Tables(HTMLParser):
    """Collects the cells of all tables; rowspan and colspan repeat the cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._hanging: dict[int, tuple[int, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self._hanging = {}
        elif tag in ("tr", "row") and self.tables:
            self._close_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._close_cell()
            given = dict(attrs)
            self._span = (_number(given.get("rowspan")), _number(given.get("colspan")))
            self._cell = []
        elif tag in _BREAKS and self._cell is not None and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close_cell()
        if tag in ("tr", "table") and self.tables and self.tables[-1]:
            self._hang(self.tables[-1][-1])

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _hang(self, row: list[str]) -> None:
        """Put the cells that span down from the rows above where the row has come to."""
        while len(row) in self._hanging:
            column = len(row)
            left, text = self._hanging.pop(column)
            row.append(text)
            if left > 1:
                self._hanging[-column - 1] = (left - 1, text)

    def _close_cell(self) -> None:
        if self._cell is None:
            return
        row = self.tables[-1][-1]
        if not row:  # a new row: what was seen in the row above may now hang down
            self._hanging = {(-key - 1 if key < 0 else key): value for key, value in self._hanging.items()}
        self._hang(row)
        text = "".join(self._cell).strip()
        down, across = self._span
        for _ in range(across):
            if down > 1:
                self._hanging[-len(row) - 1] = (down - 1, text)
            row.append(text)
        self._cell = None


def _number(text: str | None) -> int:
    return min(int(text), _MAX_SPAN) if text and text.isdigit() and int(text) > 0 else 1


def html_parts(name: str, path: Path, encoding: str, options: ReadOptions) -> list[Part]:
    """Each table with more than one column as a part; without tables the text of the page as chat text."""
    if path.stat().st_size > options.limits.document_mb * MEGABYTE:
        raise InputError(
            f"{name}: an HTML page of more than {options.limits.document_mb} MB would have to be held in memory; "
            "save it as CSV or XLSX, or raise limits.document_mb in qa-scorer.yaml"
        )
    parser = _Tables()
    parser.feed(decode_text(path.read_bytes(), encoding).lstrip("﻿"))
    parser.close()
    parts: list[Part] = []
    for rows in parser.tables:
        filled = [row for row in rows if row]
        width = max((len(row) for row in filled), default=0)
        if width < 2 or len(filled) < 2:
            continue
        cells = [[cell or None for cell in row] + [None] * (width - len(row)) for row in filled]
        columns = {str(index): pa.array(column, pa.string()) for index, column in enumerate(zip(*cells, strict=True))}
        parts.append(SheetPart(name, pa.table(columns), 1, options, container="html"))
    if len(parts) > 1:
        for number, part in enumerate(parts, start=1):
            part.name = f"{name}[table {number}]"
    return parts or [TextPart(name, path, encoding, options, html=True)]
