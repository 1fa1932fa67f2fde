"""Raw columns become the columns of MESSAGES: roles, kinds, names, times and the key of the conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.words import Kind, Role
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.encoded import Coded, Encoder, dictionary_codes
from qa_scorer.transcripts.formats.base import Mapped
from qa_scorer.transcripts.grouping import Grouping
from qa_scorer.transcripts.kinds import KindFinder
from qa_scorer.transcripts.names import speaker_names
from qa_scorer.transcripts.notations import html_to_text, looks_html
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT, Log, RawTable, as_text, coded_column, text_column
from qa_scorer.transcripts.speakers import UNKNOWN, Speakers
from qa_scorer.transcripts.textual import Texts
from qa_scorer.transcripts.times import zone
from qa_scorer.transcripts.timing import TimeFinder

_TOTALS = r"(?i)^\s*(?:合计|总计|小计|总和|汇总|共计?\s*\d+\s*条.{0,20}|totals?|sum|grand total)\s*[:：]?\s*\d*\s*$"
_RATINGS = {
    **dict.fromkeys(("非常满意", "很满意", "好评"), 5.0),
    **dict.fromkeys(("满意", "比较满意"), 4.0),
    **dict.fromkeys(("一般", "中评"), 3.0),
    **dict.fromkeys(("不满意", "较差"), 2.0),
    **dict.fromkeys(("非常不满意", "很不满意", "很差", "差评"), 1.0),
}
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[[0, *b" \t\r\n\v\f", 0xC2, 0xE2, 0xE3]] = True  # the first bytes of blanks, wide ones included
_YES = frozenset({"1", "1.0", "是", "true", "yes", "y", "已解决", "解决"})
_NO = frozenset({"0", "0.0", "否", "false", "no", "n", "未解决"})
_CODED = tuple(name for name in f.FIELDS if name not in (f.TEXT, f.TIME, f.DATE, f.MESSAGE_ID))
_MERGED = (f.AGENT, f.CUSTOMER, f.GROUP, f.CHANNEL)


EXTRA = "x:"
"""Stands before the names of the other columns in a chunk's metadata."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages of one part, n rows. ``keys``: the conversation of each, no row blank; unique within ``scope``.
    ``senders``: names, no row blank. ``messages``: role, kind, time, text, row, message_id. ``details``: the same rows'
    customer, channel, group, csat, resolved and, with ``EXTRA`` before their names, the other columns; columns that hold
    nothing are left out. ``gap``: seconds of silence at which conversations are still to be parted."""

    keys: Coded
    senders: Coded
    messages: pa.Table
    details: Mapping[str, pa.Array]
    scope: str
    gap: float | None


class Normaliser:
    """Turns the tables of one part into chunks."""

    def __init__(self, part_name: str, columns: ColumnMap, options: ReadOptions, log: Log, merged: bool) -> None:
        self._options = options
        self._log = log
        self.columns = columns
        self._times = TimeFinder(PurePosixPath(part_name).name, columns, zone(options.tz), log)
        self._fill_ids = merged
        self._is_html: bool | None = None  # whether the texts are HTML, as the first table of the part shows it
        self._above: dict[str, str | None] = {}
        self.speakers = Speakers(columns.get(f.ROLE), options.roles)
        self._kinds = KindFinder()
        self.grouping = Grouping(part_name, columns, options)

    def chunk(self, mapped: Mapped) -> Chunk | None:
        """One table of the part; None when no row of it is a message."""
        raw = self._without_totals(self._fill_merged(mapped.raw))
        size = len(raw.rows)
        if not size:
            return None
        column = {name: self._column(raw.table, name) for name in _CODED}
        encode = Encoder(size)
        text = Texts(self._text(raw.table, size))
        sender, customer, agent = (encode(column[name]) for name in (f.SENDER, f.CUSTOMER, f.AGENT))
        roles = self.speakers.by_column(encode(column[f.ROLE]))
        roles = self.speakers.by_names(roles, sender, customer, agent)
        party = customer if column[f.CUSTOMER] is not None else _other_party(encode, column, roles)
        parent = self._column(raw.table, PARENT)
        times = self._times.find(raw.table, self._plain(raw.table, f.DATE), parent)
        keys = self.grouping.keys(
            raw, encode(column[f.CONVERSATION]) if column[f.CONVERSATION] is not None else None, agent, party, times,
            None if parent is None else encode(parent),
        )  # fmt: skip
        roles = self.speakers.by_order(roles, keys, sender, text.array)
        roles = self._without_speaker(roles, column, size)
        roles, kinds = self._kinds.find(roles, text, column, encode, self.columns.get(f.TYPE))
        names, shops = speaker_names(roles, sender, agent, customer)
        ids = self._plain(raw.table, f.MESSAGE_ID)
        messages = pa.table({
            "role": pa.array(roles, pa.int8()), "kind": pa.array(kinds, pa.int8()), "time": times, "text": text.array,
            "row": pa.array(raw.rows, pa.int64()),
            "message_id": ids if ids is not None else pa.nulls(size, pa.string()),
        })  # fmt: skip
        details = self._details(raw.table, column, roles, encode, shops)
        keep = self._keep(raw, roles, kinds, text, keys, column)
        if not keep.all():
            rows = pa.array(keep)
            messages = messages.filter(rows)
            details = {name: values.filter(rows) for name, values in details.items()}
            keys, names = Coded(keys.codes[keep], keys.values), Coded(names.codes[keep], names.values)
        return Chunk(keys, names, messages, details, self.grouping.scope, self.grouping.gap)

    def _column(self, table: pa.Table, field: str) -> pa.Array | None:
        """A column as text, or as encoded text."""
        name = PARENT if field == PARENT else self.columns.get(field)
        return coded_column(table, name) if name is not None and name in table.column_names else None

    def _plain(self, table: pa.Table, field: str) -> pa.Array | None:
        array = self._column(table, field)
        return None if array is None else as_text(array)

    def _text(self, table: pa.Table, size: int) -> pa.Array:
        text = self._plain(table, f.TEXT)
        text = pa.nulls(size, pa.string()) if text is None else text
        for name in self.columns.more_text:
            if name in table.column_names:
                blank = pc.equal(pc.utf8_trim_whitespace(text).fill_null(""), "")
                text = pc.if_else(blank, text_column(table, name), text)
        text = text.fill_null("") if text.null_count else text
        if self._is_html is None:
            sample = text.slice(0, 500).to_pylist()
            self._is_html = sum(map(looks_html, sample)) > 0.3 * len(sample)
        if self._is_html:
            text = pa.array([html_to_text(value).strip() for value in text.to_pylist()], pa.string())
        return text

    def _fill_merged(self, raw: RawTable) -> RawTable:
        """Merged cells hold their value in the first row only: fill the conversation's columns down."""
        name = self.columns.get(f.CONVERSATION)
        if not self._fill_ids or name is None or name not in raw.table.column_names:
            return raw
        table = raw.table
        blank = _blank(text_column(table, name))
        merged = [self.columns.get(field) for field in _MERGED]
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

    def _without_totals(self, raw: RawTable) -> RawTable:
        """Rows of totals, rejected; they are found in the conversation's column or the first."""
        name = self.columns.get(f.CONVERSATION) or (raw.table.column_names[0] if raw.table.column_names else None)
        if name is None or name not in raw.table.column_names or name == self.columns.get(f.TEXT):
            return raw
        codes, values = dictionary_codes(coded_column(raw.table, name))
        headers = pc.index(values, name).as_py()
        totals = pc.indices_nonzero(pc.match_substring_regex(values, _TOTALS)).to_numpy()
        if headers < 0 and not len(totals):
            return raw
        bad = np.isin(codes, totals)
        for index in np.flatnonzero(bad).tolist():
            self._log.reject(int(raw.rows[index]), "a row of totals, not a message", show_row(raw.table, index))
        again = (codes == headers) & (headers >= 0)
        self._log.drop("header repeated", int(again.sum()))
        keep = ~(bad | again)
        return RawTable(raw.table.filter(pa.array(keep)), raw.rows[keep])

    def _without_speaker(
        self, roles: npt.NDArray[np.int8], column: dict[str, pa.Array | None], size: int
    ) -> npt.NDArray[np.int8]:
        """Rows of which nothing tells the speaker: the customer's where the export tells it nowhere, else the
        system's."""
        unknown = roles == UNKNOWN
        if not unknown.any():
            return roles
        if column[f.ROLE] is None and column[f.SENDER] is None:
            self._log.note(
                "nothing tells who speaks; all messages are taken as the customer's, so that no agent is blamed"
            )
            return np.full(size, Role.CUSTOMER, dtype=np.int8)
        if column[f.ROLE] is None:
            self._log.note("messages without a sender are counted as the system's")
            return np.where(unknown, np.int8(Role.SYSTEM), roles)
        return roles

    def _details(
        self, table: pa.Table, column: Mapping[str, pa.Array | None], roles: npt.NDArray[np.int8], encode: Encoder,
        shops: Coded,
    ) -> dict[str, pa.Array]:  # fmt: skip
        named = encode(column[f.CUSTOMER])
        if column[f.CUSTOMER] is None:
            named = encode(column[f.SENDER])
            named = Coded(np.where(roles == Role.CUSTOMER, named.codes, np.int32(-1)), named.values)
        known = {
            "customer": Coded(named.codes, named.cleaned()).column(),
            "channel": column[f.CHANNEL],
            "group": column[f.GROUP] if column[f.GROUP] is not None else shops.column(),
            "csat": _mapped(encode(column[f.CSAT]), _rating, pa.float64()),
            "resolved": _mapped(encode(column[f.RESOLVED]), _resolved, pa.bool_()),
        }
        for name in self.columns.extras:
            if name in table.column_names and name != PARENT:
                known[f"{EXTRA}{name.removeprefix(CONVERSATION_MARK)}"] = coded_column(table, name)
        return {
            name: values for name, values in known.items() if values is not None and values.null_count < len(values)
        }

    def _keep(
        self, raw: RawTable, roles: npt.NDArray[np.int8], kinds: npt.NDArray[np.int8], text: Texts, keys: Coded,
        column: Mapping[str, pa.Array | None],
    ) -> npt.NDArray[np.bool_]:  # fmt: skip
        """Which rows are messages; the others are rejected or, when they hold no text, dropped and counted."""
        keep = np.ones(len(roles), dtype=bool)
        limit = self._options.limits.text_kb
        for index in np.flatnonzero(text.sizes > limit << 10).tolist():
            keep[index] = False
            size = text.sizes[index] >> 10
            reason = f"a message of {size} KB; the limit is {limit} KB (limits.text_kb in qa-scorer.yaml)"
            self._log.reject(int(raw.rows[index]), reason, text.array[index].as_py()[:200])
        hollow = np.flatnonzero(_BLANKS[text.leads()] & (text.sizes < 200) & (kinds == Kind.TEXT))
        blank = pc.equal(pc.utf8_trim_whitespace(text.array.take(pa.array(hollow))), "").to_numpy(zero_copy_only=False)
        self._log.drop("empty text", int(blank.sum()))
        keep[hollow[blank]] = False
        for index in np.flatnonzero(keep & (keys.codes < 0)).tolist():
            keep[index] = False
            self._log.reject(int(raw.rows[index]), "no conversation id in this row", show_row(raw.table, index))
        for index in np.flatnonzero(keep & (roles == UNKNOWN)).tolist():
            keep[index] = False
            role_column = column[f.ROLE]
            value = role_column[index].as_py() if role_column is not None else None
            told = f"{self.columns.get(f.ROLE)} is {value!r}; say it with --role {value or 'VALUE'}=agent"
            reason = f"who speaks is unknown: {told}"
            self._log.reject(int(raw.rows[index]), reason, show_row(raw.table, index))
        return keep


