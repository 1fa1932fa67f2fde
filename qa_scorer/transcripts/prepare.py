"""What can be done to a table before anything is known of the tables around it: rows that are none are taken out, columns
become codes, texts and times are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.encoded import Coded, encode
from qa_scorer.transcripts.formats.base import Mapped
from qa_scorer.transcripts.kinds import ShownKinds, shown_kinds
from qa_scorer.transcripts.notations import html_to_text, looks_html
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import PARENT, Log, RawTable, coded_column, show_row, text_column
from qa_scorer.transcripts.textual import Texts
from qa_scorer.transcripts.times import zone
from qa_scorer.transcripts.timing import TimeFinder

_TOTALS = r"(?i)^\s*(?:合计|总计|小计|总和|汇总|共计?\s*\d+\s*条.{0,20}|totals?|sum|grand total)\s*[:：]?\s*\d*\s*$"
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[[0, *b" \t\r\n\v\f", 0xC2, 0xE2, 0xE3]] = True  # the first bytes of blanks, wide ones included
_BLANK_BYTES = 200  # longer texts are not looked at for blanks
_TEXT_KEYS = ("text", "content", "msg", "message", "body", "value", "title")
"""Where JSON that a platform puts in place of a text holds it, the surest first."""
_CODED = tuple(name for name in f.FIELDS if name not in (f.TEXT, f.TIME, f.DATE, f.MESSAGE_ID))
_MERGED = (f.AGENT, f.CUSTOMER, f.GROUP, f.CHANNEL)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table of n rows. ``fields``: the columns that the export has, but for text, time, date and message id;
    ``parent``: the objects around the messages; ``blank``: the rows whose text is empty; ``shown``: what kinds the texts
    show."""

    raw: RawTable
    columns: ColumnMap
    fields: Mapping[str, Coded]
    parent: Coded | None
    times: pa.Array
    text: Texts
    blank: npt.NDArray[np.int64]
    shown: ShownKinds
    message_ids: pa.Array

    def coded(self, field: str) -> Coded:
        """The column of a field; without one every row is blank."""
        found = self.fields.get(field)
        return (
            Coded(np.full(len(self.raw.rows), -1, dtype=np.int32), pa.array([], pa.string()))
            if found is None
            else found
        )


