"""What makes two conversations the same one, and the month that each belongs to.

A conversation is known by its id and the time of its first timed message; one without times by its id and its source.
The file's name does not count for the others: a week's export and the month's hold the same conversations. Two
platforms that both number from 1 do not begin a conversation in the same millisecond.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qa_scorer.history.manifest import UNDATED


def identify(conversations: Path, zone: str, undated_month: str | None) -> pa.Table:
    """``conversation_id``, ``key`` (int64), ``month`` and ``began`` (local time, null without) of a run's conversations.

    ``zone`` has the midnights that part the months. Conversations without times go to ``undated_month``, or to UNDATED.
    """
    table = pq.read_table(conversations, columns=["conversation_id", "started_at", "source"])
    ids = table["conversation_id"].to_pylist()
    starts = table["started_at"].cast(pa.int64()).to_pylist()
    sources = table["source"].cast(pa.string()).to_pylist()
    keys = [_key(*known) for known in zip(ids, starts, sources, strict=True)]
    began = pc.local_timestamp(table["started_at"].cast(pa.timestamp("ms", tz=zone)))
    months = pc.strftime(began, format="%Y-%m").fill_null(undated_month or UNDATED)
    return pa.table({"conversation_id": table["conversation_id"], "key": keys, "month": months, "began": began})


def _key(conversation_id: str, start_ms: int | None, source: str) -> int:
    where = f"at {start_ms}" if start_ms is not None else f"in {source}"
    name = f"{conversation_id}\0{where}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True)
