"""Order, grouping, duplicates and bounds of a reading as a whole."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_scorer.errors import InputError
from qa_scorer.model.words import Role
from qa_scorer.transcripts import Limits, ReadOptions
from qa_scorer.transcripts.table import CONVERSATIONS, MESSAGES
from tests.transcripts.helpers import read_all, write_book

HEADER = "会话ID,角色,客服,时间,内容"


def csv_rows(numbers: range, prefix: str = "S") -> list[str]:
    """Four messages a conversation, conversation ``number``, second by second."""
    return [
        f"{prefix}{number:06d},{'客户' if turn % 2 == 0 else '客服'},客服{number % 3},2026-03-05 10:{number % 60:02d}:{turn:02d},"
        f"第{number}段第{turn}句"
        for number in numbers
        for turn in range(4)
    ]


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_order_of_the_arguments_changes_nothing(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.csv", csv_rows(range(5), name)) for name in "cab"]
    readings = [read_all(*order) for order in itertools.permutations(files)]

    assert all(reading.lines == readings[0].lines for reading in readings)
    assert [row["source"][-5:] for row in readings[0].conversations[::5]] == ["a.csv", "b.csv", "c.csv"]


def test_folder_glob_and_list_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write(tmp_path / "in" / "deep" / "b.csv", csv_rows(range(3), "T"))
    write(tmp_path / "in" / "a.csv", csv_rows(range(3)))
    (tmp_path / "in" / ".hidden.csv").write_text("x")
    (tmp_path / "in" / "README.md").write_text("# 说明 | 内容")
    monkeypatch.chdir(tmp_path)

    lines = read_all("in").lines
    assert len(lines) == 24
    assert read_all("in/**/*.csv").lines == lines
    assert read_all("in/deep/b.csv", "in/a.csv", "in").lines == lines


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), memory=st.sampled_from([0, 1, 256]), size=st.sampled_from([5, 16, 1000]))
def test_scattered_rows_of_a_conversation_come_out_together(
    tmp_path_factory: pytest.TempPathFactory, seed: int, memory: int, size: int
) -> None:
    """Whatever the order of the rows, the memory and the batch size: whole conversations, each once."""
    folder = tmp_path_factory.mktemp("scattered")
    rows = csv_rows(range(60))
    random.Random(seed).shuffle(rows)
    options = ReadOptions(batch_messages=size, limits=Limits(memory_mb=memory))

    result = read_all(write(folder / "a.csv", rows), options=options)

    ids = [row["conversation_id"] for row in result.conversations]
    assert ids == list(dict.fromkeys(row.split(",")[0] for row in rows)), "in order of first appearance"
    assert sorted(line.split(" | ")[-1] for line in result.lines) == sorted(row.split(",")[-1] for row in rows)
    for batch in result.batches:
        assert batch.messages.schema == MESSAGES
        assert batch.conversations.schema == CONVERSATIONS
        assert len(batch.messages) <= max(size, 4)
    assert [line.split(" | ")[1].split()[0] for line in result.lines] == ["0", "1", "2", "3"] * 60


def test_conversation_in_two_files_is_one(tmp_path: Path) -> None:
    rows = csv_rows(range(2))
    write(tmp_path / "1.csv", rows[:6])
    write(tmp_path / "2.csv", rows[6:])
    assert read_all(tmp_path).reading.counts.conversations == 2


def test_short_numbers_as_ids_begin_anew_in_each_file(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write(tmp_path / f"{name}.csv", [f"1,客户,小王,2026-03-05 10:00:00,{name}"])
    assert [row["conversation_id"] for row in read_all(tmp_path).conversations] == ["1", "1 (2)", "1 (3)"]


def test_options_file_beside_the_export_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("a1\t1\t您好\na1\t0\t在吗\n", encoding="utf-8")
    (tmp_path / "qa-scorer.yaml").write_text("map: {conversation: 1, role: 2, text: 3}\nheader: none\n")
    assert [line.split(" | ")[1] for line in read_all(tmp_path).lines] == ["0 agent", "1 customer"]


def test_options_given_win_over_the_file_beside_the_export(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\nS1,甲,小王,2026-03-05 10:00:00,在吗\n", encoding="utf-8")
    (tmp_path / "qa-scorer.yaml").write_text("map: {role: 角色}\nroles: {甲: agent}\ntz: UTC\n", encoding="utf-8")
    result = read_all(tmp_path, options=ReadOptions(roles={"甲": Role.CUSTOMER}))
    assert result.lines == ["S1 | 0 customer |  | 2026-03-05 18:00:00 | 在吗"]


def test_rows_out_of_order_are_sorted_and_equal_times_keep_their_order(tmp_path: Path) -> None:
    rows = [f"S1,客户,小王,2026-03-05 10:00:{second:02d},{text}" for second, text in [(9, "丙"), (5, "甲"), (5, "乙")]]
    assert [line[-1] for line in read_all(write(tmp_path / "a.csv", rows)).lines] == ["甲", "乙", "丙"]


def test_one_missing_time_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    rows = ["S1,客户,小王,2026-03-05 10:00:09,甲", "S1,客服,小王,,乙", "S1,客户,小王,2026-03-05 10:00:01,丙"]
    assert [line[-1] for line in read_all(write(tmp_path / "a.csv", rows)).lines] == ["甲", "乙", "丙"]


def test_duplicates_by_message_id_are_dropped_within_a_conversation_only(tmp_path: Path) -> None:
    header = "会话ID,消息ID,角色,内容"
    rows = [f"S{n},m{n}{turn},客户,第{n}{turn}句" for n in range(10) for turn in range(3)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *rows, rows[4]]) + "\n", encoding="utf-8")
    result = read_all(path)
    assert result.reading.counts.dropped == {"duplicate message": 1}
    assert len(result.lines) == 30


def test_header_repeated_between_exports_pasted_together_is_no_message(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "a.csv", [*csv_rows(range(2)), HEADER, *csv_rows(range(2, 4))]))
    assert len(result.lines) == 16
    assert result.reading.counts.dropped == {"header repeated": 1}


def test_same_words_in_another_second_are_no_duplicate(tmp_path: Path) -> None:
    rows = ["S1,客户,小王,2026-03-05 10:00:01,在吗", "S1,客户,小王,2026-03-05 10:00:02,在吗"]
    assert len(read_all(write(tmp_path / "a.csv", rows)).lines) == 2


def test_same_words_in_the_same_minute_are_said_twice_where_times_are_minutes(tmp_path: Path) -> None:
    rows = [f"S1,客户,小王,2026-03-05 10:0{minute},{text}" for minute, text in [(1, "在吗"), (1, "在吗"), (2, "你好")]]
    assert len(read_all(write(tmp_path / "minutes.csv", rows)).lines) == 3
    rows = [row.replace(" 10:0", " 10:00:0") for row in rows]
    assert len(read_all(write(tmp_path / "seconds.csv", rows)).lines) == 2


def tables(path: Path, options: ReadOptions | None = None) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """All messages but for their place in the file, and all conversations, of a reading."""
    result = read_all(path, options=options)
    messages = [row for batch in result.batches for row in batch.messages.drop_columns(["row", "source"]).to_pylist()]
    return messages, [{**row, "source": ""} for row in result.conversations]


def test_every_way_through_the_reader_gives_the_same_tables(tmp_path: Path) -> None:
    """In order or scattered, in memory or spooled, by Arrow or row by row, packed in another format: the same result."""
    header = "会话ID,角色,客服,客户,时间,内容,渠道,满意度,订单号"
    rows = [
        f"S{number:04d},{'客户' if turn % 2 else '客服'},店:小{number % 7},客{number},2026-03-05 10:{number % 60:02d}:{turn:02d},"
        f"{'[图片]' if turn == 2 else f'第{number}段第{turn}句'},{'网页' if turn else ''},{number % 5 + 1 if turn == 3 else ''},"
        f"{f'E{number}' if turn > 1 else ''}"
        for number in range(300)
        for turn in range(4)
    ]
    ordered = tmp_path / "a.csv"
    ordered.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    expected = tables(ordered)
    assert expected[1][0] == {
        "conversation_id": "S0000", "customer": "客0", "channel": "网页", "group": "店", "csat": 1.0, "resolved": None,
        "source": "", "extra": [("订单号", "E0")],
    }  # fmt: skip

    by_turn = sorted(rows, key=lambda row: row.split(",")[4][-2:])
    scattered = tmp_path / "b.csv"
    scattered.write_text("\n".join([header, *by_turn]) + "\n", encoding="utf-8")
    assert tables(scattered) == expected
    for memory in (0, 1):
        spooled = ReadOptions(limits=Limits(memory_mb=memory), batch_messages=70)
        assert tables(ordered, spooled) == expected
        assert tables(scattered, spooled) == expected
    (tmp_path / "c.csv").write_text("\n".join([header, *rows]) + "\n", encoding="gb18030")
    (tmp_path / "d.csv").write_text("\n".join([header, *rows, "a,b\0"]) + "\n", encoding="utf-8")
    objects = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    (tmp_path / "e.jsonl").write_text(
        "\n".join(json.dumps(one, ensure_ascii=False) for one in objects), encoding="utf-8"
    )
    (tmp_path / "f.json").write_text(json.dumps(objects, ensure_ascii=False), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(objects), tmp_path / "g.parquet", row_group_size=130)
    write_book(tmp_path / "h.xlsx", {"聊天": [header.split(","), *(row.split(",") for row in rows)]})
    for name in ("c.csv", "d.csv", "e.jsonl", "f.json", "g.parquet", "h.xlsx"):
        assert tables(tmp_path / name) == expected, name


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    table = pa.table({
        "session_id": pa.array([7, 7], pa.int64()),
        "is_agent": pa.array([False, True]),
        "sent_at": pa.array([1_772_676_000_000, 1_772_676_005_000], pa.timestamp("ms", tz="UTC")),
        "content": pa.array(["在吗", "在的"], pa.large_string()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_all(tmp_path / "a.parquet").lines == [
        "7 | 0 customer |  | 2026-03-05 10:00:00 | 在吗",
        "7 | 1 agent | 客服 | 2026-03-05 10:00:05 | 在的",
    ]


def test_agent_names_lose_platform_shop_and_number(tmp_path: Path) -> None:
    rows = [
        f"S{number},客服,{name},2026-03-05 10:00:00,您好"
        for number, name in enumerate(("cntaobao某店:小美", "某店旗舰店：小美", "小美(3000012345)"))
    ]
    result = read_all(write(tmp_path / "a.csv", rows))
    assert {line.split(" | ")[2] for line in result.lines} == {"小美"}
    assert [row["group"] for row in result.conversations] == ["某店", "某店旗舰店", None]


def test_roles_given_by_the_user_win(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["S1,甲方,小王,2026-03-05 10:00:00,在吗", "S1,乙方,小王,2026-03-05 10:00:01,在"])
    options = ReadOptions(mapping={"role": "角色"}, roles={"甲方": Role.CUSTOMER, "乙方": Role.AGENT})
    assert [line.split(" | ")[1] for line in read_all(path, options=options).lines] == ["0 customer", "1 agent"]


def test_zone_of_naive_times(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["S1,客户,小王,2026-03-05 10:00:00,在吗"])
    assert "18:00:00" in read_all(path, options=ReadOptions(tz="UTC")).lines[0]
    with pytest.raises(InputError, match="time zone 'Mars' is unknown"):
        read_all(path, options=ReadOptions(tz="Mars"))


def test_gap_parts_what_has_no_id_and_nothing_else(tmp_path: Path) -> None:
    header = "客服,客户,角色,时间,内容"
    rows = [f"小王,甲,客户,2026-03-05 {hour}:00:00,{hour}点" for hour in (9, 10, 15, 16)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    by_gap = read_all(path, options=ReadOptions(gap=7200.0))
    assert [row["conversation_id"] for row in by_gap.conversations] == ["小王 / 甲 #1", "小王 / 甲 #2"]
    assert [row["conversation_id"] for row in read_all(path).conversations] == ["2026-03-05 / 小王 / 甲"]


def test_format_is_forced_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('会话编号,客服,对话内容\n1,小张,"访客> 你好\n客服> 您好"\n', encoding="utf-8")
    assert len(read_all(path).lines) == 2
    assert len(read_all(path, options=ReadOptions(format="messages")).lines) == 1
    with pytest.raises(InputError, match="there is no such format; did you mean messages"):
        read_all(path, options=ReadOptions(format="mesages"))


def test_nested_json_lines_are_read_packed_or_not(tmp_path: Path) -> None:
    line = {
        "sid": "s1",
        "客户": "甲",
        "messages": [{"role": "user", "content": "在吗"}, {"role": "agent", "content": "在"}],
    }
    text = "\n".join(json.dumps({**line, "sid": f"s{n}"}, ensure_ascii=False) for n in range(3))
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    assert read_all(tmp_path / "a.jsonl").lines == read_all(tmp_path / "b.jsonl.gz").lines


def test_input_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder, and no file matches it"):
        read_all(tmp_path / "nothing*.csv")
