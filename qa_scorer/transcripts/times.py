"""Times in every notation that exports use, a column at a time.

The parsed result is ``timestamp[ms, UTC]``. Times without a zone are taken in the zone of the options. A time of day
alone needs a date from another column or from a banner above it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.errors import InputError
from qa_scorer.late import late
from qa_scorer.transcripts.days import CLOCK, dated, month_first, parse_day
from qa_scorer.transcripts.encoded import dictionary_codes
from qa_scorer.transcripts.stamps import Layout, layout_of, parse_alike

UTC_MS = pa.timestamp("ms", tz="UTC")

_FULL = late(
    r"^\s*(?P<y>\d{4})\s*(?:年|[-/.])\s*(?P<mo>\d{1,2})\s*(?:月|[-/.])\s*(?P<d>\d{1,2})\s*日?"
    r"(?:\s*(?:星期.|周[一二三四五六日天]|\([一二三四五六日]\)))?"
    r"(?:[\sT,，]*(?P<half>上午|下午|凌晨|早上|中午|晚上|AM|PM|am|pm)?\s*"
    r"(?P<h>\d{1,2})\s*[:：时]\s*(?P<mi>\d{1,2})\s*(?:[:：分]\s*(?P<s>\d{1,2})?\s*秒?)?(?:[.,:](?P<f>\d{1,9}))?"
    r"\s*(?P<half2>AM|PM|am|pm)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$"
)
_COMPACT = late(r"^\s*(\d{4})(\d{2})(\d{2})(?:[\sT]?(\d{2}):?(\d{2}):?(\d{2}))?\s*$")
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}  # fmt: skip
_ENGLISH = late(
    r"^\s*(?:[A-Za-z]{3,9},?\s+)?(?:(?P<mon>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})|(?P<d2>\d{1,2})\s+(?P<mon2>[A-Za-z]{3,9}))\.?,?\s+"
    r"(?P<y>\d{4}),?\s+(?:at\s+)?(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?\s*(?P<half>[AaPp][Mm])?"
    r"\s*\(?(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?\)?\s*$"
)
_SLASHED = late(
    r"^\s*(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d{2})[,\s]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?\s*(?P<half>[AaPp][Mm])?\s*$"
)
_HALVES = {"pm": "pm", "下午": "pm", "晚上": "pm", "am": "am", "上午": "am", "凌晨": "am"}
_EPOCH_SIZES = (10, 13, 16)  # digits of seconds, milliseconds, microseconds
_UTC, _EPOCH_DAY = ZoneInfo("UTC"), date(1970, 1, 1)
_DOTTED = late(
    r"^\s*(?P<d>\d{1,2})\.(?P<mo>\d{1,2})\.(?P<y>\d{4}|\d{2})(?:[,\s]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?)?\s*$"
)
_EPOCH = late(r"^\s*\d{9,19}(?:\.\d+)?\s*$")
_SERIAL = late(r"^\s*(?:[34]\d{4}|5[0-4]\d{3})\.\d+\s*$")
"""Days since 1899-12-30 with the time of day behind the point, as spreadsheets keep times: 1982 to 2050."""
_SURELY_SERIAL = 9  # characters; a shorter number may be a price
_COMPACT_DIGITS = 14  # 20231015102345; no unit of epochs has so many digits in our time
_LATEST_S = 4_102_444_800  # 2100-01-01: a number beyond it counts milliseconds or smaller
_HOUR_MS = 3_600_000
_MANY_HOURS = 20_000  # more than two years
_EARLIEST_S = 631_152_000  # 1990-01-01: a number before it is no epoch of a chat


def zone(name: str) -> ZoneInfo:
    """The zone called ``name``. Raises InputError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"time zone {name!r} is unknown; use a name like Asia/Shanghai or UTC (--tz)") from error


def _offset_minutes(text: str) -> int:
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
    return -minutes if text[0] == "-" else minutes


