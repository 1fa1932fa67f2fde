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

    def sample(self) -> pa.Table:
        batch = next(self._file.iter_batches(SAMPLE_ROWS), None)
        return self._file.schema_arrow.empty_table() if batch is None else pa.Table.from_batches([batch])

    def tables(self, log: Log) -> Iterator[RawTable]:
        import pyarrow.parquet as pq

        at = 1
        try:
            reader = pq.ParquetFile(self._path, read_dictionary=self._repetitive())
            for table in gathered(reader.iter_batches(_ROWS), _ROWS):
                yield RawTable(table, np.arange(at, at + len(table), dtype=np.int64))
                at += len(table)
        except (pa.ArrowInvalid, OSError) as error:
            log.reject(at, f"the file breaks off here ({str(error).splitlines()[0]})", "")

    def _repetitive(self) -> list[str]:
        """The columns of text that hold each value twice on average, as ids and names do."""
        try:
            sample = self.sample()
        except (pa.ArrowInvalid, OSError):
            return []
        return [
            name
            for name, column in zip(sample.column_names, sample.columns, strict=True)
            if pa.types.is_string(column.type) and 2 * pc.count_distinct(column).as_py() <= len(sample)
        ]
