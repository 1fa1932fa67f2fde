"""What the reports show of a run: equal to plain definitions, and bounded whatever the run's size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_scorer.engines import run
from qa_scorer.results import failures, quoting
from qa_scorer.results.choosing import evenly, places_in_group
from qa_scorer.results.encoded import numbered, places
from qa_scorer.results.lines import Lines, local_times
from qa_scorer.results.quoting import Quoting, titles_fulfilled
from qa_scorer.results.tables import RunTables
from qa_scorer.results.writing import ResultsWriter
from qa_scorer.transcripts.script import batch_of, parse_script
from qa_scorer.transcripts.table import REJECTS
from tests.results.test_summary import GOOD, RUDE, RULEBOOK

MILD = "客: 在吗\n服[小李]: 您好，不归我管"


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[RunTables]:
    """A run in two parts, in which 小李 fails thrice in c1, once in c2 and twice in c4, and 小美 never."""
    chats = [GOOD, RUDE, MILD, GOOD, RUDE.replace("\n服[小李]: 滚", "")]
    with ResultsWriter(tmp_path / "out") as writer:
        for part in (chats[:2], chats[2:]):
            first = 0 if part[0] == chats[0] and len(part) == 2 else 2
            batch = batch_of([(f"c{first + number}", parse_script(chat)) for number, chat in enumerate(part)])
            for scored in run(iter([batch]), RULEBOOK):
                writer.write(scored)
        writer.close_tables(REJECTS.empty_table(), {})
        yield RunTables(writer.data, "Asia/Shanghai")


def test_everything_of_a_small_run_is_shown(tables: RunTables) -> None:
    shown = Quoting(tables, RULEBOOK)
    assert [(item.conversation_id, item.rule_id) for item in shown.findings] == [
        ("c1", "insult"), ("c1", "greet"), ("c1", "blame"), ("c2", "blame"), ("c4", "greet"), ("c4", "blame"),
    ]  # fmt: skip
    assert (shown.failed["小李"], shown.failed["小美"]) == (6, 0)
    assert (shown.conversations["小李"], shown.conversations["小美"]) == (3, 2)
    assert [(row.conversation_id, row.failed) for row in shown.rows("小李")] == [
        ("c1", ("辱骂", "问候", "推诿")), ("c2", ("推诿",)), ("c4", ("问候", "推诿")),
    ]  # fmt: skip
    assert [entry.conversation_id for entry in shown.best("小美")] == ["c0", "c3"]


def test_a_large_run_shows_the_gravest_and_says_how_many_there_are(
    tables: RunTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_FINDINGS", 3)
    monkeypatch.setattr(failures, "EXAMPLES", 1)
    monkeypatch.setattr(quoting, "MOST_ROWS", 2)
    shown = Quoting(tables, RULEBOOK)
    assert [(item.conversation_id, item.rule_id) for item in shown.findings] == [
        ("c1", "insult"), ("c1", "greet"), ("c1", "blame"),
    ]  # fmt: skip
    assert [line.text for line in shown.findings[0].lines] == ["啊", "滚"]
    assert (shown.failed["小李"], shown.conversations["小李"], shown.conversations["小美"]) == (6, 3, 2)
    assert [(row.conversation_id, row.failed) for row in shown.rows("小李")] == [("c1", ("辱骂", "问候", "推诿"))]
    assert [row.conversation_id for row in shown.rows("小美")] == ["c0"]


def test_lines_hold_the_conversations_asked_for_and_no_others(tables: RunTables) -> None:
    lines = Lines(tables, pa.array(["c4", "c1"]))
    assert [[line.text for line in chat] for chat in lines.of(["c4", "c1"])] == [
        ["在吗", "不归我管", "啊"], ["在吗", "不归我管", "啊", "滚"],
    ]  # fmt: skip
    assert lines.of([]) == []
    with pytest.raises(KeyError):
        lines.of(["c0"])


def test_done_well_is_what_earns_and_the_agent_fulfilled_in_the_conversation(tables: RunTables) -> None:
    assert titles_fulfilled(tables, RULEBOOK, ["c2", "c3", "c4"]) == {
        ("c2", "小李"): ("问候",),
        ("c3", "小美"): ("问候",),
    }


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=40), st.integers(1, 45))
def test_evenly_takes_the_first_of_each_group(rows: list[tuple[int, int]], most: int) -> None:
    group, weight = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    order = np.argsort(weight, kind="stable")
    chosen = evenly(group, order, most).tolist()
    if len(rows) <= most:
        assert chosen == list(range(len(rows)))
        return
    share, taken = max(most // len(set(group.tolist())), 1), Counter[int]()
    expected = []
    for row in order.tolist():
        if taken[group[row]] < share:
            taken[group[row]] += 1
            expected.append(row)
    assert chosen == sorted(expected)


@given(st.lists(st.integers(0, 4), max_size=30))
def test_places_in_a_group_count_those_before(group: list[int]) -> None:
    assert places_in_group(np.array(group, dtype=np.int64)).tolist() == [
        group[:at].count(own) for at, own in enumerate(group)
    ]


@given(st.lists(st.sampled_from(["甲", "乙", "丙", None]), max_size=12))
def test_names_are_found_by_their_codes(column: list[str | None]) -> None:
    encoded = pa.chunked_array([pa.array(column, pa.string()).dictionary_encode()])
    assert numbered(encoded, {"甲": 7, "丙": 0}).tolist() == [{"甲": 7, "丙": 0}.get(name or "", -1) for name in column]
    wanted = ["丙", "丁", "甲"]
    assert places(encoded, pa.array(wanted)).tolist() == [
        wanted.index(name) if name in wanted else -1 for name in column
    ]


@settings(max_examples=200)
@given(
    st.lists(st.none() | st.integers(-(10**11), 4 * 10**12), max_size=20),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_local_times_are_those_that_python_tells(moments: list[int | None], zone: str) -> None:
    column = pa.chunked_array([pa.array(moments, pa.int64()).cast(pa.timestamp("ms", tz="UTC"))])
    told = [
        None if moment is None
        else datetime.fromtimestamp(moment // 1000, ZoneInfo(zone)).replace(tzinfo=None, microsecond=moment % 1000 * 1000)
        for moment in moments
    ]  # fmt: skip
    assert local_times(column, zone) == told
