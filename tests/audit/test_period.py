"""Periods as people name them, and the settings of a business."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qa_scorer.audit.period import months_of, parse_period, previous
from qa_scorer.audit.settings import load_settings
from qa_scorer.errors import InputError


@pytest.mark.parametrize(
    ("text", "kind", "first", "last", "before"),
    [
        ("2026-03-01", "day", "2026-03-01", "2026-03-01", "2026-02-28"),
        ("2026-W01", "week", "2025-12-29", "2026-01-04", "2025-W52"),
        ("2026w1", "week", "2025-12-29", "2026-01-04", "2025-W52"),
        ("2026-12", "month", "2026-12-01", "2026-12-31", "2026-11"),
        ("2024-2", "month", "2024-02-01", "2024-02-29", "2024-01"),
        ("2026-Q1", "quarter", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2026Q4", "quarter", "2026-10-01", "2026-12-31", "2026-Q3"),
        ("2026", "year", "2026-01-01", "2026-12-31", "2025"),
    ],
)
def test_periods(text: str, kind: str, first: str, last: str, before: str) -> None:
    period = parse_period(text)
    assert (period.kind, period.first, period.last) == (kind, date.fromisoformat(first), date.fromisoformat(last))
    assert previous(period).label == before
    assert parse_period(period.label, kind) == period


def test_a_week_may_lie_in_two_months() -> None:
    assert months_of(parse_period("2026-W40")) == {"2026-09", "2026-10"}


@pytest.mark.parametrize(
    ("text", "kind"), [("2026-02-30", None), ("2026-W54", None), ("10月", None), ("2026", "month")]
)
def test_what_is_no_period_is_said_with_an_example(text: str, kind: str | None) -> None:
    with pytest.raises(InputError, match=r"is no period; expected .*2026-10"):
        parse_period(text, kind)


def test_a_business_writes_its_calendar_down(tmp_path: Path) -> None:
    path = tmp_path / "qa-scorer.yaml"
    path.write_text(
        "audit:\n  hours: 09:00-21:30\n  weekdays: [1, 2, 3, 4, 5]\n  holidays: [2026-10-01..2026-10-07]\n"
        "  workdays: [2026-10-10]\n  targets: {first_response: 20}\n",
        encoding="utf-8",
    )
    settings = load_settings(path)
    days = {day: settings.open_on(date(2026, 10, day)) for day in (1, 7, 8, 10, 11)}
    assert days == {1: False, 7: False, 8: True, 10: True, 11: False}
    assert (settings.targets["first_response"], settings.targets["csat"]) == (20, 0.9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("audit: {hour: 9}", "audit.hour is no known key; did you mean hours"),
        ("audit: {hours: 9-21}", "two times of day such as 09:00-22:00"),
        ("audit: {hours: 09:00-09:00}", "two times of day"),
        ("audit: {weekdays: [0]}", r"from 1 \(Monday\) to 7"),
        ("audit: {holidays: [2026-10-32]}", "day is out of range"),
        ("audit: {holidays: [国庆]}", "no day such as 2026-10-01"),
        ("audit: {least_to_rank: 0}", "whole number above 0"),
        ("audit: {targets: {csat: 90}}", "a share from 0 to 1"),
        ("audit: {targets: {frc: 0.5}}", "did you mean fcr"),
        ("audit: [hours]", "must be keys and values"),
        ("audit: {hours: [", "not readable as YAML"),
    ],
)
def test_a_mistake_in_the_settings_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "qa-scorer.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_settings(path)
