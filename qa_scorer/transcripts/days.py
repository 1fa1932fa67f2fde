"""Dates by themselves and dates that are not whole: times of day, 昨天 21:03, 10月1日 12:03, and which number is the month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.late import late

CLOCK = late(
    r"^\s*(?P<before>上午|下午|凌晨|早上|中午|晚上)?\s*(?P<h>\d{1,2})[:：](?P<mi>\d{1,2})(?:[:：](?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?)?"
    r"\s*(?P<half>AM|PM|am|pm)?\s*$"
)
_VAGUE = late(
    r"^\s*(?:(?P<mo>\d{1,2})(?:月|-|/)(?P<d>\d{1,2})日?|(?P<word>前天|昨天|今天|(?:星期|周)[一二三四五六日天]|yesterday|today)(?:\s+at)?)"
    r"(?:\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?)?,?\s*(?P<clock>\D{0,2}\s*\d{1,2}[:：]\d{1,2}.{0,12})$",
    re.IGNORECASE,
)
_WORDS_OF_DAYS = {"前天": 0, "昨天": 1, "yesterday": 1, "今天": 2, "today": 2}
_WEEK = "一二三四五六日"
_DAY_LAST = late(r"^\s*(?P<a>\d{1,2})(?P<mark>[/.])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4})\s*$")
_SLASHED_DATE = r"(?s)^\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"


def parse_day(text: str) -> date | None:
    """The date in a date column or a banner line, or None."""
    found = re.search(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})", text) or re.fullmatch(
        r"\s*(\d{4})(\d{2})(\d{2})\s*", text
    )
    if found is not None:
        return _date(int(found[1]), int(found[2]), int(found[3]))
    found = _DAY_LAST.match(text)
    if found is None:
        return None
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    day_first = first > 12 or found["mark"] == "."
    return _date(year, second, first) if day_first else _date(year, first, second)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_first(texts: pa.Array) -> pa.Array:
    """``07/03/2025`` of a column whose days come first -> ``03/07/2025``; other texts as they are.

    Days come first where a first number is above 12, or where no second is and the dates then lie closer together.
    """
    slashed = texts.filter(pc.match_substring_regex(texts, _SLASHED_DATE))
    found = pc.unique(pc.replace_substring_regex(slashed, f"{_SLASHED_DATE}.*$", r"\1 \2 \3")).to_pylist()
    numbers = {(int(first), int(second), int(year)) for first, second, year in map(str.split, found)}
    if not numbers or any(second > 12 for _, second, _ in numbers):
        return texts
    if all(first <= 12 for first, _, _ in numbers):
        american = [_date(year, first, second) for first, second, year in numbers]
        other = [_date(year, second, first) for first, second, year in numbers]
        if _days_between(american) <= _days_between(other):
            return texts
    return pc.replace_substring_regex(texts, r"^(\s*)(\d{1,2})/(\d{1,2})/", r"\1\3/\2/")


def _days_between(days: Sequence[date | None]) -> int:
    known = [day for day in days if day is not None]
    return (max(known) - min(known)).days if known else 0


def is_clock(text: str) -> bool:
    """Whether the text is a time of day without a date (a spreadsheet's 1899 included)."""
    return bool(CLOCK.match(text)) or text.startswith(("1899-12-3", "1900-01-00"))


def dated(text: str, base: date) -> str | None:
    """A time whose date is missing or not whole, with the date that ``base`` makes of it; None for other texts.

    A month and day are of the year of ``base``; 前天, 昨天 and 今天 the three days from it on, weekdays those of its week.
    """
    if is_clock(text):
        return f"{base} {text.strip()}" if CLOCK.match(text) else text
    found = _VAGUE.match(text)
    if found is None or not CLOCK.match(found["clock"]):
        return None
    try:
        if found["mo"]:
            day = date(base.year, int(found["mo"]), int(found["d"]))
        elif (word := found["word"].lower()) in _WORDS_OF_DAYS:
            day = base + timedelta(days=_WORDS_OF_DAYS[word])
        else:
            day = base + timedelta(days=_WEEK.index(word[-1].replace("天", "日")) - base.weekday())
    except ValueError:  # 31 February
        return None
    return f"{day} {found['clock'].strip()}"
