"""How the user may tell the reader what it cannot find out by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qa_scorer.model.words import Role

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader refuses, so that no file can exhaust the machine. All of it is adjustable.

    ``unpacked_mb``: megabytes that one archive, gzip file or workbook may unpack to. ``ratio``: how many times larger
    than the packed file that may be, beyond a first 100 MB. ``members``: files in one archive. ``text_kb``: kilobytes
    of one message; longer ones are rejected. ``document_mb``: a single JSON document or HTML page, which must be held
    in memory. ``memory_mb``: messages held before they go to a temporary file.
    """

    unpacked_mb: int = 4096
    ratio: int = 200
    members: int = 10_000
    text_kb: int = 256
    document_mb: int = 1024
    memory_mb: int = 256


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Everything that can be said about an export; the defaults find it out.

    ``mapping``: field -> column name, or column number (1-based) as a number or as text; ``-`` leaves a field out.
    ``roles``: value of the role column, or sender -> role. ``format``: a name of ``formats.REGISTRY``.
    ``tz``: the zone of times that carry none. ``gap``: seconds of silence that part conversations in exports without a
    conversation id; without it they are parted by day. ``sheet``: a sheet's name or 1-based number; all by default.
    ``quote``: ``none`` when quotation marks are plain text. ``batch_messages``: messages per batch, exceeded only by a
    conversation that is longer.
    """

    mapping: Mapping[str, str | int] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    format: str | None = None
    encoding: str | None = None
    tz: str = "Asia/Shanghai"
    gap: float | None = None
    sheet: str | int | None = None
    header: Literal["auto", "present", "none"] = "auto"
    delimiter: str | None = None
    quote: Literal["auto", "none"] = "auto"
    batch_messages: int = 80_000
    limits: Limits = field(default_factory=Limits)
