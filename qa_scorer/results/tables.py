"""A run's tables read back for summaries: pandas frames, and the conversations' lines on demand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES
from qa_scorer.results.summary import Line, Span

if TYPE_CHECKING:
    import pandas as pd


class RunTables:
    """A run's tables as frames with the columns of ``scoring.tables``, read when first asked for.

    Names that repeat are categories; times are in ``zone``.
    """

    def __init__(self, data: Path, zone: str) -> None:
        self._data = data
        self._zone = zone

    @cached_property
    def conversations(self) -> pd.DataFrame:
        """One row per conversation."""
        frame = self._read("conversations")
        for column in ("started_at", "ended_at"):
            frame[column] = frame[column].dt.tz_convert(self._zone)
        return frame

    @cached_property
    def scorecards(self) -> pd.DataFrame:
        """One row per agent and conversation."""
        return self._read("scorecards")

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row per agent, conversation and rule, with ``lost``: the points that a fail costs, 0 for the rest."""
        frame = self._read("verdicts")
        frame["lost"] = (frame.max_points - frame.points).where(frame.verdict == "fail", 0.0).round(2)
        return frame

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """The spans behind the verdicts."""
        return self._read("evidence")

    @cached_property
    def lines(self) -> Lines:
        """The messages, for quoting."""
        return Lines(self._data / "messages.parquet", self._zone)

    def _read(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = pq.read_table(self._data / f"{name}.parquet").to_pandas()
        return frame


class Lines:
    """The messages of a run, by conversation."""

    def __init__(self, path: Path, zone: str) -> None:
        table = pq.read_table(path, columns=["conversation_id", "seq", "role", "kind", "sender", "time", "text"])
        times = table["time"].cast(pa.timestamp("ms", tz=zone))
        table = table.set_column(table.column_names.index("time"), "time", times)
        ids = table["conversation_id"].cast("string").to_pandas()
        self._rows = {name: (rows[0], rows[-1] + 1) for name, rows in ids.groupby(ids, sort=False).indices.items()}
        self._table = table
        self._last: tuple[str | None, list[dict[str, Any]]] = (None, [])

    def quote(
        self, conversation_id: str, first: int, last: int, spans: dict[int, Sequence[tuple[int, int]]]
    ) -> tuple[Line, ...]:
        """Messages ``first`` … ``last`` (inclusive, cut to the conversation) with highlighted spans by seq."""
        return tuple(
            Line(
                row["seq"],
                ROLE_NAMES[row["role"]],
                row["sender"] or "",
                row["time"],
                row["text"] if KIND_NAMES[row["kind"]] != "withdrawn" else f"⟨{row['text']}⟩",
                merge_spans(spans.get(row["seq"], ())),
            )
            for row in self._decoded(conversation_id)[max(first, 0) : last + 1]
        )

    def _decoded(self, conversation_id: str) -> list[dict[str, Any]]:
        """The rows of a conversation, kept for the next quotation: findings come conversation by conversation."""
        if self._last[0] != conversation_id:
            begin, end = self._rows[conversation_id]
            self._last = conversation_id, self._table.slice(begin, end - begin).to_pylist()
        return self._last[1]

    def whole(self, conversation_id: str) -> tuple[Line, ...]:
        """All messages of a conversation."""
        return self.quote(conversation_id, 0, 1 << 30, {})

    def transcripts(self, names: Sequence[str]) -> list[tuple[Line, ...]]:
        """All messages of each of some conversations, decoded together. Times are local, without a zone."""
        bounds = [self._rows[name] for name in names]
        if not bounds:
            return []
        part = self._table.take(np.concatenate([np.arange(begin, end) for begin, end in bounds]))
        times = part["time"].to_pandas().dt.tz_localize(None).to_numpy("datetime64[us]").tolist()
        withdrawn = KIND_NAMES.index("withdrawn")
        texts = [
            f"⟨{text}⟩" if kind == withdrawn else text
            for text, kind in zip(_strings(part["text"]), part["kind"].to_numpy().tolist(), strict=True)
        ]
        senders = [sender or "" for sender in _strings(part["sender"].cast(pa.string()))]
        roles = [ROLE_NAMES[role] for role in part["role"].to_numpy().tolist()]
        numbers = part["seq"].to_numpy().tolist()
        lines = [Line(*parts) for parts in zip(numbers, roles, senders, times, texts, strict=True)]
        ends = np.cumsum([end - begin for begin, end in bounds]).tolist()
        return [tuple(lines[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


def _strings(column: pa.ChunkedArray) -> list[Any]:
    """A column of text as a list; much faster than ``to_pylist``."""
    texts: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
    return texts


def merge_spans(spans: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """Sorted spans that do not overlap; empty ones left out."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Span(start, end))
    return tuple(merged)


def moment(value: object) -> datetime | None:
    """A pandas time as a datetime, None where the export had none."""
    import pandas as pd

    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()  # type: ignore[arg-type, call-overload]
