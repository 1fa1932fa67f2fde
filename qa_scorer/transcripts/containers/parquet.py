"""Parquet files, streamed by row group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.errors import InputError
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable, gathered

_ROWS = 65_536
_SAMPLE_BATCH = 250


class ParquetPart(BasePart):
    """One Parquet file; columns keep their types, and text that repeats itself comes encoded."""

    def __init__(self, name: str, path: Path) -> None:
        import pyarrow.parquet as pq

        super().__init__(name, "parquet")
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{name}: this Parquet file cannot be opened ({str(error).splitlines()[0]})") from error
        self.header = tuple(self._file.schema_arrow.names)
        self._sample = self._first_rows()

    def sample(self) -> pa.Table:
        return self._sample

    def _first_rows(self) -> pa.Table:
        """The first rows, up to a place at which the file is damaged."""
        held: list[pa.RecordBatch] = []
        try:
            for batch in self._file.iter_batches(_SAMPLE_BATCH):
                held.append(batch)
                if sum(map(len, held)) >= SAMPLE_ROWS:
                    break
        except (pa.ArrowInvalid, OSError):
            pass  # what cannot be read is rejected when the file is read
        return pa.Table.from_batches(held, self._file.schema_arrow)

    def tables(self, log: Log) -> Iterator[RawTable]:
        import pyarrow.parquet as pq

        reader = pq.ParquetFile(self._path, read_dictionary=self._repetitive())
        at = 1
        try:
            for table in gathered(reader.iter_batches(_ROWS), _ROWS):
                yield RawTable(table, np.arange(at, at + len(table), dtype=np.int64))
                at += len(table)
        except (pa.ArrowInvalid, OSError):
            yield from self._by_group(at, log)

    def _by_group(self, at: int, log: Log) -> Iterator[RawTable]:
        """What is whole from row ``at`` on; a damaged row group is rejected with the place at which it begins."""
        start = 1
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            stop = start + size
            if stop > at:
                try:
                    table = self._file.read_row_group(group).slice(max(at - start, 0)).combine_chunks()
                    yield RawTable(table, np.arange(stop - len(table), stop, dtype=np.int64))
                except (pa.ArrowInvalid, OSError) as error:
                    reason = str(error).splitlines()[0]
                    log.reject(max(at, start), f"{stop - max(at, start)} rows cannot be read here ({reason})", "")
            start = stop

    def _repetitive(self) -> list[str]:
        """The columns of text that hold each value twice on average, as ids and names do."""
        return [
            name
            for name, column in zip(self._sample.column_names, self._sample.columns, strict=True)
            if pa.types.is_string(column.type) and 2 * pc.count_distinct(column).as_py() <= len(self._sample)
        ]
