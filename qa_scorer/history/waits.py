"""Every wait for a person's answer of a run, one row each, from its messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qa_scorer.matching.batch import NO_TIME, Batch
from qa_scorer.transcripts.table import CONVERSATIONS, MESSAGES, TranscriptBatch

WAITS = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("agent", pa.string()),  # who answered
        ("begins_at", pa.timestamp("ms", tz="UTC")),  # the customer's first unanswered message
        ("wait_ms", pa.int64()),  # until the next message of a human agent; null where a time is missing
        ("first", pa.bool_()),  # the conversation's first wait
    ]
)
_MESSAGES_AT_ONCE = 200_000


def waits_of(messages: Path) -> Iterator[pa.Table]:
    """Tables of WAITS, as ``matching.batch.Waits`` defines a wait."""
    for table in whole_conversations(messages):
        batch = Batch(TranscriptBatch(table, CONVERSATIONS.empty_table()))
        waits = batch.waits
        ids = table["conversation_id"].combine_chunks()
        first = np.zeros(len(waits.begin), dtype=np.bool_)
        first[np.unique(batch.conv[waits.begin], return_index=True)[1]] = True
        begins = batch.time[waits.begin]
        yield pa.Table.from_arrays(
            [
                ids.take(pa.array(waits.begin)).cast(pa.string()),
                pa.array(batch.agents, pa.string()).take(pa.array(batch.unit_agent[batch.unit[waits.end]])),
                pa.array(begins, mask=begins == NO_TIME).cast(pa.timestamp("ms", tz="UTC")),
                pa.array(np.round(waits.seconds * 1000), mask=np.isnan(waits.seconds)).cast(pa.int64()),
                pa.array(first),
            ],
            schema=WAITS,
        )


def whole_conversations(messages: Path) -> Iterator[pa.Table]:
    """A table of messages in tables of whole conversations by the schema MESSAGES; their rows must stand together."""
    held = MESSAGES.empty_table()
    with pq.ParquetFile(messages) as file:
        for rows in file.iter_batches(_MESSAGES_AT_ONCE):
            held = _encoded(pa.concat_tables([held, pa.Table.from_batches([rows]).cast(MESSAGES)]))
            codes = held["conversation_id"].chunk(0).indices.to_numpy()
            border = int(np.flatnonzero(np.diff(codes, prepend=-1))[-1])
            if border:
                yield _encoded(held.slice(0, border))
                held = held.slice(border)
    if held.num_rows:
        yield _encoded(held)


def _encoded(table: pa.Table) -> pa.Table:
    """In one chunk, with no name in the dictionaries that the rows do not hold."""
    columns = []
    for column in table.combine_chunks().columns:
        encoded = pa.types.is_dictionary(column.type)
        columns.append(column.cast(pa.string()).combine_chunks().dictionary_encode() if encoded else column)
    return pa.Table.from_arrays(columns, schema=table.schema)
