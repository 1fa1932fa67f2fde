"""Messages found inside a cell or a text become rows, beside the columns of the row that they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.formats.base import Mapped
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT, RawTable, text_column

SPEAKER, SAID, AT, ON, OFFSET, STARTED = "~sender", "~text", "~time", "~day", "~offset", "~started"
_AROUND = frozenset({f.CONVERSATION, f.AGENT, f.GROUP, f.CUSTOMER, f.CSAT, f.RESOLVED, f.CHANNEL})


@dataclass(frozen=True, slots=True)
class Unfolded:
    """One message from row ``index`` of a table. ``day``: a banner's date; ``offset``: seconds since ``started``."""

    index: int
    sender: str
    text: str
    time: str | None = None
    day: str | None = None
    offset: int | None = None
    started: str | None = None


def unfold_rows(
    raw: RawTable, messages: Sequence[Unfolded], around: ColumnMap, rows: npt.NDArray[np.int64], part: str = ""
) -> Mapped:
    """The messages as a table. Each row of ``raw`` is a conversation; without an id it is named by its row number."""
    index = pa.array([message.index for message in messages], pa.int64())
    columns: dict[str, pa.Array] = {
        CONVERSATION_MARK + name: text_column(raw.table, name).take(index) for name in raw.table.column_names
    }
    columns[PARENT] = pa.array([str(rows[message.index]) + part for message in messages], pa.string())
    columns[SPEAKER] = pa.array([message.sender or None for message in messages], pa.string())
    columns[SAID] = pa.array([message.text for message in messages], pa.string())
    columns[AT] = pa.array([message.time for message in messages], pa.string())
    columns[OFFSET] = pa.array([message.offset for message in messages], pa.int64())
    columns[STARTED] = pa.array([message.started for message in messages], pa.string())
    day = around.get(f.DATE) or around.get(f.TIME)
    outer = columns[CONVERSATION_MARK + day].to_pylist() if day else [None] * len(messages)
    columns[ON] = pa.array([message.day or there for message, there in zip(messages, outer, strict=True)], pa.string())
    table = pa.table(columns)
    return Mapped(RawTable(table, rows[np.array(index)]), unfolded_columns(around))


def unfolded_columns(around: ColumnMap) -> ColumnMap:
    """The fields of unfolded tables: speaker, text and time from the cell, the rest from around it."""
    fields: Mapping[str, str] = {
        **{name: CONVERSATION_MARK + column for name, column in around.columns.items() if name in _AROUND},
        f.SENDER: SPEAKER, f.TEXT: SAID, f.TIME: AT, f.DATE: ON, f.OFFSET: OFFSET, f.STARTED: STARTED,
    }  # fmt: skip
    extras = [column for name, column in around.columns.items() if name not in _AROUND]
    marked = tuple(CONVERSATION_MARK + name for name in (*extras, *around.extras))
    return replace(around, columns=fields, extras=marked, per_object=True)
