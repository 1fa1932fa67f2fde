"""Times in every notation that exports use mean the moment that a reader of the file would think of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_scorer.transcripts.days import month_first
from qa_scorer.transcripts.times import parse_column, parse_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2023, 10, 15, 2, 23, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-15 10:23:45", "2023/10/15 10:23:45", "2023.10.15 10:23:45", "2023年10月15日 10:23:45",
        "2023年10月15日10时23分45秒", "2023-10-15T10:23:45+08:00", "2023-10-15T02:23:45Z", "2023-10-15 上午10:23:45",
        "2023-10-15 10:23:45 AM", "1697336625", "1697336625000", "1697336625000000", "20231015 102345", "20231015102345",
        "Oct 15, 2023 10:23:45 AM", "15 October 2023 10:23:45", "Sunday, October 15, 2023, 10:23:45 (+0800)",
        "10/15/2023 10:23:45", "2023-10-15 10:23:45.0", " 2023-10-15  10:23:45 ", "2023-10-15 星期日 10:23:45",
    ],
)  # fmt: skip
def test_notation(text: str) -> None:
    milliseconds = parse_time(text, SHANGHAI)
    assert milliseconds is not None
    assert datetime.fromtimestamp(milliseconds / 1000, UTC) == NOON


@pytest.mark.parametrize("text", ["", "在吗", "10:23:45", "2023-13-45 10:00:00", "12345", "5", "13800138000x"])
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text, SHANGHAI) is None


def test_time_of_day_takes_the_date_beside_it() -> None:
    milliseconds = parse_time("10:23:45", SHANGHAI, date(2023, 10, 15))
    assert milliseconds == NOON.timestamp() * 1000
    clocks, days = pa.array(["10:23:45", "9:03", None]), pa.array(["2023-10-15", "20231015", "2023-10-15"])
    assert parse_column(clocks, SHANGHAI, days).to_pylist() == [NOON, datetime(2023, 10, 15, 1, 3, tzinfo=UTC), None]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1_697_336_625, None], pa.int64()),
        pa.array([1_697_336_625_000, None], pa.int64()),
        pa.array([1_697_336_625.0, None], pa.float64()),
        pa.array([datetime(2023, 10, 15, 10, 23, 45), None], pa.timestamp("s")),  # noqa: DTZ001 - naive on purpose
        pa.array([NOON, None], pa.timestamp("us", tz="UTC")),
        pa.array(["2023-10-15 10:23:45", None]),
        pa.array(["2023-10-15T02:23:45Z", "nonsense"]),
    ],
    ids=lambda column: str(column.type),
)
def test_columns_of_every_type(column: pa.Array) -> None:
    assert parse_column(column, SHANGHAI).to_pylist() == [NOON, None]


def test_fractions_of_seconds_are_kept() -> None:
    assert parse_time("2023-10-15 10:23:45.678901", SHANGHAI) == round(NOON.timestamp()) * 1000 + 678


@pytest.mark.parametrize(
    ("dates", "months"),
    [
        (["07/03/2025 10:00", "08/03/2025 10:00"], [3, 3]),  # two days rather than a month apart
        (["07/03/2025 10:00", "07/04/2025 10:00"], [7, 7]),
        (["07/03/2025 10:00", "25/03/2025 10:00"], [3, 3]),  # no month is the 25th
        (["07/03/2025 10:00", "07/25/2025 10:00"], [7, 7]),
        (["07/03/2025 10:00"], [7]),
    ],
)
def test_month_is_the_number_that_all_dates_of_a_column_allow(dates: list[str], months: list[int]) -> None:
    column = parse_column(pa.array(dates), SHANGHAI).cast(pa.timestamp("ms", tz="Asia/Shanghai"))
    assert [moment.month for moment in column.to_pylist()] == months


_WRITTEN = (
    "{y}-{mo:02}-{d:02} {h:02}:{mi:02}", "{y}/{mo}/{d} {h}:{mi:02}:{s:02}", "{y}年{mo}月{d}日 {h}时{mi}分{s}秒",
    "{y}.{mo}.{d}", "{y}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}.{f}", "{y}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z",
    "{y}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}+05:30", "{y}-{mo}-{d} 下午{h}:{mi}:{s}", "{y}/{mo}/{d} {h}:{mi} AM",
    "{mo}/{d}/{y}, {h}:{mi:02} PM", "{mo}/{d}/{y} {h}:{mi:02}", "Mar {d}, {y} {h}:{mi:02}:{s:02} pm", "{y}{mo:02}{d:02}{h:02}{mi:02}{s:02}",
    "{y}{mo:02}{d:02}", "1{y}{mo:02}{d:02}0{h:02}", "{h}:{mi:02}", "{y}-{mo}-{d} {h}:{mi}:{s}:{f}", "约{d}日", "２０２３-{mo}-{d} {h}:{mi}",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    written=st.lists(st.sampled_from(_WRITTEN), min_size=1, max_size=3),
    parts=st.lists(
        st.tuples(*(st.integers(*span) for span in ((1, 2400), (0, 13), (0, 32), (0, 25), (0, 61), (0, 61), (0, 10**6)))),
        min_size=150, max_size=220,
    ),
    tz=st.sampled_from(("Asia/Shanghai", "UTC", "America/Sao_Paulo")),
)  # fmt: skip
def test_a_column_is_read_as_its_times_are_one_by_one(
    written: list[str], parts: list[tuple[int, ...]], tz: str
) -> None:
    """A month of messages in some platform's notation means the same moments however many there are."""
    texts = [
        written[row % len(written)].format(**dict(zip(("y", "mo", "d", "h", "mi", "s", "f"), numbers, strict=True)))
        for row, numbers in enumerate(parts)
    ]
    zone = ZoneInfo(tz)

    column = parse_column(pa.array(texts), zone).cast(pa.int64()).to_pylist()

    # Which of 07/03/2025 is the month, all the dates of a column say together.
    alone = [parse_time(text, zone) for text in month_first(pa.array(texts)).to_pylist()]
    # Where the clocks go forward, an hour does not exist; both answers name a moment within it.
    assert all(
        a == b or (a and b and abs(a - b) <= 3_600_000 and tz == "America/Sao_Paulo")
        for a, b in zip(column, alone, strict=True)
    ), [(text, a, b) for text, a, b in zip(texts, column, alone, strict=True) if a != b][:3]
