"""The time of every message of a part: from a column, a date beside it, an offset, or without any date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.days import dated, is_clock, parse_day
from qa_scorer.transcripts.encoded import encode
from qa_scorer.transcripts.raw import Log, as_text, text_column, whole
from qa_scorer.transcripts.times import UTC_MS, parse_column, zone

_SAYS_UTC = re.compile(r"\b(?:UTC|GMT)\b(?!\s*[+-]\s*\d)", re.IGNORECASE)
_LONGEST_CALL_S = 20_000  # larger numbers count milliseconds
_FIRST_MINUTE = re.compile(r"^\s*0{1,2}:\d{2}\s*$")
_CLOCK_OF_TWO = re.compile(r"^(\S+) (\d{1,2}:\d{2})$")
_HALF_DAY_MS = 12 * 3600 * 1000


def _as_offsets(column: pa.Array) -> pa.Array | None:
    """Milliseconds since the start of recordings, or None for a column that holds anything but small numbers."""
    texts = as_text(column)
    if pc.all(pc.match_substring_regex(texts, r"^\s*\d{1,8}(?:\.\d+)?\s*$")).as_py() is not True:
        return None
    numbers = pc.utf8_trim_whitespace(texts).cast(pa.float64())
    bounds = pc.min_max(numbers).as_py()
    if (bounds["min"] or 0.0) > _LONGEST_CALL_S or bounds["max"] is None:
        return None
    per_unit = 1 if bounds["max"] > _LONGEST_CALL_S else 1000
    return pc.round(pc.multiply(numbers, per_unit)).cast(pa.int64())


def _since_start(firsts: Sequence[str | None], texts: Sequence[str | None]) -> bool:
    """Whether clocks such as ``00:21`` are minutes and seconds since the start of a recording: every conversation begins
    within its first minute, and no clock has a third number."""
    return all(first is not None and _FIRST_MINUTE.match(first) for first in firsts) and all(
        text is None or _CLOCK_OF_TWO.match(f"- {text.strip()}") for text in texts
    )


class TimeFinder:
    """Finds the times of one part's tables."""

    def __init__(self, file_name: str, columns: ColumnMap, tz: ZoneInfo, log: Log) -> None:
        self._part_name = file_name
        self._columns = columns
        self._tz = tz
        self._log = log

    def find(self, table: pa.Table, days: pa.Array | None, parent: pa.Array | None) -> pa.Array:
        """The time of every row, null where there is none. ``days`` completes times of day, ``parent`` tells
        conversations apart where no date is to be found."""
        return self._offsets(table, self._written(table, days, parent))

    def _written(self, table: pa.Table, days: pa.Array | None, parent: pa.Array | None) -> pa.Array:
        name = self._columns.get(f.TIME)
        if name is None or name not in table.column_names:
            return pa.nulls(len(table), UTC_MS)
        column = whole(table.column(name))
        if pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type):
            column = as_text(column)
        since_start = _as_offsets(column)
        if since_start is not None:
            return self._from_day(since_start)
        tz = zone("UTC") if _SAYS_UTC.search(name) else self._tz
        times = parse_column(column, tz)
        if days is not None and times.null_count:
            times = pc.coalesce(times, parse_column(as_text(column), tz, days))
        if times.null_count:
            times = self._undated(times, as_text(column), parent)
        if times.null_count:
            lost = pc.and_(pc.is_null(times), pc.not_equal(pc.utf8_trim_whitespace(as_text(column)).fill_null(""), ""))
            if pc.any(lost).as_py():
                example = column.filter(lost)[0].as_py()
                self._log.note(f"times that are not understood are left empty, for example {str(example)[:40]!r}")
        return times

    def _from_day(self, since_start: pa.Array) -> pa.Array:
        """Milliseconds since the start of a recording as times of the day in the file's name, else of 1970-01-01."""
        day = parse_day(self._part_name) or date(1970, 1, 1)
        self._log.note(f"times since the start are taken as of {day}; only the waits between them count")
        began = parse_column(pa.array([f"{day} 00:00:00"]), self._tz).cast(pa.int64())[0]
        return pc.add(since_start, began).cast(UTC_MS)

    def _undated(self, times: pa.Array, clocks: pa.Array, parent: pa.Array | None) -> pa.Array:
        """Times of day without any date: of the day in the file's name, else of 1970-01-01, so that waits can still be
        measured. A fall of half a day within a conversation is midnight."""
        day = parse_day(self._part_name) or date(1970, 1, 1)
        texts = clocks.to_pylist()
        whole = [
            None if text is None or known else dated(text, day)
            for text, known in zip(texts, times.is_valid().to_pylist(), strict=True)
        ]
        bare = np.array([text is not None for text in whole], dtype=bool)
        if not bare.any():
            return times
        self._log.note(f"times of day without a date are taken as of {day}; only the waits between them count")
        around = np.zeros(len(whole)) if parent is None else encode(parent).codes
        same = np.append(False, around[1:] == around[:-1])
        if _since_start([text for text, goes_on in zip(texts, same, strict=True) if not goes_on], texts):
            whole = [None if text is None else _CLOCK_OF_TWO.sub(r"\1 00:\2", text) for text in whole]
        moments = parse_column(pa.array(whole, pa.string()), self._tz).cast(pa.int64()).fill_null(0)
        moments = moments.to_numpy(zero_copy_only=False).copy()
        clocks_only = np.array([text is not None and is_clock(text) for text in texts], dtype=bool)
        falls = same & clocks_only & (np.diff(moments, prepend=moments[:1]) < -_HALF_DAY_MS)
        nights = np.cumsum(falls)
        starts = np.flatnonzero(~same)
        nights -= nights[starts][np.cumsum(~same) - 1]
        moments += nights * 2 * _HALF_DAY_MS
        return pc.if_else(pa.array(bare), pa.array(moments, pa.int64()).cast(UTC_MS), times)

    def _offsets(self, table: pa.Table, times: pa.Array) -> pa.Array:
        """Times from the seconds since the start of the chat, where a transcript gives these."""
        name, start = self._columns.get(f.OFFSET), self._columns.get(f.STARTED)
        if name is None or start is None or table.column(name).null_count == len(table):
            return times
        offsets = pc.multiply(whole(table.column(name)), 1000).cast(pa.duration("ms"))
        return pc.coalesce(times, pc.add(parse_column(text_column(table, start), self._tz), offsets))
