"""What the reader makes of an export, as data: format and why, columns, roles, conversations, agents, times,
rejects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES, Role
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.formats import Detection
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, FOUND
from qa_scorer.transcripts.reading import PartReport, read
from qa_scorer.transcripts.table import Counts, TranscriptBatch

FIRST_MESSAGES = 8


@dataclass(frozen=True, slots=True)
class PartView:
    """One file, sheet or archive member. ``columns``: (field, column) pairs; ``unused``: columns of no field."""

    name: str
    container: str
    encoding: str | None
    format: str
    title: str
    confidence: float
    reasons: tuple[str, ...]
    second: str | None
    columns: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    grouping: str
    messages: int
    notes: tuple[str, ...]
    error: str | None
    pin: str  # the options that pin the reading of this part, as a command line and as qa-scorer.yaml
    yaml: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message of the first conversation. ``time`` is in the zone of the options."""

    seq: int
    role: str
    kind: str
    sender: str
    time: datetime | None
    text: str


@dataclass(slots=True)
class Inspection:
    """Everything that ``qa-scorer inspect`` shows. ``rejects``: reason -> rows; ``agents``: name -> messages; both the most
    frequent first."""

    parts: list[PartView] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    agents: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    first_time: datetime | None = None
    last_time: datetime | None = None
    first_id: str | None = None
    first: list[MessageView] = field(default_factory=list)
    rejects: dict[str, int] = field(default_factory=dict)
    pin: str = ""
    yaml: str = ""


def inspect(inputs: Sequence[str | Path], options: ReadOptions | None = None) -> Inspection:
    """Read everything once and say what was understood. Raises InputError when nothing can be read."""
    reading = read(inputs, options)
    view = Inspection(counts=reading.counts)
    for batch in reading.batches():
        _add(view, batch, (options or ReadOptions()).tz)
    view.parts = [_part(report) for report in reading.reports]
    view.agents = dict(Counter(view.agents).most_common())
    view.rejects = dict(Counter(reading.rejects()["reason"].to_pylist()).most_common())
    view.pin, view.yaml = next(((part.pin, part.yaml) for part in view.parts if part.pin), ("", ""))
    return view


def _add(view: Inspection, batch: TranscriptBatch, tz: str) -> None:
    messages = batch.messages
    roles = messages["role"].to_numpy()
    for code, count in enumerate(np.bincount(roles, minlength=len(ROLE_NAMES)).tolist()):
        view.roles[ROLE_NAMES[code]] = view.roles.get(ROLE_NAMES[code], 0) + count
    for code, count in enumerate(np.bincount(messages["kind"].to_numpy(), minlength=len(KIND_NAMES)).tolist()):
        view.kinds[KIND_NAMES[code]] = view.kinds.get(KIND_NAMES[code], 0) + count
    senders = messages["sender"].combine_chunks().filter(pa.array(roles == Role.AGENT))
    for item in pc.value_counts(senders.cast(pa.string())).to_pylist():
        view.agents[item["values"]] = view.agents.get(item["values"], 0) + item["counts"]
    times = messages["time"].cast(pa.timestamp("ms", tz=tz))
    limits = pc.min_max(times).as_py()
    if limits["min"] is not None:
        view.first_time = min(view.first_time or limits["min"], limits["min"])
        view.last_time = max(view.last_time or limits["max"], limits["max"])
    if view.first_id is None:
        _add_first(view, messages, times)


def _add_first(view: Inspection, messages: pa.Table, times: pa.ChunkedArray) -> None:
    view.first_id = messages["conversation_id"][0].as_py()
    first = messages.set_column(messages.column_names.index("time"), "time", times).slice(0, FIRST_MESSAGES).to_pylist()
    for row in first:
        if row["conversation_id"] == view.first_id:
            view.first.append(
                MessageView(
                    row["seq"],
                    ROLE_NAMES[row["role"]],
                    KIND_NAMES[row["kind"]],
                    row["sender"],
                    row["time"],
                    row["text"],
                )
            )


def _part(report: PartReport) -> PartView:
    detection: Detection | None = report.detection
    columns: ColumnMap | None = report.columns
    pin, yaml = _pins(report)
    second = None
    if detection is not None and detection.second is not None:
        other, match = detection.second
        second = f"{other.name} ({match.confidence:.0%})"
    return PartView(
        name=report.name, container=report.container, encoding=report.encoding,
        format=detection.format.name if detection else "", title=detection.format.title if detection else "",
        confidence=detection.match.confidence if detection else 0.0,
        reasons=detection.match.reasons if detection else (), second=second,
        columns=tuple(_shown_columns(columns)),
        unused=tuple(name.removeprefix(CONVERSATION_MARK) for name in columns.extras) if columns else (), roles=tuple(sorted(report.roles.items())),
        grouping=report.grouping, messages=report.messages, notes=tuple(report.notes), error=report.error,
        pin=pin, yaml=yaml,
    )  # fmt: skip


def _shown_columns(columns: ColumnMap | None) -> Iterator[tuple[str, str]]:
    for name, column in columns.columns.items() if columns else ():
        if not column.startswith(FOUND):
            yield name, column.removeprefix(CONVERSATION_MARK)
        elif name in (f.SENDER, f.TIME, f.TEXT):
            yield name, "the transcript"


def _pins(report: PartReport) -> tuple[str, str]:
    """The options that pin the reading of a part, as a command line and as qa-scorer.yaml; empty for one not read."""
    if report.detection is None or report.columns is None:
        return "", ""
    own = {
        name: column.removeprefix(CONVERSATION_MARK)
        for name, column in report.columns.columns.items()
        if not column.startswith(FOUND)
    }
    words = [
        f"--format {report.detection.format.name}",
        *(f"--map {name}={_quoted(column)}" for name, column in own.items()),
    ]
    lines = [f"format: {report.detection.format.name}"]
    if own:
        lines.append("map:")
        lines += [f"  {name}: {_yaml(column)}" for name, column in own.items()]
    if report.encoding:
        lines.append(f"encoding: {report.encoding}")
    return " ".join(words), "\n".join(lines) + "\n"


def _quoted(column: str) -> str:
    return f"'{column}'" if any(character in column for character in ' ()&|;<>$`"*?') else column


def _yaml(column: str) -> str:
    plain = column.replace("_", "").replace(".", "")
    return column if plain.isalnum() and not plain.isdigit() else "'" + column.replace("'", "''") + "'"