def _hour(hour: int, half: str | None) -> int:
    mark = _half(half)
    if mark == "pm" and hour < 12:
        return hour + 12
    if mark == "am" and hour == 12:
        return 0
    return hour


def _half(mark: str | None) -> str | None:
    """The half of the day that a word names, ``am`` or ``pm``; None where it names a part of both."""
    return _HALVES.get((mark or "").lower())


def parse_time(text: str, tz: ZoneInfo, day: date | None = None) -> int | None:
    """Epoch milliseconds of one time, or None. ``day`` completes a bare time of day."""
    if _SERIAL.match(text):
        return _of_serial(float(text), tz)
    if _EPOCH.match(text) and len(text.strip()) != _COMPACT_DIGITS:
        return _epoch_ms(float(text)) if "." in text else _epoch_ms(int(text))
    try:
        return _parse_calendar(text, tz, day)
    except ValueError:  # 31 February, hour 27
        return None


def _of_serial(days: float, tz: ZoneInfo) -> int:
    """Epoch milliseconds of a spreadsheet's number for a time, to the second."""
    moment = datetime(1899, 12, 30, tzinfo=tz) + timedelta(seconds=round(days * 86_400))
    return round(moment.replace(tzinfo=tz).timestamp()) * 1000


def _parse_calendar(text: str, tz: ZoneInfo, day: date | None) -> int | None:
    found = _FULL.match(text)
    if found:
        year, month, dom = int(found["y"]), int(found["mo"]), int(found["d"])
        if year < 1901 and found["h"]:  # a bare time of day, as spreadsheets store it
            return None if day is None else _stamp(day.year, day.month, day.day, found, tz, found["half"])
        return _stamp(year, month, dom, found, tz, found["half"] or found["half2"], found["z"])
    found = CLOCK.match(text)
    if found:
        half = found["before"] or found["half"]
        return None if day is None else _stamp(day.year, day.month, day.day, found, tz, half)
    found = _COMPACT.match(text)
    if found:
        parts = [int(part or 0) for part in found.groups()]
        if not 1990 <= parts[0] <= 2100:
            return None
        return round(datetime(*parts, tzinfo=tz).timestamp() * 1000)  # type: ignore[misc,arg-type]
    found = _ENGLISH.match(text)
    if found:
        month_number = _MONTHS.get((found["mon"] or found["mon2"])[:3].lower())
        if month_number is None:
            return None
        return _stamp(
            int(found["y"]), month_number, int(found["d"] or found["d2"]), found, tz, found["half"], found["z"]
        )
    found = _SLASHED.match(text)
    if found:
        first, second = int(found["a"]), int(found["b"])
        month, dom = (second, first) if first > 12 else (first, second)
        year = int(found["y"])
        return _stamp(year if year > 99 else 2000 + year, month, dom, found, tz, found["half"])
    found = _DOTTED.match(text)
    if found:
        year = int(found["y"])
        return _stamp(year if year > 99 else 2000 + year, int(found["mo"]), int(found["d"]), found, tz, None)
    return None


def _stamp(
    year: int, month: int, dom: int, found: re.Match[str], tz: ZoneInfo, half: str | None, zone_text: str | None = None
) -> int:
    groups = found.groupdict()
    clock = time(_hour(int(groups["h"] or 0), half), int(groups["mi"] or 0), int(groups["s"] or 0))
    milliseconds = int((groups.get("f") or "0").ljust(3, "0")[:3])
    moment = datetime.combine(date(year, month, dom), clock)
    if zone_text:
        seconds = moment.replace(tzinfo=UTC).timestamp() - 60 * _offset_minutes(zone_text)
    else:
        seconds = moment.replace(tzinfo=tz).timestamp()
    return round(seconds) * 1000 + milliseconds


