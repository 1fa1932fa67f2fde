"""CSV, TSV and other delimited text.

Whole, clean files stream through ``pyarrow.csv``. A file in which Arrow meets a ragged row, a foreign encoding, a NUL
byte or an unbalanced quote is read again from its start by ``records``, so that only the bad rows are lost, with
their places.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.errors import InputError
from qa_scorer.transcripts.columns import find_columns
from qa_scorer.transcripts.containers.blocks import find_blocks
from qa_scorer.transcripts.containers.records import Record, is_rule, read_records, split_quoted
from qa_scorer.transcripts.encoding import read_head
from qa_scorer.transcripts.headers import column_names
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable, gathered, text_table

_BLOCK = 2 << 20  # Arrow reads 32 blocks ahead
_ROWS = 65_536
_SLOW_ROWS = 20_000
_QUOTED_LINES = 100  # of one cell, while the delimiter is looked for
_RULED_LINES = 20  # in which a drawn table shows its rules
_DRESSES = (
    (r'^\s*="[^"]*"\s*$', (r'^\s*="([^"]*)"\s*$', r"\1")),
    (r"^\s*'\S", (r"^\s*'", "")),
    (r"^ .*\S(?: |$)", (r"^\s+|\s+$", "")),
)
"""What protects cells from spreadsheets (``="007"``, ``'007``) or pads them: how most cells of a column look, and what is
replaced."""
_DELIMITERS = ("\t", ",", ";", "|", "，", "\x01")


class _Suspicious(Exception):  # noqa: N818 - not an error: the other reader takes over
    """Arrow would lose or misread something."""


class DelimitedPart(BasePart):
    """One delimited file. ``header`` is None when the first row is data already."""

    def __init__(self, name: str, path: Path, encoding: str, options: ReadOptions) -> None:
        super().__init__(name, "csv", encoding)
        self._path = path
        self._options = options
        self._encoding = encoding
        self.delimiter = options.delimiter or find_delimiter(self._head_text())
        self._quoted = options.quote == "auto" and quotes_are_quotes(self._head_text(), self.delimiter)
        raw = list(itertools.islice(self._records(None), SAMPLE_ROWS))
        rows = [record.cells for record in raw if record.cells]
        if not rows:
            raise InputError(f"{name}: the file is empty")
        self._blocks, index = find_blocks(rows, options)
        self._skip = 0 if index is None else raw.index(next(r for r in raw if r.cells is rows[index])) + 1
        body = rows if index is None else rows[index + 1 :]
        if self._blocks is not None:
            body = [cells for cells in body if not self._blocks.take(cells)]
        self._width = _usual_width(rows[index] if index is not None else None, body)
        header = None if index is None else rows[index]
        if header is not None and self._width == len(header) + 1:
            header = _complete_header(header, [cells for cells in body if len(cells) == self._width], options)
        self._names = column_names(header, self._width)
        names = self._names if self._blocks is None else (*self._names, *self._blocks.names)
        self.header = None if index is None else names
        self._plain_header = all("\n" not in record.raw for record in raw[: self._skip])
        if self._blocks is None:
            fitting = (self._fit(cells) for cells in body)
            self._sample = text_table(self._names, [cells for cells in fitting if cells is not None])
        else:
            first = next(self._slow(Log(name), 0), None)
            self._sample = text_table(names, []) if first is None else first.table.slice(0, SAMPLE_ROWS)
        self._dress = {name: dress for name in names if (dress := _dress_of(self._sample.column(name)))}

    def _head_text(self) -> str:
        return read_head(self._path).decode(self._encoding, errors="replace").lstrip("﻿")

    def _records(self, width: int | None) -> Iterator[Record]:
        limit = self._options.limits.text_kb << 10
        return read_records(self._path, self._encoding, self.delimiter, self._quoted, width, limit * 8)

    def _fit(self, cells: list[str]) -> list[str | None] | None:
        """The cells when their number is right, or right but for empty ones at the end."""
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            cells = cells[: self._width]
        return list(cells) if len(cells) == self._width else None

    def sample(self) -> pa.Table:
        return self._undressed(self._sample)

    def tables(self, log: Log) -> Iterator[RawTable]:
        """Rows in order, their cells without what protects them."""
        for raw in self._dressed(log):
            yield RawTable(self._undressed(raw.table), raw.rows) if self._dress else raw

    def _undressed(self, table: pa.Table) -> pa.Table:
        """The cells of the columns of ``_dress`` without what is around them."""
        for name, (around, inside) in self._dress.items():
            bare = pc.replace_substring_regex(table.column(name), around, inside)
            table = table.set_column(table.column_names.index(name), name, bare)
        return table

    def _dressed(self, log: Log) -> Iterator[RawTable]:
        """The rows as the file has them. After a suspicion the rows already given out are skipped by the slow reader."""
        given = 0
        if self._blocks is not None:
            yield from self._slow(log, given)
            return
        try:
            for piece in self._fast():
                yield piece
                given += len(piece.rows)
            return
        except (_Suspicious, pa.ArrowInvalid) as suspicion:
            reason = str(suspicion).split(":")[0]
            log.note(f"read row by row because of {reason}" if reason else "read row by row")
        yield from self._slow(log, given)

    def _fast(self) -> Iterator[RawTable]:
        import pyarrow.csv as pacsv

        if (
            len(self.delimiter) > 1
            or ord(self.delimiter) > 127
            or not self._plain_header
            or self._encoding.startswith("utf-16")
            or any(map(is_rule, self._head_text().splitlines()[:_RULED_LINES]))
        ):
            raise _Suspicious
        quotes, odd = self._inspect_bytes()
        if odd:
            raise _Suspicious(odd)
        reader = pacsv.open_csv(
            self._path,
            read_options=pacsv.ReadOptions(
                block_size=_BLOCK, skip_rows=self._skip, column_names=list(self._names), encoding=self._encoding
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if self._quoted else False,
                newlines_in_values=quotes and self._quoted,
            ),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(self._names, pa.string())),
        )
        at = self._skip + 1
        for table in gathered(iter(reader), _ROWS):
            if quotes and self._quoted:
                self._check_swallowed(table)
            yield RawTable(table, np.arange(at, at + len(table), dtype=np.int64))
            at += len(table)

    def _inspect_bytes(self) -> tuple[bool, str]:
        """Whether there are quotation marks at all, and what in the bytes Arrow would stumble over."""
        quotes = 0
        buffer = bytearray(1 << 20)
        with self._path.open("rb", buffering=0) as file:
            while size := file.readinto(buffer):
                if buffer.find(b"\0", 0, size) >= 0:
                    return True, "NUL bytes"
                if self._quoted and buffer.find(b'"', 0, size) >= 0:
                    quotes += buffer.count(b'"', 0, size)
        return quotes > 0, "unbalanced quotation marks" if quotes % 2 else ""

    def _check_swallowed(self, table: pa.Table) -> None:
        """Raise when a cell holds lines that look like rows: two broken quotes have closed each other."""
        for name in table.column_names:
            column = table.column(name)
            longest = pc.max(pc.binary_length(column)).as_py() or 0
            if longest > self._options.limits.text_kb << 10:
                raise _Suspicious("a very long cell")
            if self._width < 3:
                continue
            delimiters = pc.greater_equal(pc.count_substring(column, self.delimiter), self._width - 1)
            both = pc.and_(delimiters, pc.match_substring(column, "\n"))
            for cell in column.filter(both).to_pylist():
                if any(len(line.split(self.delimiter)) == self._width for line in cell.split("\n")[1:-1]):
                    raise _Suspicious("a quoted cell that holds rows")

    def _slow(self, log: Log, given: int) -> Iterator[RawTable]:
        rows: list[list[str | None]] = []
        places: list[int] = []
        names, good = self._names, 0
        blocks = None if self._blocks is None else self._blocks.afresh()
        if blocks is not None:
            names = (*names, *blocks.names)
        for record in self._records(self._width):
            if blocks is not None and not record.broken and blocks.take(record.cells, log):
                continue
            if record.number <= self._skip:
                continue
            cells = None if record.broken else self._fit(record.cells)
            if cells is None:
                reason = record.broken or f"{len(record.cells)} cells where the header has {self._width}"
                log.reject(record.number, reason, record.raw)
                continue
            good += 1
            if good <= given:
                continue
            rows.append(cells if blocks is None else [*cells, *blocks.values()])
            places.append(record.number)
            if len(rows) >= _SLOW_ROWS:
                yield RawTable(text_table(names, rows), np.array(places, dtype=np.int64))
                rows, places = [], []
        if rows:
            yield RawTable(text_table(names, rows), np.array(places, dtype=np.int64))


def _dress_of(column: pa.ChunkedArray) -> tuple[str, str] | None:
    """What is to be taken off the cells of a column, or None."""
    filled = column.filter(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    for looks, dress in _DRESSES if len(filled) else ():
        if (pc.sum(pc.match_substring_regex(filled, looks)).as_py() or 0) > 0.9 * len(filled):
            return dress
    return None


def find_delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same, largest number of cells."""
    lines = [line for line in text.splitlines()[:400] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = _cells_of_rows(lines, delimiter)
        wide = [count for count in counts if count > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(counts) * (1 + min(usual, 10) / 20)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _cells_of_rows(lines: list[str], delimiter: str) -> list[int]:
    """How many cells each row has; lines inside a quoted cell are no rows, unless its quote never closes."""
    counts: list[int] = []
    at = 0
    while at < len(lines):
        cells, is_open, _ = split_quoted(lines[at], delimiter)
        end = at + 1
        if is_open:
            joined = lines[at]
            for stop in range(end, min(end + _QUOTED_LINES, len(lines))):
                joined += "\n" + lines[stop]
                if '"' in lines[stop]:
                    whole, still_open, untidy = split_quoted(joined, delimiter)
                    if not still_open:
                        if not untidy:
                            cells, end = whole, stop + 1
                        break
        counts.append(len(cells))
        at = end
    return counts


def quotes_are_quotes(text: str, delimiter: str) -> bool:
    """False when quotation marks are plain text: cells begin with one and do not end with one, or the reverse, while
    the rows have the same number of cells without any quoting."""
    lines = [line for line in text.splitlines()[:-1] if line.strip()][:2000]
    begin = [cell for line in lines for cell in line.split(delimiter) if cell.startswith('"')]
    proper = sum(
        1 for cell in begin if len(cell) > 1 and cell.endswith('"') and '"' not in cell[1:-1].replace('""', "")
    )
    if not begin or proper == len(begin):
        return True
    widths = [len(line.split(delimiter)) for line in lines]
    return not (max(set(widths), key=widths.count) > 1 and len(set(widths)) == 1 and delimiter == "\t")


def _complete_header(header: list[str], body: list[list[str]], options: ReadOptions) -> list[str]:
    """A header that is one name short: the gap is where the other names fit their columns best."""
    candidates = [[*header[:place], "", *header[place:]] for place in range(len(header), -1, -1)]

    def fit(names: list[str]) -> tuple[float, int]:
        columns = find_columns(
            text_table(column_names(names, len(names)), [list(cells) for cells in body[:200]]), options
        )
        return columns.confidence, len(columns.columns)

    return max(candidates, key=fit)


def _usual_width(header: list[str] | None, body: list[list[str]]) -> int:
    """Cells per row: the header's, unless nearly every row has more."""
    widths = [len(cells) for cells in body]
    usual = max(set(widths), key=widths.count) if widths else 0
    if header is None:
        return usual or 1
    return usual if widths and usual > len(header) and widths.count(usual) > 0.9 * len(widths) else len(header)
