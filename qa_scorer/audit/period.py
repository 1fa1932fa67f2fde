"""Periods as people name them: 2026-10-05, 2026-W41 (ISO weeks, Monday first), 2026-10, 2026-Q4, 2026."""

from __future__ import annotations

import re
from datetime import date, timedelta

from qa_scorer.audit.model import Period
from qa_scorer.errors import InputError

KINDS = {"day": "2026-10-05", "week": "2026-W41", "month": "2026-10", "quarter": "2026-Q4", "year": "2026"}
"""Each kind with an example of its label."""
_SHAPES = {
    "day": r"(\d{4})-(\d{2})-(\d{2})",
    "week": r"(\d{4})-?W(\d{1,2})",
    "month": r"(\d{4})-(\d{1,2})",
    "quarter": r"(\d{4})-?Q([1-4])",
    "year": r"(\d{4})",
}
_ONE_DAY = timedelta(days=1)


def parse_period(text: str, kind: str | None = None) -> Period:
    """The period that ``text`` names, of ``kind`` if given. Raises InputError with the shape that was expected."""
    for name in [kind] if kind else list(KINDS):
        found = re.fullmatch(_SHAPES[name], text.strip(), re.IGNORECASE)
        if found is None:
            continue
        try:
            return _period(name, [int(part) for part in found.groups()])
        except ValueError:
            break
    expected = f"a {kind} such as {KINDS[kind]}" if kind else f"one of {', '.join(KINDS.values())}"
    raise InputError(f"{text!r} is no period; expected {expected}")


def containing(kind: str, day: date) -> Period:
    """The period of this kind that the day is in."""
    year, week, _ = day.isocalendar()
    numbers = {
        "day": [day.year, day.month, day.day],
        "week": [year, week],
        "month": [day.year, day.month],
        "quarter": [day.year, (day.month + 2) // 3],
        "year": [day.year],
    }
    return _period(kind, numbers[kind])


def previous(period: Period) -> Period:
    """The period of the same kind right before."""
    return containing(period.kind, period.first - _ONE_DAY)


def days_of(period: Period) -> list[date]:
    """Every day of the period."""
    return [period.first + _ONE_DAY * number for number in range((period.last - period.first).days + 1)]


def months_of(period: Period) -> set[str]:
    """The months (2026-10) that the period has a day in."""
    return {f"{day:%Y-%m}" for day in days_of(period)}


def _period(kind: str, numbers: list[int]) -> Period:
    """Raises ValueError for numbers that no calendar has."""
    year = numbers[0]
    if kind == "day":
        first = last = date(*numbers)
        label = first.isoformat()
    elif kind == "week":
        first = date.fromisocalendar(year, numbers[1], 1)
        last, label = first + _ONE_DAY * 6, f"{year}-W{numbers[1]:02}"
    else:
        begin, length = {"month": (numbers[-1], 1), "quarter": (numbers[-1] * 3 - 2, 3), "year": (1, 12)}[kind]
        first = date(year, begin, 1)
        following = begin + length
        last = date(year + following // 13, (following - 1) % 12 + 1, 1) - _ONE_DAY
        label = {"month": f"{year}-{begin:02}", "quarter": f"{year}-Q{numbers[-1]}", "year": str(year)}[kind]
    return Period(kind, label, first, last)
