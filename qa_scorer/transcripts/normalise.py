"""Prepared columns become those of MESSAGES: who speaks, what each message is and which conversation it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.model.words import Kind, Role
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.encoded import Coded
from qa_scorer.transcripts.grouping import Grouping
from qa_scorer.transcripts.kinds import find_kinds
from qa_scorer.transcripts.names import speaker_names
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.prepare import Prepared
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT, Log, show_row, text_column
from qa_scorer.transcripts.speakers import UNKNOWN, Speakers
from qa_scorer.transcripts.titles import agent_in_title, title_of

_RATINGS = {
    **dict.fromkeys(("非常满意", "很满意", "好评"), 5.0),
    **dict.fromkeys(("满意", "比较满意"), 4.0),
    **dict.fromkeys(("一般", "中评"), 3.0),
    **dict.fromkeys(("不满意", "较差"), 2.0),
    **dict.fromkeys(("非常不满意", "很不满意", "很差", "差评"), 1.0),
}
_YES = frozenset({"1", "1.0", "是", "true", "yes", "y", "已解决", "解决"})
_NO = frozenset({"0", "0.0", "否", "false", "no", "n", "未解决"})

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

    def __init__(self, part_name: str, columns: ColumnMap, options: ReadOptions, log: Log) -> None:
        self._options = options
        self._log = log
        self.columns = columns
        self.speakers = Speakers(columns.get(f.ROLE), options.roles)
        self.grouping = Grouping(part_name, columns, options)
        self._titled = self._agent_of_title(part_name)

    def _agent_of_title(self, part_name: str) -> str | None:
        """The agent whom the file's or the sheet's name names, where no column names one and the customers are told apart."""
        known = self.columns.columns
        if f.AGENT in known or f.SENDER in known or not (f.CUSTOMER in known or f.CONVERSATION in known):
            return None
        return agent_in_title(title_of(part_name))

    def chunk(self, table: Prepared) -> Chunk | None:
        """One table of the part; None when no row of it is a message."""
        if not len(table.raw.rows):
            return None
        sender, customer, agent = (table.coded(name) for name in (f.SENDER, f.CUSTOMER, f.AGENT))
        roles = self.speakers.by_column(table.coded(f.ROLE))
        roles = self.speakers.by_sides(roles, sender, table.text.array)
        roles = self.speakers.by_names(roles, sender, customer, agent)
        party = table.fields.get(f.CUSTOMER) or _other_party(table.fields, roles)
        keys = self.grouping.keys(table.raw, table.fields.get(f.CONVERSATION), agent, party, table.times, table.parent)
        roles = self.speakers.by_order(roles, keys, sender, table.text.array)
        for note in self.speakers.notes:
            self._log.note(note)
        roles = self._without_speaker(roles, table.fields)
        roles, kinds = find_kinds(roles, table.shown, table.fields, table.blank, self.columns.get(f.TYPE))
        if self._titled is not None:
            agent = Coded(np.zeros(len(roles), dtype=np.int32), pa.array([self._titled], pa.string()))
            self._log.note(f"no column names the agent; the file's or sheet's name does: {self._titled}")
        names, shops = speaker_names(roles, sender, agent, customer)
        messages = pa.table({
            "role": pa.array(roles, pa.int8()), "kind": pa.array(kinds, pa.int8()), "time": table.times,
            "text": table.text.array, "row": pa.array(table.raw.rows, pa.int64()), "message_id": table.message_ids,
        })  # fmt: skip
        details = self._details(table, roles, shops)
        keep = self._keep(table, roles, kinds, keys)
        if not keep.all():
            rows = pa.array(keep)
            messages = messages.filter(rows)
            details = {name: values.filter(rows) for name, values in details.items()}
            keys, names = Coded(keys.codes[keep], keys.values), Coded(names.codes[keep], names.values)
        return Chunk(keys, names, messages, details, self.grouping.scope, self.grouping.gap) if len(messages) else None

    def _without_speaker(self, roles: npt.NDArray[np.int8], fields: Mapping[str, Coded]) -> npt.NDArray[np.int8]:
        """Rows of which nothing tells the speaker: the customer's where the export tells it nowhere, else the
        system's."""
        unknown = roles == UNKNOWN
        if not unknown.any():
            return roles
        if f.ROLE not in fields and f.SENDER not in fields:
            self._log.note(
                "nothing tells who speaks; all messages are taken as the customer's, so that no agent is blamed"
            )
            return np.full(len(roles), Role.CUSTOMER, dtype=np.int8)
        if f.ROLE not in fields:
            self._log.note("messages without a sender are counted as the system's")
            return np.where(unknown, np.int8(Role.SYSTEM), roles)
        return roles

    def _details(self, table: Prepared, roles: npt.NDArray[np.int8], shops: Coded) -> dict[str, pa.Array]:
        named = table.fields.get(f.CUSTOMER)
        if named is None:
            sender = table.coded(f.SENDER)
            named = Coded(np.where(roles == Role.CUSTOMER, sender.codes, np.int32(-1)), sender.values)
        known = {
            "customer": Coded(named.codes, named.cleaned()).column(),
            "channel": table.coded(f.CHANNEL).column(),
            "group": table.fields.get(f.GROUP, shops).column(),
            "csat": _mapped(table.coded(f.CSAT), _rating, pa.float64()),
            "resolved": _mapped(table.coded(f.RESOLVED), _resolved, pa.bool_()),
        }
        for name in self.columns.extras:
            if name in table.raw.table.column_names and name != PARENT:
                known[f"{EXTRA}{name.removeprefix(CONVERSATION_MARK)}"] = text_column(table.raw.table, name)
        return {name: values for name, values in known.items() if values.null_count < len(values)}

    def _keep(
        self, table: Prepared, roles: npt.NDArray[np.int8], kinds: npt.NDArray[np.int8], keys: Coded
    ) -> npt.NDArray[np.bool_]:
        """Which rows are messages; the others are rejected or, when they hold no text, dropped and counted."""
        keep = np.ones(len(roles), dtype=bool)
        raw, limit = table.raw, self._options.limits.text_kb
        for index in np.flatnonzero(table.text.sizes > limit << 10).tolist():
            keep[index] = False
            size = table.text.sizes[index] >> 10
            reason = f"a message of {size} KB; the limit is {limit} KB (limits.text_kb in qa-scorer.yaml)"
            self._log.reject(int(raw.rows[index]), reason, table.text.array[index].as_py()[:200])
        empty = table.blank[kinds[table.blank] == Kind.TEXT]
        self._log.drop("empty text", len(empty))
        keep[empty] = False
        for index in np.flatnonzero(keep & (keys.codes < 0)).tolist():
            keep[index] = False
            self._log.reject(int(raw.rows[index]), "no conversation id in this row", show_row(raw.table, index))
        for index in np.flatnonzero(keep & (roles == UNKNOWN)).tolist():
            keep[index] = False
            role = table.coded(f.ROLE)
            code = int(role.codes[index])
            value = role.values[code].as_py() if code >= 0 else None
            told = f"{self.columns.get(f.ROLE)} is {value!r}; say it with --role {value or 'VALUE'}=agent"
            reason = f"who speaks is unknown: {told}"
            self._log.reject(int(raw.rows[index]), reason, show_row(raw.table, index))
        return keep


def _other_party(fields: Mapping[str, Coded], roles: npt.NDArray[np.int8]) -> Coded | None:
    """The customer of each row where sender and receiver are given."""
    sender, receiver = fields.get(f.SENDER), fields.get(f.RECEIVER)
    if sender is None or receiver is None:
        return None
    received = np.where(receiver.codes >= 0, receiver.codes + np.int32(len(sender.values)), np.int32(-1))
    codes = np.where(roles == Role.CUSTOMER, sender.codes, received)
    return Coded(codes, pa.concat_arrays([sender.values, receiver.values]))


def _mapped(column: Coded, translate: Callable[[str], object], kind: pa.DataType) -> pa.Array:
    """What the values mean, row by row; null where one means nothing."""
    values = pa.array([translate(value) for value in column.texts()], kind)
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
