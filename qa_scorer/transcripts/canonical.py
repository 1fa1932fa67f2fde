"""The canonical file: one row per message with plain column names, which the reader reads back as it was.

Columns: conversation_id, seq, role, kind, sender, time (ISO 8601 with zone), text, customer, channel, group, csat,
resolved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.errors import OutputError
from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES
from qa_scorer.transcripts.table import TranscriptBatch

_DETAILS = ("customer", "channel", "group", "csat", "resolved")


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...

    def __enter__(self) -> _Writer: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def write_canonical(batches: Iterable[TranscriptBatch], path: Path) -> None:
    """Write the batches to ``path``; its suffix says how. Raises OutputError for another suffix or a place that
    cannot be written. The file appears only when it is complete."""
    writers: dict[str, Callable[[Path, pa.Schema], _Writer]] = {
        ".parquet": _parquet, ".jsonl": _JsonLines, ".csv": _csv,
    }  # fmt: skip
    open_writer = writers.get(path.suffix.lower())
    if open_writer is None:
        raise OutputError(f"{path}: the name must end in {', '.join(writers)}")
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tables = (canonical_table(batch) for batch in batches)
        first = next(tables)
        with open_writer(partial, first.schema) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        partial.unlink(missing_ok=True)


def canonical_table(batch: TranscriptBatch) -> pa.Table:
    """The messages of a batch with the details of their conversations beside them."""
    messages = batch.messages.combine_chunks()
    ids = messages["conversation_id"].combine_chunks()
    place = pc.index_in(ids.cast(pa.string()), batch.conversations["conversation_id"].combine_chunks())
    times = pc.strftime(messages["time"], "%Y-%m-%dT%H:%M:%SZ").cast(pa.string())
    columns = {
        "conversation_id": ids.cast(pa.string()),
        "seq": messages["seq"],
        "role": pa.array(np.array(ROLE_NAMES, dtype=object)[messages["role"].to_numpy()], pa.string()),
        "kind": pa.array(np.array(KIND_NAMES, dtype=object)[messages["kind"].to_numpy()], pa.string()),
        "sender": messages["sender"].cast(pa.string()),
        "time": times,
        "text": messages["text"],
    }
    for name in _DETAILS:
        columns[name] = batch.conversations[name].combine_chunks().take(place)
    return pa.table(columns)


def _parquet(path: Path, schema: pa.Schema) -> _Writer:
    import pyarrow.parquet as pq

    writer: _Writer = pq.ParquetWriter(path, schema)
    return writer


def _csv(path: Path, schema: pa.Schema) -> _Writer:
    import pyarrow.csv as pacsv

    writer: _Writer = pacsv.CSVWriter(path, schema)
    return writer


class _JsonLines:
    """One object a line; fields without a value are left out."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:  # noqa: ARG002 - the signature of all writers
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> _JsonLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write_table(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            self._file.write(json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False) + "\n")
