"""What containers hand to layouts: tables of raw columns with their places, and a log of what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SAMPLE_ROWS = 2000
CONVERSATION_MARK = "@"
"""Stands before the name of a column that belongs to the conversation around the message in a nested export."""
FOUND = "~"
"""Stands before the name of a column that was found inside a transcript, not in the table."""
PARENT = CONVERSATION_MARK + "#"
"""Column with the number of the object around the messages; the conversation when nothing better is known."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns as the export names them (unique names) and the 1-based place of each row in the source."""

    table: pa.Table
    rows: npt.NDArray[np.int64]


@dataclass(slots=True)
class Log:
    """Collects what one source loses or leaves out, with places and reasons."""

    source: str
    rejects: list[tuple[int | None, str, str]] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def reject(self, row: int | None, reason: str, raw: str) -> None:
        self.rejects.append((row, reason, raw[:2000]))

    def drop(self, reason: str, count: int = 1) -> None:
        if count:
            self.dropped[reason] = self.dropped.get(reason, 0) + count

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def join(self, earlier: Log) -> None:
        """Put what another log of the same source has collected before what this one has."""
        self.rejects[:0] = earlier.rejects
        self.notes[:0] = (note for note in earlier.notes if note not in self.notes)
        for reason, count in earlier.dropped.items():
            self.drop(reason, count)


class Part(Protocol):
    """One readable thing: a file, a sheet, a member of an archive.

    ``container`` is ``csv``, ``xlsx``, ``parquet``, ``json``, ``jsonl``, ``html`` or ``text``. ``sample`` is the first
    rows as text columns (empty for nested JSON and text files), ``records`` the first JSON values, ``lines`` the text.
    """

    name: str
    container: str
    encoding: str | None
    header: tuple[str, ...] | None  # None: the columns have no names, they are called "1", "2", …

    def sample(self) -> pa.Table: ...

    def sample_records(self) -> list[Any]: ...

    def text(self) -> str: ...

    def tables(self, log: Log) -> Iterator[RawTable]: ...

    def records(self, log: Log) -> Iterator[tuple[int, Any]]: ...


class BasePart:
    """The empty answers, for parts that are only one of tabular, nested or text."""

    def __init__(self, name: str, container: str, encoding: str | None = None) -> None:
        self.name = name
        self.container = container
        self.encoding = encoding
        self.header: tuple[str, ...] | None = ()

    def sample(self) -> pa.Table:
        return pa.table({})

    def sample_records(self) -> list[Any]:
        return []

    def text(self) -> str:
        return ""

    def tables(self, log: Log) -> Iterator[RawTable]:  # noqa: ARG002 - the signature is Part's
        return iter(())

    def records(self, log: Log) -> Iterator[tuple[int, Any]]:  # noqa: ARG002 - the signature is Part's
        return iter(())


def gathered(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Small batches together: tables of at least ``rows`` rows but for the last, each column in one piece. What came
    before the place where the batches break off comes out whole before the error."""
    held: list[pa.RecordBatch] = []
    size = 0
    broken: Exception | None = None
    try:
        for batch in batches:
            held.append(batch)
            size += len(batch)
            if size >= rows:
                yield _in_one_piece(held)
                held, size = [], 0
    except (pa.ArrowInvalid, OSError) as error:
        broken = error
    if size:
        yield _in_one_piece(held)
    if broken is not None:
        raise broken


def _in_one_piece(batches: list[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()


def text_table(names: tuple[str, ...], rows: list[list[str | None]]) -> pa.Table:
    """Rows of text, all of ``len(names)`` cells, as a table."""
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array; without copying when it is one already."""
    if column.num_chunks == 1:
        return column.chunk(0)
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # combine_chunks keeps several when they exceed 2 GB
        array = pa.concat_arrays(array.chunks)
    return array


def text_column(table: pa.Table, name: str) -> pa.Array:
    """A column as one array of text, whatever its type."""
    return as_text(whole(table.column(name)))


def coded_column(table: pa.Table, name: str) -> pa.Array:
    """Like ``text_column``, but text that comes encoded stays so."""
    array = whole(table.column(name))
    kind = array.type
    return array if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type) else as_text(array)


def as_text(array: pa.Array) -> pa.Array:
    """Any scalar array as text: whole floats without ``.0``, booleans as ``true`` and ``false``."""
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_dictionary(kind):
        return as_text(array.dictionary).take(array.indices)
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_floating(kind):
        values = [
            None if v is None or v != v else str(int(v)) if float(v).is_integer() else str(v) for v in array.to_pylist()
        ]
        return pa.array(values, pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if v is None else _plain(v) for v in python_values(array)], pa.string())
    return array.cast(pa.string())


def python_values(array: pa.Array) -> list[Any]:
    """The values as Python has them. Nanoseconds are a pandas time, for which Arrow must know pandas."""
    try:
        values: list[Any] = array.to_pylist()
    except ValueError:
        pa.array([]).to_pandas()
        values = array.to_pylist()
    return values


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list) and all(not isinstance(item, Mapping | list) for item in value):
        return ",".join(str(item) for item in value if item is not None)
    import json

    return json.dumps(value, ensure_ascii=False, default=str)


def show_row(table: pa.Table, index: int) -> str:
    """A row as one line for the rejects."""
    values = [value for column in table.columns for value in python_values(column.slice(index, 1))]
    return " | ".join("" if value is None else str(value) for value in values)
