"""JSON in which conversations hold their messages: one JSON per customer or ticket, API pages, chat-model files.

The list that looks most like messages is found by its keys, wherever it is; what stands around it (customer, agent,
session id, rating) belongs to each of its messages. Read so without a word about them: 千牛 userscripts (``chats``),
京东咚咚 (``data``), 拼多多, 美洽 (``conv_content``), Tencent Desk (``Messages``), 微信客服 (``recordlist``), Zendesk
(``comments``), Chatwoot (``payload``), Gorgias, Amazon Connect (``Transcript``), Tawk.to, OpenAI-style ``messages``
and ``conversations``, and dialogue data sets. Columns around the messages are shown with ``@``; ``--map
conversation=sid`` finds them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from qa_scorer.errors import InputError
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap, find_columns
from qa_scorer.transcripts.containers.jsonfile import rows_table
from qa_scorer.transcripts.containers.jsontree import Path, explode, find_messages, messages_beside
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part, RawTable

_ROWS = 20_000
_SAMPLE = 200

Reshape = Callable[[Any], Any]


def recognise(part: Part, options: ReadOptions) -> Match | None:
    """Records with a list of objects that have text and a speaker or a time."""
    for record in part.sample_records()[:_SAMPLE]:
        path = find_messages(record)
        if path is not None:
            rows = rows_table(list(explode(record, path, 1))[:_SAMPLE])
            columns = find_columns(rows, options)
            where = ".".join(path) or "the document"
            return Match(max(columns.confidence, 0.5), (f"messages in {where}", *columns.reasons))
    return None


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """The messages of all records."""
    return read_records(part.records(log), options, log)


def read_records(records: Iterable[tuple[int, Any]], options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """One row per message. Records of different shapes in one file have columns of their own. Raises InputError when no
    list of messages holds a text."""
    shapes: dict[tuple[Path, tuple[str, ...]], ColumnMap] = {}
    paths: dict[tuple[str, ...], list[Path]] = {}
    rows: list[dict[str, str | None]] = []
    places: list[int] = []
    current: Path | None = None

    def flush() -> Iterator[Mapped]:
        if not rows or current is None:
            return
        table = rows_table(rows)
        key = (current, tuple(table.column_names) if len(shapes) > 50 else tuple(sorted(_message_names(rows))))
        if key not in shapes:
            shapes[key] = find_columns(table, options)
        columns = shapes[key]
        if columns.get(f.TEXT) is None:
            raise InputError(
                f"{log.source}: the messages in {'.'.join(current)} have no text; their keys are "
                f"{', '.join(table.column_names[:20])}. Name it with --map text=KEY"
            )
        yield Mapped(RawTable(table, np.array(places, dtype=np.int64)), columns)
        rows.clear()
        places.clear()

    for number, record in records:
        keys = tuple(record) if isinstance(record, dict) else ()
        if not paths.get(keys):
            found = find_messages(record)
            paths[keys] = [] if found is None else [found, *messages_beside(record, found)]
        if not paths[keys]:
            log.drop("record without messages")
        for order, path in enumerate(paths[keys]):
            if path != current or len(rows) >= _ROWS:
                yield from flush()
                current = path
            for row in explode(record, path, f"{number}-{order}" if order else number):
                rows.append(row)
                places.append(number)
                if len(rows) >= _ROWS:
                    yield from flush()
    yield from flush()


def _message_names(rows: list[dict[str, str | None]]) -> set[str]:
    return {name for row in rows[:_SAMPLE] for name in row}


FORMAT = Format("nested-json", "conversations that hold their messages, as JSON", recognise, read, __name__)
