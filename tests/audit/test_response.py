"""Response figures: what a wait is, business hours, holidays, robots; and customers who come back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qa_scorer.audit.settings import Settings
from tests.audit.build import Chat, agent, audit_of, figure

DAY = Settings(hours="09:00-21:00")
NIGHT = Settings(hours="20:00-04:00")
WEEK = Settings(hours="09:00-21:00", weekdays=(1, 2, 3, 4, 5), holidays=frozenset({date(2026, 10, 1)}),
                workdays=frozenset({date(2026, 10, 10)}))  # fmt: skip
ASKED = "客: 在吗\n服[小美] +{}: 您好"


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        (Settings(), [("2026-10-12 23:59:50", "20s", 20)]),  # around the clock
        (
            DAY,
            [
                ("2026-10-12 10:00:00", "20s", 20),
                ("2026-10-12 20:59:50", "43225s", 25),  # until 09:00:15 the next morning
                ("2026-10-12 20:59:00", "30m", 60),  # answered after closing time
                ("2026-10-12 21:00:00", "20s", None),  # asked after closing time: nobody's wait
                ("2026-10-12 08:59:59", "60s", None),
            ],
        ),
        (
            WEEK,
            [
                ("2026-10-09 20:59:50", "12h", 10),  # a Friday; the Saturday after is worked, but not before 9
                ("2026-10-10 20:59:50", "36h", 10),  # until Monday morning, before opening time
                ("2026-10-11 10:00:00", "20s", None),  # a Sunday
                ("2026-10-01 10:00:00", "20s", None),  # a holiday on a Thursday
                ("2026-10-10 10:00:00", "20s", 20),  # worked although a Saturday
            ],
        ),
        (
            NIGHT,
            [
                ("2026-10-12 23:59:50", "20s", 20),
                ("2026-10-12 03:59:50", "58810s", 1210),  # the rest of the night, then from 20:00
                ("2026-10-12 12:00:00", "20s", None),
            ],
        ),
    ],
    ids=["always", "day", "week", "night"],
)
def test_only_open_seconds_count(
    tmp_path: Path, settings: Settings, waits: list[tuple[str, str, float | None]]
) -> None:  # fmt: skip
    chats = [Chat(f"客: 在吗\n服[客服{n}] +{wait}: 您好", at) for n, (at, wait, _) in enumerate(waits)]
    audit = audit_of(tmp_path, chats, settings)
    seconds = [figure(agent(audit, f"客服{n}"), "first_response").value for n in range(len(waits))]
    assert seconds == [expected for _, _, expected in waits]
    assert audit.coverage.waits_outside_hours == seconds.count(None)


def test_robots_and_system_end_no_wait(tmp_path: Path) -> None:
    script = "客: 在吗\n机 +1s: 您好\n系 +2s: 已转人工\n客 +5s: 人呢\n服[小美] +30s: 您好\n服[小美] +40s: 请说"
    audit = audit_of(tmp_path, [Chat(script)])
    assert figure(audit, "first_response").value == 30
    assert audit.coverage.waits == 1


def test_a_wait_is_the_agents_who_ended_it(tmp_path: Path) -> None:
    """Who takes over a chat is not blamed for the colleague's slowness; a conversation counts once for the team."""
    script = (
        "客: 在吗\n服[小美] +60s: 您好\n客 +70s: 好的\n服[小李] +80s: 我来处理\n客 +90s: 谢谢\n服[小李] +120s: 再见"
    )
    audit = audit_of(tmp_path, [Chat(script)])
    assert [figure(agent(audit, name), "first_response").value for name in ("小美", "小李")] == [60, None]
    assert [figure(agent(audit, name), "longest_wait").value for name in ("小美", "小李")] == [60, 30]
    assert (figure(audit, "mean_response").value, figure(audit, "longest_wait").n) == (33.333, 1)


def test_distributions_hold_every_wait(tmp_path: Path) -> None:
    chats = [Chat(ASKED.format(f"{wait}s"), f"2026-10-12 10:00:0{n}") for n, wait in enumerate((4, 5, 29, 30, 7200))]
    audit = audit_of(tmp_path, chats)
    first = audit.responses[0]
    bins = dict(zip(first.edges, first.counts, strict=True))
    assert {edge: count for edge, count in bins.items() if count} == {0: 1, 5: 1, 20: 1, 30: 1, 3600: 1}
    assert (first.median, first.p90, first.n, first.within.value) == (29, 7200, 5, 0.8)  # 30 s reach the target of 30


def visit(at: str, customer: str, group: str = "甲店") -> Chat:
    return Chat("客: 在吗\n服[小美] +20s: 您好", at, {"customer": customer, "group": group})


def test_first_contact_resolution_is_that_nobody_comes_back(tmp_path: Path) -> None:
    chats = [
        visit("2026-10-01 10:00:00", "王先生"),  # comes back on the third day
        visit("2026-10-03 10:00:00", "王先生"),
        visit("2026-10-02 10:00:00", "李女士"),  # in another shop: another customer
        visit("2026-10-03 10:00:00", "李女士", "乙店"),
        visit("2026-10-05 10:00:00", "赵先生"),  # comes back too late to count
        visit("2026-10-12 10:00:21", "赵先生"),
        visit("2026-10-19 09:00:00", "孙女士"),  # less than seven days are known after these
        visit("2026-10-12 10:00:40", "钱先生"),
    ]
    found = figure(audit_of(tmp_path, chats), "fcr")
    assert (found.n, found.value) == (5, 0.8)


def test_a_name_for_everybody_is_no_customer(tmp_path: Path) -> None:
    chats = [visit(f"2026-10-01 10:{n:02}:00", "顾客") for n in range(30)] + [visit("2026-10-20 10:00:00", "王先生")]
    assert figure(audit_of(tmp_path, chats), "fcr").value is None
