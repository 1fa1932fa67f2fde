"""Parquet and Arrow files, streamed by row group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable

_ROWS = 65_536


class ParquetPart(BasePart):
    """One Parquet file; columns keep their types."""

    def __init__(self, name: str, path: Path) -> None:
        import pyarrow.parquet as pq

        super().__init__(name, "parquet")
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{name}: this Parquet file cannot be opened ({str(error).splitlines()[0]})") from error
        self.header = tuple(self._file.schema_arrow.names)

    def sample(self) -> pa.Table:
        batch = next(self._file.iter_batches(SAMPLE_ROWS), None)
        return self._file.schema_arrow.empty_table() if batch is None else pa.Table.from_batches([batch])

    def tables(self, log: Log) -> Iterator[RawTable]:
        at = 1
        try:
            for batch in self._file.iter_batches(_ROWS):
                yield RawTable(pa.Table.from_batches([batch]), np.arange(at, at + len(batch), dtype=np.int64))
                at += len(batch)
        except (pa.ArrowInvalid, OSError) as error:
            log.reject(at, f"the file breaks off here ({str(error).splitlines()[0]})", "")
