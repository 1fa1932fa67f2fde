"""A Parquet table that grows part by part and can be continued behind any whole part.

Each part stands in the file as a Parquet file would, footer and all, behind the part before. The footer written by
``close`` knows the row groups of all parts, and it is the only one that readers look for, so the whole is one table, and
no row is written twice. What stands behind the last whole part, when a run was cut off, is thrown away.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_MAGIC = b"PAR1"
_TAIL = 8
"""Bytes behind a footer: its length and the magic."""


class GrowingTable:
    """One file of parts. Every method raises OSError when the disk does not take or give it."""

    def __init__(self, path: Path, schema: pa.Schema, ends: Sequence[int] = ()) -> None:
        """An empty table, or one that holds parts up to these sizes, in order; what comes behind them goes.

        An end that equals the one before is a part without rows.
        """
        self.path = path
        self.schema = schema
        # Only names are worth a dictionary, and nobody asks for the statistics: both cost time on every batch.
        self._names = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self._parts: list[pq.FileMetaData | None] = []
        with path.open("ab") as file:
            file.truncate(ends[-1] if ends else 0)
        for begin, end in pairwise((0, *ends)):
            self._parts.append(_footer(path, end) if end > begin else None)

    @property
    def size(self) -> int:
        """Bytes so far; the end of the last part."""
        return self.path.stat().st_size

    def append(self, table: pa.Table) -> None:
        """Write a part; one without rows leaves no trace in the file."""
        self._parts.append(self._write(table) if table.num_rows else None)

    def read(self, part: int) -> pa.Table:
        """The rows of a part."""
        footer = self._parts[part]
        if footer is None:
            return self.schema.empty_table()
        with pq.ParquetFile(self.path, metadata=footer) as file:
            return file.read()

    def close(self) -> None:
        """Write the footer of all parts. The table is whole from here on."""
        footers = [footer for footer in self._parts if footer is not None]
        whole = footers[0] if footers else self._write(self.schema.empty_table())
        for footer in footers[1:]:
            whole.append_row_groups(footer)
        written = io.BytesIO()
        whole.write_metadata_file(written)
        with self.path.open("ab") as file:
            file.write(written.getvalue()[len(_MAGIC) :])

    def _write(self, table: pa.Table) -> pq.FileMetaData:
        footers: list[pq.FileMetaData] = []
        with pa.OSFile(str(self.path), "ab") as file:
            # A writer refuses a file that it does not begin; what is appended goes to the end wherever it is told to
            # be, and from then on the writer counts from there: the offsets in the footer are those in the whole file.
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            writer = pq.ParquetWriter(
                file, self.schema, compression="zstd", compression_level=1, use_dictionary=self._names,
                write_statistics=False, metadata_collector=footers,
            )  # fmt: skip
            try:
                writer.write_table(table)
                writer.close()
            except OSError:
                writer.is_open = False  # the part is lost; closing the writer again would only fail again
                raise
        return footers[0]


def read_parts(path: Path, columns: Sequence[str] | None = None, encoded: Sequence[str] = ()) -> Iterator[pa.Table]:
    """Each part of a closed table, at least an empty one: these columns or all, the ``encoded`` ones as dictionaries of the
    part's own."""
    with pq.ParquetFile(path, read_dictionary=list(encoded)) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns)
        if not file.num_row_groups:
            yield file.read(columns)


def _footer(path: Path, end: int) -> pq.FileMetaData:
    """The footer of the part that ends there."""
    with path.open("rb") as file:
        file.seek(end - _TAIL)
        size = int.from_bytes(file.read(4), "little")
        file.seek(end - _TAIL - size)
        return pq.read_metadata(pa.BufferReader(_MAGIC + file.read(size + _TAIL)))
