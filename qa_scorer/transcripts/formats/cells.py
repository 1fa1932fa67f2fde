"""One row per conversation, the whole transcript in one cell as text.

The cell is cut at the heads of its messages (see ``notations``): 千牛 one-cell workbooks (``10:21:03`` and below it
``店:小美: 亲，在的``), 腾讯企点 (date banner, ``张三(3000…)    20:10:45`` and the text below), ``访客>`` lines, QQ
style, and HTML bodies such as Salesforce's ``( 1m 13s ) Bob: ok<br>``. The other columns of the row (customer, agent,
rating) belong to the conversation; a date in the cell, in a column or in ``Chat Started`` completes times of day and
offsets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from qa_scorer.late import late
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import find_columns
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.formats.unfold import Unfolded, unfold_rows
from qa_scorer.transcripts.notations import (
    EMPTY_CELL,
    Notation,
    Spoken,
    best_notation,
    html_to_text,
    looks_html,
    split_messages,
)
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part, text_column

_STARTED = late(r"^\s*(?:Chat Started|会话开始|开始时间)\s*[:：]\s*(?P<time>.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_BETWEEN = late(r"\s*(?:\|\||###|⏎|↵|\\r\\n|\\n|_x000D_|[|;；]\s*(?=[^|;；:：\s][^|;；:：\n]{0,20}[:：]))\s*")
"""What parts messages in cells that may hold no line breaks."""
_ENOUGH = 0.5  # share of the filled cells that must hold a transcript
_SAMPLE = 50


def recognise(part: Part, options: ReadOptions) -> Match | None:
    """A column most of whose cells hold several message heads."""
    sample = part.sample()
    found = transcript_column(sample, options)
    if found is None:
        return None
    column, notation, share = found
    return Match(0.6 + 0.39 * share, (f"column {column} holds whole transcripts", f"heads like {notation.name}"))


def transcript_column(sample: pa.Table, options: ReadOptions) -> tuple[str, Notation, float] | None:
    """The column with transcripts, their notation and the share of cells that hold one."""
    given = str(options.mapping.get(f.TEXT, ""))
    best: tuple[str, Notation, float] | None = None
    for name in sample.column_names:
        if given and given != name:
            continue
        values = text_column(sample, name).to_pylist()[:_SAMPLE]
        cells = [plain_text(value) for value in values if value and value.strip() and not EMPTY_CELL.match(value)]
        if not cells or not any("\n" in cell for cell in cells):
            continue
        notation = best_notation(cells)
        if notation is None:
            continue
        share = sum(1 for cell in cells if _heads(cell, notation) >= 2) / len(cells)
        if share >= _ENOUGH and (best is None or share > best[2]):
            best = (name, notation, share)
    return best


def _heads(cell: str, notation: Notation) -> int:
    return sum(1 for line in cell.splitlines() if notation.head.match(line))


def plain_text(cell: str) -> str:
    """The text of a cell with its messages on lines of their own, whatever stands between them."""
    text = html_to_text(cell) if looks_html(cell) else cell
    return text if "\n" in text else _BETWEEN.sub("\n", text)


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """One row per message in a cell; cells without a transcript are dropped and counted, or rejected."""
    sample = part.sample()
    found = transcript_column(sample, options)
    if found is None:
        return
    column, notation, _ = found
    rest = sample.drop_columns([column])
    around = find_columns(rest, without_text(options), part.header is not None, around=True)
    for raw in part.tables(log):
        cells = text_column(raw.table, column).to_pylist()
        messages: list[Unfolded] = []
        for index, cell in enumerate(cells):
            messages.extend(_messages(cell, notation, index, int(raw.rows[index]), log))
        if messages:
            yield unfold_rows(raw, messages, around, np.array(raw.rows))


def without_text(options: ReadOptions) -> ReadOptions:
    """The options for the columns around the cell: the text is found already."""
    return replace(options, mapping={name: column for name, column in options.mapping.items() if name != f.TEXT})


def _messages(cell: str | None, notation: Notation, index: int, row: int, log: Log) -> Iterator[Unfolded]:
    if cell is None or not cell.strip() or EMPTY_CELL.match(cell):
        log.drop("conversation without messages")
        return
    text = plain_text(cell)
    started = _STARTED.search(text)
    count = 0
    for spoken in split_messages(text, notation):
        count += 1
        yield unfolded(index, spoken, started["time"] if started else None)
    if not count:
        log.reject(row, f"no message found in the cell; expected heads like {notation.name}", cell)


def unfolded(index: int, spoken: Spoken, started: str | None) -> Unfolded:
    return Unfolded(index, spoken.sender, spoken.text, spoken.time, spoken.day, spoken.offset, started)


FORMAT = Format("transcript-cells", "one row per conversation, its transcript in one cell", recognise, read, __name__)
