"""The messages of a run, by conversation, as reports quote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES
from qa_scorer.results.encoded import codes, names, places, texts
from qa_scorer.results.summary import Line, Span
from qa_scorer.results.tables import RunTables, joined

Ints = npt.NDArray[np.int64]

_COLUMNS = ("conversation_id", "seq", "role", "kind", "sender", "time", "text")
_WITHDRAWN = KIND_NAMES.index("withdrawn")
_NO_ROWS = np.zeros(0, dtype=np.int64)
_QUARTER = 900_000
"""Milliseconds in which no time zone changes its offset but at their beginning."""


class Lines:
    """The messages of some conversations, or of all of a run: these alone are kept in memory."""

    def __init__(self, tables: RunTables, conversations: pa.Array | None = None) -> None:
        """``conversations`` are distinct ids."""
        self._zone = tables.zone
        self._bounds: dict[str, tuple[int, int]] = {}
        parts, count = [], 0
        for part in tables.parts("messages", _COLUMNS):
            if conversations is not None:
                part = part.filter(places(part["conversation_id"], conversations) >= 0)
            self._note(part["conversation_id"], count)
            parts.append(part.drop_columns(["conversation_id"]))
            count += part.num_rows
        self._table = joined(parts)

    def _note(self, column: pa.ChunkedArray, before: int) -> None:
        """Where each conversation of a part begins and ends; ``before`` rows stand before the part."""
        own, code = names(column), codes(column)
        begins = np.flatnonzero(np.diff(code, prepend=-1))
        bounds = np.append(begins, len(code)) + before
        for name, begin, end in zip(code[begins].tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            self._bounds[own[name]] = begin, end

    def of(self, conversations: Sequence[str]) -> list[tuple[Line, ...]]:
        """All messages of each of some conversations. Times are local, without a zone."""
        return self._decoded([self._bounds[name] for name in conversations])

    def around(self, messages: Sequence[tuple[str, int | None]], neighbours: int) -> list[tuple[Line, ...]]:
        """Each message (conversation, number) with its neighbours on both sides; nothing for no number."""
        bounds = []
        for name, seq in messages:
            begin, end = self._bounds[name]
            at = end + neighbours if seq is None else begin + seq
            bounds.append((max(at - neighbours, begin), min(at + neighbours + 1, end)))
        return self._decoded(bounds)

    def _decoded(self, bounds: Sequence[tuple[int, int]]) -> list[tuple[Line, ...]]:
        """The lines between each of these bounds, decoded together."""
        part = self._table.take(np.concatenate([_NO_ROWS, *(np.arange(begin, end) for begin, end in bounds)]))
        shown = [
            f"⟨{text}⟩" if kind == _WITHDRAWN else text
            for text, kind in zip(texts(part["text"]), part["kind"].to_numpy().tolist(), strict=True)
        ]
        senders = [sender or "" for sender in texts(part["sender"])]
        roles = [ROLE_NAMES[role] for role in part["role"].to_numpy().tolist()]
        times = local_times(part["time"], self._zone)
        lines = [Line(*parts) for parts in zip(part["seq"].to_pylist(), roles, senders, times, shown, strict=True)]
        ends = np.cumsum([end - begin for begin, end in bounds]).tolist()
        return [tuple(lines[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


def marked(lines: Iterable[Line], spans: Mapping[int, Sequence[tuple[int, int]]]) -> tuple[Line, ...]:
    """The lines with highlighted spans by seq."""
    return tuple(replace(line, spans=merge_spans(spans[line.seq])) if line.seq in spans else line for line in lines)


def merge_spans(spans: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Sorted spans that do not overlap; empty ones left out."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Span(start, end))
    return tuple(merged)


def local_times(column: pa.ChunkedArray, zone: str) -> list[datetime | None]:
    """UTC times as those on the clocks of a zone, without it; None where the export had none."""
    moments = column.cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64()).combine_chunks()
    known, since = moments.is_valid().to_numpy(zero_copy_only=False), moments.fill_null(0).to_numpy()
    quarters, place = np.unique(since // _QUARTER, return_inverse=True)
    clocks = ZoneInfo(zone)
    ahead = [_ahead(clocks, quarter * _QUARTER) for quarter in quarters.tolist()]
    local = (since + np.array(ahead, dtype=np.int64)[place]).astype("datetime64[ms]")
    times: list[datetime | None] = np.where(known, local, np.datetime64("NaT")).tolist()
    return times


def _ahead(clocks: ZoneInfo, moment: int) -> int:
    """Milliseconds that clocks are ahead of UTC at a moment (ms since 1970)."""
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).astimezone(clocks).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)
