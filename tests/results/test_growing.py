"""A table that grows part by part is one Parquet table to every reader, and goes on behind any whole part."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qa_scorer.results.growing import GrowingTable
from qa_scorer.scoring.tables import EVIDENCE, SCORECARDS

SIZES = (3, 0, 2_000, 7)


def part(number: int, rows: int) -> pa.Table:
    row = {"agent": "小美", "rule_id": "r", "kind": "hit", "start": 0, "end": 2, "text": "您好", "note": None}
    entries = [{**row, "conversation_id": f"c{number}-{seq}", "seq": seq} for seq in range(rows)]
    return pa.Table.from_pylist(entries, schema=EVIDENCE)


def write(path: Path) -> list[int]:
    """All parts; the ends of the file behind each."""
    table = GrowingTable(path, EVIDENCE)
    ends = []
    for number, rows in enumerate(SIZES):
        table.append(part(number, rows))
        ends.append(table.size)
    table.close()
    return ends


def test_every_reader_sees_one_table(tmp_path: Path) -> None:
    write(tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema.equals(EVIDENCE)
    assert table["conversation_id"].to_pylist() == [f"c{n}-{i}" for n, rows in enumerate(SIZES) for i in range(rows)]
    [(rows, texts)] = duckdb.sql(f"SELECT count(*), count(DISTINCT text) FROM '{tmp_path / 't.parquet'}'").fetchall()
    assert (rows, texts) == (sum(SIZES), 1)


@pytest.mark.parametrize("done", range(len(SIZES) + 1))
def test_it_goes_on_behind_any_part_with_the_same_bytes(tmp_path: Path, done: int) -> None:
    path = tmp_path / "t.parquet"
    ends = write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: (0, *ends)[done]] + b"cut off here")
    table = GrowingTable(path, EVIDENCE, ends[:done])
    assert [table.read(number).num_rows for number in range(done)] == list(SIZES[:done])
    assert all(table.read(number).equals(part(number, SIZES[number])) for number in range(done))
    for number in range(done, len(SIZES)):
        table.append(part(number, SIZES[number]))
    table.close()
    assert path.read_bytes() == whole


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    GrowingTable(tmp_path / "t.parquet", SCORECARDS).close()
    assert pq.read_table(tmp_path / "t.parquet").schema.equals(SCORECARDS)


def test_parts_cost_little_room(tmp_path: Path) -> None:
    """A month is hundreds of parts, each with a footer that nobody reads."""
    ends = write(tmp_path / "t.parquet")
    assert max(end - begin for begin, end in pairwise(ends[1:2] + ends[2:])) < 30_000