def _epoch_ms(value: float) -> int | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size."""
    scaled = float(value)
    if scaled < _EARLIEST_S:
        return None
    whole = int(value)
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if scaled < _LATEST_S * unit:
            return round(scaled * 1000) if unit == 1 else whole * 1000 // unit
    return None


def looks_like_time(text: str) -> bool:
    """Whether a text is a time in any notation; numbers that may be prices as well are not taken for a spreadsheet's."""
    if parse_time(text, _UTC, date(2000, 1, 1)) is not None:
        return not _SERIAL.match(text) or len(text.strip()) > _SURELY_SERIAL
    return dated(text, date(2000, 1, 1)) is not None


def parse_column(values: pa.Array, tz: ZoneInfo, days: pa.Array | None = None) -> pa.Array:
    """Column of times (text, numbers or timestamps) -> ``timestamp[ms, UTC]``, null where nothing is understood.

    The usual ``2023-10-15 10:23:45`` goes through Arrow, other texts by their notation.
    """
    kind = values.type
    if pa.types.is_timestamp(kind):
        return (
            pc.cast(values, UTC_MS, safe=False)
            if kind.tz
            else _in_zone(values.cast(pa.timestamp("ms"), safe=False), tz)
        )
    if pa.types.is_date(kind):
        return parse_column(values.cast(pa.timestamp("ms")), tz)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_numbers(values)
    if pa.types.is_time(kind):
        values = values.cast(pa.string())
    if days is None:
        fast = _iso(values, tz)
        if fast is not None:
            return fast
        codes, texts = dictionary_codes(values)
        return _parse_texts(texts, tz).take(pa.array(codes, mask=codes < 0)).cast(UTC_MS)
    return _with_days(values, tz, days)


def _parse_texts(texts: pa.Array, tz: ZoneInfo) -> pa.Array:
    """Epoch milliseconds of texts without nulls: those of one notation together, the rest one by one."""
    sizes = pc.min_max(pc.binary_length(texts)).as_py()
    if sizes["min"] == sizes["max"] and sizes["min"] in _EPOCH_SIZES and not _others(texts):
        return _from_numbers(texts.cast(pa.int64())).cast(pa.int64())
    texts = month_first(texts)
    naive, known, zoned = parse_alike(texts, _layout)
    rows = np.flatnonzero(known)
    moments = naive.copy()
    moments[rows] = _in_zone(pa.array(naive[rows]).cast(pa.timestamp("ms")), tz).cast(pa.int64()).to_numpy()
    for rows, minutes in zoned:
        moments[rows] = naive[rows] - minutes * 60_000
    for row in np.flatnonzero(~known).tolist():
        moment = parse_time(texts[row].as_py(), tz)
        if moment is not None:
            moments[row], known[row] = moment, True
    return pa.array(moments, mask=~known)


def _others(texts: pa.Array) -> bool:
    """Whether there is anything but digits in the texts."""
    return pc.any(pc.invert(pc.ascii_is_decimal(texts))).as_py() is True


def _layout(text: str) -> Layout | None:
    """What the numbers of a time with a date are."""
    names = {part: part for part in ("h", "mi", "s")}
    found = _FULL.match(text)
    if found:
        offset = None if found["z"] is None else _offset_minutes(found["z"])
        names |= {"y": "y", "mo": "mo", "d": "d", "f": "f"}
        return layout_of(text, found, names, half=_half(found["half"] or found["half2"]), offset=offset)
    found = _ENGLISH.match(text)
    if found:
        month = _MONTHS.get((found["mon"] or found["mon2"])[:3].lower())
        offset = None if found["z"] is None else _offset_minutes(found["z"])
        names |= {"y": "y", "d": "d", "d2": "d"}
        said = {"month": month, "half": _half(found["half"]), "offset": offset}
        return None if month is None else layout_of(text, found, names, **said)
    found = _SLASHED.match(text)
    if found:
        return layout_of(text, found, names | {"y": "y", "a": "a", "b": "b"}, half=_half(found["half"]))
    found = _DOTTED.match(text)
    if found:
        return layout_of(text, found, names | {"y": "y", "mo": "mo", "d": "d"})
    return None


