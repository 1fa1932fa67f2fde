"""One row per message: CSV, TSV, XLSX, Parquet, flat JSON and JSON Lines, HTML tables.

Read as it stands; the columns are found by name and content (see ``columns``). Vendor logs of this shape: 千牛 and 晓多
style chat logs (卖家昵称, 买家昵称, 动作), 京东咚咚 (waiter, customer, waiterSend), WeChat exports (IsSender), Gorgias,
Chatwoot, and the canonical files that ``qa-scorer convert`` writes. Options: ``map``, ``roles``, ``header``,
``delimiter``, ``quote``, ``sheet``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap, find_columns
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part


def recognise(part: Part, options: ReadOptions) -> Match | None:
    """Any table with a text column; surer with a speaker, a time and a conversation id."""
    sample = part.sample()
    if not sample.num_columns:
        return None
    columns = find_columns(sample, options, part.header is not None)
    if columns.get(f.TEXT) is None:
        return None
    return Match(columns.confidence, columns.reasons)


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """The tables of the part. Raises InputError when no column holds the text or nothing tells who speaks."""
    sample = part.sample()
    columns = find_columns(sample, options, part.header is not None)
    require_text(part, columns, sample)
    for raw in part.tables(log):
        yield Mapped(raw, columns)


def require_text(part: Part, columns: ColumnMap, sample: pa.Table) -> None:
    """Raise InputError unless the text is known and a table without a header names who speaks."""
    seen = describe_columns(part, sample)
    if columns.get(f.TEXT) is None:
        raise InputError(
            f"{part.name}: no column holds the text of the messages; {seen}. Name it with --map text=COLUMN"
        )
    if part.header is None and sample.num_columns > 2 and not (columns.get(f.ROLE) or columns.get(f.SENDER)):
        found = " ".join(
            f"--map {name}={column}" for name, column in columns.columns.items() if name in (f.TIME, f.TEXT)
        )
        raise InputError(
            f"{part.name}: the file has no header and nothing tells who speaks; {seen}. Say which column does by its number, "
            f"--map role=NUMBER or --map sender=NUMBER; this was found: {found}"
        )


def describe_columns(part: Part, sample: pa.Table) -> str:
    """What was seen, for messages: the columns, or the first row when they have no names."""
    if part.header is None:
        first = [str(column[0].as_py() or "")[:20] for column in sample.columns] if sample.num_rows else []
        return f"{sample.num_columns} columns without names, the first row is {' | '.join(first)}"
    names = list(sample.column_names)
    return f"the columns are {', '.join(names[:20])}" + (f" and {len(names) - 20} more" if len(names) > 20 else "")


FORMAT = Format("messages", "one row per message", recognise, read, __name__)
