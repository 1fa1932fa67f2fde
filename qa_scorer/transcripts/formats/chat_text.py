"""Text files as chat clients write them: QQ style (``2023-10-15 10:23:45 名(123456)`` and the text below), ``[time]
name: text``, ``访客>`` lines and their kin (see ``notations``).

Headings such as ``会话 12`` part the file into conversations, and so do ruled lines where no message has a time. Otherwise
one file is one customer's history: it is parted by day, or by ``--gap``. The customer is the one the client names
(消息对象) or the first to speak who is no agent by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from qa_scorer.late import late
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.formats.unfold import AT, OFFSET, ON, SAID, SPEAKER, STARTED
from qa_scorer.transcripts.notations import Spoken, best_notation, split_messages
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, Log, Part, RawTable, text_column

_PARTNER = late(r"^\s*消息对象\s*[:：]\s*(\S.*?)\s*$", re.MULTILINE)
_CUSTOMER = CONVERSATION_MARK + "消息对象"
_CONVERSATION = "~heading"


def recognise(part: Part, options: ReadOptions) -> Match | None:  # noqa: ARG001 - the signature is Format's
    """A text file with heads of messages."""
    if part.container != "text" and part.sample().num_columns != 1:
        return None
    notation = best_notation([_text(part, Log(part.name))])
    return None if notation is None else Match(0.8, (f"heads like {notation.name}",))


def _text(part: Part, log: Log) -> str:
    """The text of a file, or of a table with a single column whose cells are the lines."""
    if part.container == "text":
        return part.text()
    cells = [cell for raw in part.tables(log) for cell in text_column(raw.table, raw.table.column_names[0]).to_pylist()]
    return "\n".join([*(part.header or ()), *(cell or "" for cell in cells)])


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:  # noqa: ARG001 - the signature is Format's
    """All messages of the file; the row is the number of the message."""
    text = _text(part, log)
    notation = best_notation([text])
    if notation is None:
        log.reject(
            None, "no message found; expected lines such as 2023-10-15 10:23:45 客服小美 or 客服: 您好", text[:200]
        )
        return
    messages = list(split_messages(text, notation))
    partner = _PARTNER.search(text)
    columns = {
        SPEAKER: pa.array([message.sender or None for message in messages], pa.string()),
        SAID: pa.array([message.text for message in messages], pa.string()),
        AT: pa.array([message.time for message in messages], pa.string()),
        ON: pa.array([message.day for message in messages], pa.string()),
        OFFSET: pa.array([message.offset for message in messages], pa.int64()),
        STARTED: pa.nulls(len(messages), pa.string()),
        _CUSTOMER: pa.array([partner[1] if partner else None] * len(messages), pa.string()),
    }
    fields = {f.SENDER: SPEAKER, f.TEXT: SAID, f.TIME: AT, f.DATE: ON, f.OFFSET: OFFSET, f.STARTED: STARTED}
    if partner:
        fields[f.CUSTOMER] = _CUSTOMER
    ids = _conversations(messages)
    if ids is not None:
        columns[_CONVERSATION] = pa.array(ids, pa.string())
        fields[f.CONVERSATION] = _CONVERSATION
    rows = np.arange(1, len(messages) + 1, dtype=np.int64)
    yield Mapped(RawTable(pa.table(columns), rows), ColumnMap(fields, confidence=0.8))


def _conversations(messages: Sequence[Spoken]) -> list[str] | None:
    """The conversation of each message by the headings or ruled lines above it; None where nothing parts them."""
    if any(message.heading for message in messages):
        return [message.heading or "0" for message in messages]
    if messages and messages[-1].block and not any(message.time or message.offset for message in messages):
        return [str(message.block + 1) for message in messages]
    people: list[set[str]] = [set() for _ in range(messages[-1].block + 1)] if messages else []
    for message in messages:
        people[message.block].add(message.sender)
    if any(one != people[0] for one in people) and all(len(one) > 1 for one in people):
        return [str(message.block + 1) for message in messages]  # others speak below a rule than above it
    return None


FORMAT = Format("chat-text", "a chat client's text file", recognise, read, __name__)
