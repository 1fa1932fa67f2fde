"""A table that is in memory already, as engines hand over their partitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable


class TablePart(BasePart):
    """One Arrow table; its rows are numbered from 1."""

    def __init__(self, name: str, table: pa.Table) -> None:
        super().__init__(name, "arrow")
        self._table = table
        self.header = tuple(table.column_names)

    def sample(self) -> pa.Table:
        return self._table.slice(0, SAMPLE_ROWS)

    def tables(self, log: Log) -> Iterator[RawTable]:  # noqa: ARG002 - a table in memory cannot be broken
        yield RawTable(self._table, np.arange(1, len(self._table) + 1, dtype=np.int64))
