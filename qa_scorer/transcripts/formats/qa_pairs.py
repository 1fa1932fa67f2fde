"""One row per question and answer: what the customer asked in one column, what the agent replied in another.

Each row becomes two messages, the question first; a blank one is left out. Columns are known by their names (问题 and 回答,
question and answer, 用户消息 and 客服回复, …) when no column tells who speaks. Rows belong to a conversation by its id, else
each is one of its own. ``--map`` names the columns around them; the two times (提问时间, 回复时间) are found by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.late import late
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap, find_columns
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.formats.cells import without_text
from qa_scorer.transcripts.formats.unfold import AT, SAID, SPEAKER
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import PARENT, Log, Part, RawTable, text_column
from qa_scorer.transcripts.roles import UNNAMED_AGENT

_CUSTOMER = "客户"
_ASKED = late(
    r"^(?:(?:用户|客户|顾客|访客|买家|会员|user|customer|visitor)?(?:问题|提问|咨询|问|question|query|ask|prompt|input)(?:内容|文本|text|content)?"
    r"|(?:用户|客户|顾客|访客|买家|user|customer|visitor)(?:消息|发言|说|输入|留言|诉求|message|text|utterance|input|said)(?:内容)?|q)$"
)
_ANSWERED = late(
    r"^(?:(?:客服|坐席|座席|人工|商家|卖家|店铺|agent|staff|operator)?(?:回答|答复|回复|应答|答案|答|answer|reply|response|output)(?:内容|文本|text|content)?"
    r"|(?:客服|坐席|座席|人工|商家|卖家|agent|staff|operator)(?:消息|发言|说|message|text|utterance|said)(?:内容)?|a)$"
)
_TIMES = late(r"(时间|time|at)$")


def recognise(part: Part, options: ReadOptions) -> Match | None:
    """A column of questions, one of answers, and none that says who speaks."""
    sample = part.sample()
    pair = pair_columns(sample, options) if part.header else None
    if pair is None:
        return None
    columns = find_columns(sample.drop_columns(list(pair)), without_text(options))
    if columns.get(f.ROLE) or f.TEXT in options.mapping:
        return None
    return Match(0.9, (f"{pair[0]} holds what customers said, {pair[1]} what agents said",))


def pair_columns(sample: pa.Table, options: ReadOptions) -> tuple[str, str] | None:
    """The columns of the questions and of the answers; None unless there is one of each, mostly filled with words."""
    taken = {str(column) for column in options.mapping.values()}
    names = [name for name in sample.column_names if name not in taken]
    asked = [name for name in names if _ASKED.match(f.plain_name(name)) and _wordy(sample, name)]
    answered = [name for name in names if _ANSWERED.match(f.plain_name(name)) and _wordy(sample, name)]
    return (asked[0], answered[0]) if len(asked) == len(answered) == 1 else None


def _wordy(sample: pa.Table, name: str) -> bool:
    """Whether the cells hold words rather than numbers or times."""
    cells = text_column(sample, name)
    cells = cells.filter(pc.not_equal(pc.utf8_trim_whitespace(cells), "").fill_null(False))
    words = pc.match_substring_regex(cells, r"\p{L}{2}")
    return len(cells) > 0 and pc.sum(words).as_py() > 0.5 * len(cells)


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """Two messages a row."""
    sample = part.sample()
    pair = pair_columns(sample, options)
    if pair is None:
        seen = ", ".join(sample.column_names[:20])
        log.reject(
            None, f"no column of questions and one of answers, such as 问题 and 回答; the columns are {seen}", ""
        )
        return
    rest = sample.drop_columns(list(pair))
    around = find_columns(rest, without_text(options))
    times = _times(rest, around)
    fields = {name: column for name, column in around.columns.items() if name not in (f.TEXT, f.SENDER, f.TIME)}
    fields |= {f.SENDER: SPEAKER, f.TEXT: SAID} | ({f.TIME: AT} if times else {})
    extras = tuple(name for name in around.extras if name not in times)
    columns = replace(around, columns=fields, extras=extras, more_text=(), per_object=f.CONVERSATION not in fields)
    for raw in part.tables(log):
        yield Mapped(_unfolded(raw, pair, times), columns)


def _times(rest: pa.Table, around: ColumnMap) -> tuple[str, ...]:
    """The columns of the question's and the answer's time; one column is both."""
    asked, answered = (
        r"(提问|咨询|问|用户|客户|ask|question|customer|user)",
        r"(回答|回复|答|客服|answer|reply|response|agent)",
    )
    named = [name for name in rest.column_names if _TIMES.search(f.plain_name(name))]
    first = [name for name in named if re.search(asked, f.plain_name(name))]
    second = [name for name in named if re.search(answered, f.plain_name(name))]
    if len(first) == len(second) == 1 and first != second:
        return first[0], second[0]
    single = around.get(f.TIME)
    return (single, single) if single else ()


def _unfolded(raw: RawTable, pair: tuple[str, str], times: tuple[str, ...]) -> RawTable:
    """Each row twice: as the question and as the answer."""
    size = len(raw.rows)
    twice = pa.array(np.repeat(np.arange(size), 2))
    table = raw.table.take(twice)
    columns = {name: table.column(name) for name in raw.table.column_names if name not in pair}
    columns[PARENT] = pa.array(np.repeat(raw.rows, 2)).cast(pa.string())
    columns[SPEAKER] = pa.array([_CUSTOMER, UNNAMED_AGENT]).take(pa.array(np.tile([0, 1], size)))
    columns[SAID] = _woven(raw.table, pair)
    if times:
        columns[AT] = _woven(raw.table, times)
    return RawTable(pa.table(columns), np.repeat(raw.rows, 2))


def _woven(table: pa.Table, names: tuple[str, ...]) -> pa.Array:
    """The cells of two columns, row by row."""
    size = len(table)
    both = pa.concat_arrays([text_column(table, name) for name in names])
    return both.take(pa.array(np.arange(2 * size).reshape(2, size).T.reshape(-1)))


FORMAT = Format("qa-pairs", "one row per question and answer", recognise, read, __name__)
