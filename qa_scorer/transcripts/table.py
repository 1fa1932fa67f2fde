"""The one shape that every export becomes: a table of messages and a table of what is known of each conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES

_NAMES = pa.dictionary(pa.int32(), pa.string())

MESSAGES = pa.schema(
    [
        ("conversation_id", _NAMES),  # rows of one conversation stand together
        ("seq", pa.int32()),  # 0-based number in the conversation
        ("role", pa.int8()),  # a model.words.Role
        ("kind", pa.int8()),  # a model.words.Kind
        ("sender", _NAMES),  # the cleaned name; for agents the name that reports show
        ("time", pa.timestamp("ms", tz="UTC")),  # null when the export has none
        ("text", pa.string()),  # as the export has it, never null
        ("source", _NAMES),  # the file as the user named it
        ("row", pa.int64()),  # 1-based row, line or element in the source
    ]
)
"""``conversation_id``, ``sender`` and ``source`` are dictionary-encoded: code 0 … n-1 into the batch's own names."""

CONVERSATIONS = pa.schema(
    [
        ("conversation_id", pa.string()),  # unique; in the order of the messages
        ("customer", pa.string()),
        ("channel", pa.string()),
        ("group", pa.string()),  # shop or team
        ("csat", pa.float64()),  # 1–5, null when not rated
        ("resolved", pa.bool_()),
        ("source", pa.string()),
        ("extra", pa.map_(pa.string(), pa.string())),  # the other columns, for metadata rules
    ]
)

REJECTS = pa.schema([("source", pa.string()), ("row", pa.int64()), ("reason", pa.string()), ("raw", pa.string())])


@dataclass(frozen=True, slots=True)
class TranscriptBatch:
    """Whole conversations: ``messages`` (MESSAGES) and ``conversations`` (CONVERSATIONS), in the same order."""

    messages: pa.Table
    conversations: pa.Table


@dataclass(slots=True)
class Counts:
    """What became of every row: ``rows_read == messages + rejected + dropped``. Complete once the batches are spent."""

    rows_read: int = 0
    messages: int = 0
    rejected: int = 0
    dropped: dict[str, int] = field(default_factory=dict)  # reason -> rows left out on purpose (duplicates, …)
    conversations: int = 0


class Transcripts(Protocol):
    """A reading of exports in progress. Iterate ``batches()`` once; ``counts`` and ``rejects()`` are complete after."""

    counts: Counts

    def batches(self) -> Iterator[TranscriptBatch]: ...

    def rejects(self) -> pa.Table: ...


__all__ = [
    "CONVERSATIONS",
    "KIND_NAMES",
    "MESSAGES",
    "REJECTS",
    "ROLE_NAMES",
    "Counts",
    "TranscriptBatch",
    "Transcripts",
]
