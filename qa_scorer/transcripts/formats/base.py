"""What a format is: how it is recognised, how it is read, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part, RawTable


@dataclass(frozen=True, slots=True)
class Match:
    """How sure a format is that a part is its own, 0–1, and why."""

    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Rows that are messages, and which column is what."""

    raw: RawTable
    columns: ColumnMap


@dataclass(frozen=True, slots=True)
class Format:
    """A way to read a part. ``title`` is one line for people; the module's docstring is the documentation.

    ``recognise`` returns None when the part cannot be of this format. ``read`` yields one row per message.
    """

    name: str
    title: str
    recognise: Callable[[Part, ReadOptions], Match | None]
    read: Callable[[Part, ReadOptions, Log], Iterator[Mapped]]
    module: str
