"""The function that other engines map over partitions gives the tables of `score`, whatever the partitions are."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from qa_scorer.engines import ArrowJudge
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from qa_scorer.transcripts import read
from qa_scorer.transcripts.canonical import canonical_table

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def messages() -> pa.Table:
    return pa.concat_tables(map(canonical_table, read([ROOT / "sample_transcripts"]).batches()))


@pytest.fixture(scope="module")
def scored(messages: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    pq.write_table(messages, folder / "messages.parquet")
    run_to_folder([folder / "messages.parquet"], load(None), folder / "out", masked=False)
    return folder / "out" / "data"


def rows(table: pa.Table) -> list[dict[str, object]]:
    return sorted(table.to_pylist(), key=repr)


@pytest.mark.parametrize("table", ["verdicts", "scorecards", "conversations", "evidence"])
def test_partitions_give_the_rows_of_the_whole(table: str, messages: pa.Table, scored: Path) -> None:
    judge: ArrowJudge = pickle.loads(pickle.dumps(ArrowJudge(load(None), table)))
    ids = pc.unique(messages["conversation_id"])
    some = pc.is_in(messages["conversation_id"], ids.slice(0, len(ids) // 3))
    found = []
    for part in (messages.filter(some), messages.filter(pc.invert(some))):
        batches = list(judge(part.to_batches(max_chunksize=50)))
        assert all(batch.schema.equals(judge.schema) for batch in batches)
        found.append(pa.Table.from_batches(batches, judge.schema))
    apart = ["source"] if "source" in judge.schema.names else []  # a table in memory has no file name
    whole = pq.read_table(scored / f"{table}.parquet").cast(judge.schema).drop_columns(apart)
    assert rows(pa.concat_tables(found).drop_columns(apart)) == rows(whole)


def test_an_empty_partition_is_an_empty_table() -> None:
    judge = ArrowJudge(load(None))
    assert list(judge([])) == []
    assert judge.judge(pa.table({"conversation_id": pa.array([], pa.string())})).num_rows == 0


def test_columns_of_an_export_are_found() -> None:
    table = pa.table({"会话ID": ["a", "a"], "角色": ["客户", "客服"], "消息内容": ["在吗", "这不是我的问题"]})
    verdicts = ArrowJudge(load(None)).judge(table).to_pylist()
    assert [row["rule_id"] for row in verdicts if row["verdict"] == "fail" and row["points"] < 0] == ["wording.blame"]
