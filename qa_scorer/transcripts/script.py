"""Chats in the notation of ``model.chats`` as batches, for tests and explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from qa_scorer.model.chats import Message, parse_script
from qa_scorer.transcripts.table import CONVERSATIONS, MESSAGES, TranscriptBatch


def batch_of(
    chats: Sequence[tuple[str, Sequence[Message]]],
    metadata: Sequence[Mapping[str, Any]] | None = None,
    source: str = "script",
) -> TranscriptBatch:
    """A batch of (conversation id, messages) built in Python, with optional columns of CONVERSATIONS per chat."""
    columns: dict[str, list[Any]] = {name: [] for name in MESSAGES.names}
    row = 0
    for conversation_id, messages in chats:
        for seq, message in enumerate(messages):
            row += 1
            values = (conversation_id, seq, int(message.role), int(message.kind), message.sender,
                      message.time_ms, message.text, source, row)  # fmt: skip
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    arrays = []
    for schema_field in MESSAGES:
        if pa.types.is_dictionary(schema_field.type):
            arrays.append(pa.array(columns[schema_field.name], pa.string()).dictionary_encode().cast(schema_field.type))
        else:
            arrays.append(pa.array(columns[schema_field.name], schema_field.type))
    known = CONVERSATIONS.names
    rows = []
    for index, (conversation_id, _) in enumerate(chats):
        given = dict(metadata[index]) if metadata else {}
        extra = [(key, str(value)) for key, value in given.items() if key not in known]
        rows.append({"source": source, **{k: v for k, v in given.items() if k in known},
                     "conversation_id": conversation_id, "extra": extra})  # fmt: skip
    return TranscriptBatch(
        pa.Table.from_arrays(arrays, schema=MESSAGES), pa.Table.from_pylist(rows, schema=CONVERSATIONS)
    )


__all__ = ["Message", "batch_of", "parse_script"]
