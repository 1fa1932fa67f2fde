"""One row per conversation, its messages as a JSON string in one cell.

Brand dumps of Taobao shops (``users``, ``messages``) and exports of dialogue systems. The other columns belong to the
conversation. A cell whose JSON is cut off is rejected with its row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.containers.jsontree import find_messages
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.formats.cells import without_text
from qa_scorer.transcripts.formats.nested import read_records
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part, text_column

_SAMPLE = 50


def recognise(part: Part, options: ReadOptions) -> Match | None:
    """A column whose cells are JSON arrays or objects with messages."""
    column = json_column(part.sample(), options)
    return None if column is None else Match(0.95, (f"column {column} holds messages as JSON",))


def json_column(sample: pa.Table, options: ReadOptions) -> str | None:
    """The column with JSON transcripts, or None."""
    given = str(options.mapping.get(f.TEXT, ""))
    for name in sample.column_names:
        if given and given != name:
            continue
        values = [value for value in text_column(sample, name).to_pylist()[:_SAMPLE] if value and value.strip()]
        whole = [parsed for value in values if value.lstrip()[0] in "[{" and (parsed := _parse(value)) is not None]
        if (
            values
            and len(whole) >= 0.5 * len(values)
            and any(find_messages({name: value}) is not None for value in whole)
        ):
            return str(name)
    return None


def _parse(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return None


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """One row per message of the cells."""
    column = json_column(part.sample(), options)
    if column is not None:
        for mapped in read_records(_records(part, column, log), without_text(options), log):
            yield Mapped(mapped.raw, replace(mapped.columns, per_object=True))


def _records(part: Part, column: str, log: Log) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for raw in part.tables(log):
        columns = {name: text_column(raw.table, name).to_pylist() for name in raw.table.column_names}
        cells = columns.pop(column)
        for index, (row, cell) in enumerate(zip(raw.rows.tolist(), cells, strict=True)):
            if not cell or not cell.strip() or cell.strip() in ("[]", "{}"):
                log.drop("conversation without messages")
                continue
            parsed = _parse(cell)
            if not isinstance(parsed, list | dict):
                log.reject(row, f"the JSON in {column} is not whole", cell)
                continue
            yield row, {**{name: values[index] for name, values in columns.items()}, column: parsed}


FORMAT = Format("json-cells", "one row per conversation, its messages as JSON in one cell", recognise, read, __name__)