def _blank(array: pa.Array) -> pa.Array:
    return pc.equal(pc.utf8_trim_whitespace(array), "").fill_null(True)


def _nulled(array: pa.Array) -> pa.Array:
    return pc.if_else(_blank(array), pa.scalar(None, pa.string()), array)


def _other_party(encode: Encoder, column: Mapping[str, pa.Array | None], roles: npt.NDArray[np.int8]) -> Coded | None:
    """The customer of each row where sender and receiver are given."""
    if column[f.SENDER] is None or column[f.RECEIVER] is None:
        return None
    sender, receiver = encode(column[f.SENDER]), encode(column[f.RECEIVER])
    received = np.where(receiver.codes >= 0, receiver.codes + np.int32(len(sender.values)), np.int32(-1))
    codes = np.where(roles == Role.CUSTOMER, sender.codes, received)
    return Coded(codes, pa.concat_arrays([sender.values, receiver.values]))


def _mapped(column: Coded, translate: Callable[[str], object], kind: pa.DataType) -> pa.Array | None:
    """What the values mean, row by row; None when none of them means anything."""
    values = pa.array([translate(value) for value in column.texts()], kind)
    if values.null_count == len(values):
        return None
    return values.take(pa.array(column.codes, mask=column.codes < 0))


def _rating(value: str) -> float | None:
    """1–5 from a number or a word; None for not rated."""
    plain = value.strip()
    if plain in _RATINGS:
        return _RATINGS[plain]
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if 1.0 <= number <= 5.0 else None


def _resolved(value: str) -> bool | None:
    plain = value.strip().lower()
    return True if plain in _YES else False if plain in _NO else None


def show_row(table: pa.Table, index: int) -> str:
    """A row as one line for the rejects."""
    return " | ".join("" if (value := column[index].as_py()) is None else str(value) for column in table.columns)
