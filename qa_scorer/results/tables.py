"""A run's tables read back for summaries: part by part, so that a run of any size takes little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from qa_scorer.results.growing import read_parts
from qa_scorer.results.writing import SCHEMAS


class RunTables:
    """The tables in ``data``, with the columns of ``scoring.tables``, names encoded; times are told in ``zone``."""

    def __init__(self, data: Path, zone: str) -> None:
        self._data = data
        self.zone = zone

    def parts(self, name: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of each part of a table, at least of an empty one. A part's names have a dictionary of their own."""
        encoded = [field.name for field in SCHEMAS[name] if pa.types.is_dictionary(field.type)]
        return read_parts(self._data / f"{name}.parquet", list(columns), encoded)

    def whole(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of a table in one piece. For what is small next to messages and verdicts."""
        return joined(list(self.parts(name, columns)))


def joined(parts: Sequence[pa.Table]) -> pa.Table:
    """Parts as one table in one piece, with one dictionary for each column of names; there is one part at least."""
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()