class Preparer:
    """Prepares the tables of one part, one after the other: merged cells reach from one into the next."""

    def __init__(self, part_name: str, columns: ColumnMap, options: ReadOptions, log: Log, merged: bool) -> None:
        self._columns = columns
        self._log = log
        self._times = TimeFinder(PurePosixPath(part_name).name, columns, zone(options.tz), log)
        self._fill_ids = merged
        self._dress: str | None = None  # what the texts come in, html, json or nothing, as the first table shows it
        self._above: dict[str, str | None] = {}

    def prepare(self, mapped: Mapped) -> Prepared:
        """One table of the part, perhaps without any row left."""
        raw = self._fill_merged(mapped.raw)
        ids = self._coded(raw.table, f.CONVERSATION)
        cleaned = self._without_totals(raw, ids)
        if cleaned is not raw:
            raw, ids = cleaned, self._coded(cleaned.table, f.CONVERSATION)
        found = {name: ids if name == f.CONVERSATION else self._coded(raw.table, name) for name in _CODED}
        size = len(raw.rows)
        text = Texts(self._text(raw.table, size))
        leads = text.leads()
        hollow = np.flatnonzero(_BLANKS[leads] & (text.sizes < _BLANK_BYTES))
        empty = pc.equal(pc.utf8_trim_whitespace(text.array.take(pa.array(hollow))), "").to_numpy(zero_copy_only=False)
        parent = text_column(raw.table, PARENT) if PARENT in raw.table.column_names else None
        message_ids = self._plain(raw.table, f.MESSAGE_ID)
        return Prepared(
            raw, self._columns,
            fields={name: column for name, column in found.items() if column is not None},
            parent=None if parent is None else encode(parent),
            times=self._times.find(raw.table, self._plain(raw.table, f.DATE), parent),
            text=text, blank=hollow[empty], shown=shown_kinds(text, leads),
            message_ids=pa.nulls(size, pa.string()) if message_ids is None else message_ids,
        )  # fmt: skip

    def _name(self, table: pa.Table, field: str) -> str | None:
        name = self._columns.get(field)
        return name if name in table.column_names else None

    def _coded(self, table: pa.Table, field: str) -> Coded | None:
        name = self._name(table, field)
        return None if name is None else encode(coded_column(table, name))

    def _plain(self, table: pa.Table, field: str) -> pa.Array | None:
        name = self._name(table, field)
        return None if name is None else text_column(table, name)

    def _text(self, table: pa.Table, size: int) -> pa.Array:
        text = self._plain(table, f.TEXT)
        text = pa.nulls(size, pa.string()) if text is None else text
        for name in self._columns.more_text:
            if name in table.column_names:
                blank = pc.equal(pc.utf8_trim_whitespace(text).fill_null(""), "")
                text = pc.if_else(blank, text_column(table, name), text)
        text = text.fill_null("") if text.null_count else text
        if self._dress is None:
            sample = text.slice(0, 500).to_pylist()
            dresses = (("html", looks_html), ("json", lambda value: value.startswith('{"')))
            self._dress = next((name for name, looks in dresses if sum(map(looks, sample)) > 0.3 * len(sample)), "")
        if self._dress:
            undress = html_to_text if self._dress == "html" else text_of_json
            text = pa.array([undress(value).strip() for value in text.to_pylist()], pa.string())
        return text

    def _fill_merged(self, raw: RawTable) -> RawTable:
        """Merged cells hold their value in the first row only: fill the conversation's columns down."""
        name = self._columns.get(f.CONVERSATION)
        if not self._fill_ids or name is None or name not in raw.table.column_names:
            return raw
        table = raw.table
        blank = _blank(text_column(table, name))
        merged = [self._columns.get(field) for field in _MERGED]
        filled = [name, *(column for column in merged if column is not None and column in table.column_names)]
        for column in filled:
            values = text_column(table, column)
            # Only beside a blank id does a blank say "as above"; elsewhere it may be a row without an agent.
            hollow = pc.and_(blank, _blank(values))
            above = pa.concat_arrays([pa.array([self._above.get(column)], pa.string()), _nulled(values)])
            values = pc.if_else(hollow, pc.fill_null_forward(above).slice(1), values)
            self._above[column] = pc.fill_null_forward(above)[len(above) - 1].as_py()
            table = table.set_column(table.column_names.index(column), column, values)
        return RawTable(table, raw.rows)

    def _without_totals(self, raw: RawTable, ids: Coded | None) -> RawTable:
        """Rows of totals, rejected; they are found in the conversation's column or the first."""
        name = self._columns.get(f.CONVERSATION) or (raw.table.column_names[0] if raw.table.column_names else None)
        if name is None or name not in raw.table.column_names or name == self._columns.get(f.TEXT):
            return raw
        cells = ids or encode(coded_column(raw.table, name))
        headers = pc.index(cells.values, name).as_py()
        totals = pc.indices_nonzero(pc.match_substring_regex(cells.values, _TOTALS)).to_numpy()
        if headers < 0 and not len(totals):
            return raw
        bad = np.isin(cells.codes, totals)
        for index in np.flatnonzero(bad).tolist():
            self._log.reject(int(raw.rows[index]), "a row of totals, not a message", show_row(raw.table, index))
        again = (cells.codes == headers) & (headers >= 0)
        self._log.drop("header repeated", int(again.sum()))
        keep = ~(bad | again)
        return RawTable(raw.table.filter(pa.array(keep)), raw.rows[keep])


def text_of_json(value: str) -> str:
    """``{"text": "您好"}`` -> ``您好``; what holds no text stays as it is."""
    if not value.startswith("{"):
        return value
    try:
        content = json.loads(value)
    except ValueError:
        return value
    while isinstance(content, dict):
        content = next((content[name] for name in _TEXT_KEYS if content.get(name)), None)
    return content if isinstance(content, str) else value


def _blank(array: pa.Array) -> pa.Array:
    return pc.equal(pc.utf8_trim_whitespace(array), "").fill_null(True)


def _nulled(array: pa.Array) -> pa.Array:
    return pc.if_else(_blank(array), pa.scalar(None, pa.string()), array)