def _with_days(values: pa.Array, tz: ZoneInfo, days: pa.Array) -> pa.Array:
    """Times of day of the days beside them; a time that has a date of its own keeps it."""
    codes, clocks = dictionary_codes(values)
    day_codes, dates = dictionary_codes(days)
    texts = [clock.as_py() for clock in clocks]
    whole = pa.array([parse_time(text, tz) for text in texts], pa.int64())
    of_day = pa.array([parse_time(text, _UTC, _EPOCH_DAY) for text in texts], pa.int64())
    parsed = [parse_day(day) for day in month_first(dates).to_pylist()]
    starts = pa.array([None if day is None else (day - _EPOCH_DAY).days * 24 * _HOUR_MS for day in parsed], pa.int64())
    rows, day_rows = pa.array(codes, mask=codes < 0), pa.array(day_codes, mask=day_codes < 0)
    naive = pc.add(of_day.take(rows), starts.take(day_rows)).cast(pa.timestamp("ms"))
    return pc.coalesce(whole.take(rows).cast(UTC_MS), _in_zone(naive, tz))


def _in_zone(naive: pa.Array, tz: ZoneInfo) -> pa.Array:
    """``timestamp[ms]`` of the zone -> UTC. Where clocks are not changed between the first and the last time, one
    difference holds for all."""
    bounds = pc.min_max(naive.cast(pa.int64())).as_py()
    if bounds["min"] is None:
        return naive.cast(UTC_MS)
    hours = np.arange(bounds["min"] // _HOUR_MS, bounds["max"] // _HOUR_MS + 2)[:_MANY_HOURS]
    checked = _with_zone(pa.array(hours * _HOUR_MS).cast(naive.type), tz).cast(pa.int64()).to_numpy() - hours * _HOUR_MS
    if len(hours) == _MANY_HOURS or (checked != checked[0]).any():
        return _with_zone(naive, tz)
    return pc.add(naive.cast(pa.int64()), int(checked[0])).cast(UTC_MS)


def _with_zone(naive: pa.Array, tz: ZoneInfo) -> pa.Array:
    return pc.assume_timezone(naive, tz.key, ambiguous="earliest", nonexistent="latest").cast(UTC_MS)


def _iso(values: pa.Array, tz: ZoneInfo) -> pa.Array | None:
    """The whole column by Arrow's own parser when every value is ``YYYY-MM-DD hh:mm:ss`` without a zone, else None."""
    lengths = pc.min_max(pc.binary_length(values))
    if lengths["min"].as_py() != 19 or lengths["max"].as_py() != 19:
        return None
    try:
        naive = values.cast(pa.timestamp("ms"))
    except pa.ArrowInvalid:
        return None
    return parse_column(naive, tz)


def has_seconds(times: pa.ChunkedArray) -> bool:
    """Whether a column of times (``timestamp[ms]``) tells more than minutes."""
    return bool((times.cast(pa.int64()).fill_null(0).to_numpy() % 60_000).any())


def _from_numbers(values: pa.Array) -> pa.Array:
    numbers = values.cast(pa.float64(), safe=False)
    exact = values.cast(pa.int64(), safe=False) if pa.types.is_integer(values.type) else None
    plain = np.nan_to_num(numbers.to_numpy(zero_copy_only=False), nan=0.0)
    whole = np.nan_to_num(exact.to_numpy(zero_copy_only=False)).astype(np.int64) if exact is not None else plain
    out = np.zeros(len(plain), dtype=np.int64)
    valid = np.zeros(len(plain), dtype=bool)
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        here = ~valid & (plain >= _EARLIEST_S) & (plain < _LATEST_S * unit)
        if unit == 1:
            out[here] = np.round(plain[here] * 1000).astype(np.int64)
        else:
            out[here] = (whole[here] // (unit // 1000)).astype(np.int64)
        valid |= here
    return pa.array(out, pa.int64(), mask=~valid).cast(UTC_MS)
