"""What a field's type cannot say alone: bounds and forms, as marks in ``Annotated``. The rulebook's reader, its JSON
Schema and its documentation all follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Between:
    """A number from ``least`` to ``most``, both included."""

    least: float = 0
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Text that matches ``regex`` as a whole, such as ``example``."""

    regex: str
    example: str


@dataclass(frozen=True, slots=True)
class TimeZone:
    """The name of a time zone, such as ``Asia/Shanghai``."""


@dataclass(frozen=True, slots=True)
class Inside:
    """In YAML the field stands inside the key ``key`` and not beside it."""

    key: str


Share = Annotated[float, Between(0, 1)]
Percent = Annotated[float, Between(0, 100)]
Amount = Annotated[float, Between(0)]
