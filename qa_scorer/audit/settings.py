"""What an audit should know of a business, written down once under ``audit:`` in ``qa-scorer.yaml``.

::

    audit:
      hours: 09:00-22:00              # business hours; without them, around the clock
      weekdays: [1, 2, 3, 4, 5, 6]    # business days, 1 Monday … 7 Sunday
      holidays: [2026-10-01..2026-10-07, 2027-01-01]
      workdays: [2026-10-10]          # worked although the weekday says otherwise
      least_to_rank: 10
      fcr_days: 7
      complaint: 是否投诉              # the export's column that marks complaints, where its name is not a usual one
      targets: {first_response: 30, csat: 0.9, resolved: 0.75, fcr: 0.75}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from qa_scorer.errors import InputError
from qa_scorer.results.summarise import TARGETS
from qa_scorer.transcripts.optionfile import check_keys, read_option_file

KEY = "audit"
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Settings:
    """How an audit counts. ``hours`` None: around the clock; hours that end before they begin go over midnight."""

    hours: str | None = None
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    least_to_rank: int = 10
    fcr_days: int = 7
    complaint: str | None = None
    targets: Mapping[str, float] = field(default_factory=lambda: {**TARGETS, "fcr": 0.75})

    def open_on(self, day: date) -> bool:
        """Whether the day is a business day."""
        return day in self.workdays or (day.isoweekday() in self.weekdays and day not in self.holidays)

    def shifts(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The milliseconds of a business day that are open, as two stretches; the second is empty but over midnight."""
        day = 24 * 3_600_000
        found = _HOURS.fullmatch(self.hours or "00:00-24:00")
        assert found is not None
        opens, closes = ((int(found[group]) * 60 + int(found[group + 1])) * 60_000 for group in (1, 3))
        return ((opens, closes), (0, 0)) if opens < closes else ((0, closes), (opens, day))


def load_settings(path: Path) -> Settings:
    """The settings in an options file; the defaults where it says nothing. Raises InputError that names the key."""
    said = read_option_file(path).get(KEY)
    if said is None:
        return Settings()
    if not isinstance(said, Mapping):
        raise InputError(f"{path}: {KEY} must be keys and values, such as {KEY}: {{hours: 09:00-22:00}}")
    check_keys(path, f"{KEY}.", said, [entry.name for entry in fields(Settings)])
    made: dict[str, Any] = {
        key: _READERS[key](f"{path}: {KEY}.{key}", value) for key, value in said.items() if value is not None
    }
    return Settings(**made)


def _hours(place: str, value: Any) -> str:
    found = _HOURS.fullmatch(str(value))
    if found is None or found[1] + found[2] == found[3] + found[4] or (found[3] == "24" and found[4] != "00"):
        raise InputError(f"{place} is {value!r}; use two times of day such as 09:00-22:00")
    return str(value)


def _weekdays(place: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value or not all(type(day) is int and 1 <= day <= 7 for day in value):
        raise InputError(f"{place} is {value!r}; use numbers from 1 (Monday) to 7 (Sunday), such as [1, 2, 3, 4, 5]")
    return tuple(sorted(set(value)))


def _days(place: str, value: Any) -> frozenset[date]:
    if not isinstance(value, list):
        raise InputError(f"{place} is {value!r}; use a list of days and spans, such as [2026-10-01..2026-10-07]")
    return frozenset(day for entry in value for day in _span(place, entry))


def _span(place: str, entry: Any) -> Iterable[date]:
    first, dots, last = str(entry).partition("..")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        raise InputError(f"{place}: {entry!r} is no day such as 2026-10-01 nor a span 2026-10-01..2026-10-07") from None
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def _positive(place: str, value: Any) -> int:
    if type(value) is not int or value < 1:
        raise InputError(f"{place} is {value!r}; use a whole number above 0")
    return value


def _name(place: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{place} is {value!r}; use the name of a column, such as 是否投诉")
    return value.strip()


def _targets(place: str, value: Any) -> dict[str, float]:
    default = Settings().targets
    if not isinstance(value, Mapping):
        raise InputError(f"{place} is {value!r}; use names and numbers, such as {{first_response: 30}}")
    check_keys(place, "", value, list(default))
    for name, number in value.items():
        share = name != "first_response"
        if isinstance(number, bool) or not isinstance(number, int | float) or number < 0 or (share and number > 1):
            raise InputError(f"{place}.{name} is {number!r}; use {'a share from 0 to 1' if share else 'seconds'}")
    return {**default, **{name: float(number) for name, number in value.items()}}


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "hours": _hours,
    "weekdays": _weekdays,
    "holidays": _days,
    "workdays": _days,
    "least_to_rank": _positive,
    "fcr_days": _positive,
    "complaint": _name,
    "targets": _targets,
}
