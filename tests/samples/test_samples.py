"""The sample chats give a newcomer the right first impression: all of them are read, and the verdicts are fair."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import pyarrow.parquet as pq
import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_transcripts"
GOOD = ("小满", "小禾", "林溪", "周岚", "宋意")
MIDDLING = ("青柠", "知夏", "阿澈", "果果")
WEAK = ("阿岩", "大壮", "老曹", "石头")


class Results:
    """The tables of one run over all samples, as lists of rows."""

    def __init__(self, data: Path) -> None:
        self.conversations = pq.read_table(data / "conversations.parquet").to_pylist()
        self.scorecards = pq.read_table(data / "scorecards.parquet").to_pylist()
        self.verdicts = pq.read_table(data / "verdicts.parquet").to_pylist()
        self.evidence = pq.read_table(data / "evidence.parquet").to_pylist()
        self.rejects = pq.read_table(data / "rejects.parquet").to_pylist()

    def failed(self, **where: str) -> list[dict[str, Any]]:
        """The failed verdicts whose columns have these values."""
        return [
            row
            for row in self.verdicts
            if row["verdict"] == "fail" and all(row[column] == value for column, value in where.items())
        ]

    def hits(self, conversation: str) -> str:
        """Everything that was found in a conversation, one after the other."""
        rows = (row for row in self.evidence if row["conversation_id"] == conversation and row["kind"] == "hit")
        return " ".join(row["text"] or "" for row in rows)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    out = tmp_path_factory.mktemp("samples")
    command = [str(Path(sys.executable).with_name("qa-scorer")), "score", str(SAMPLES), "-o", str(out), "--quiet"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return Results(out / "data")


def test_every_row_is_read(results: Results) -> None:
    """Four shapes of export, three encodings, no help: nothing is lost, and robots are nobody's agent."""
    assert len(results.conversations) == 87
    assert results.rejects == []
    assert all(row["scored"] for row in results.conversations)
    assert all(row["started_at"] is not None for row in results.conversations)
    assert {row["agent"] for row in results.scorecards} == {*GOOD, *MIDDLING, *WEAK}


def test_scores_tell_good_from_weak(results: Results) -> None:
    """A manager who knows these agents would agree with the order."""
    scores = defaultdict(list)
    for row in results.scorecards:
        scores[row["agent"]].append(row["score"])
    means = {agent: mean(of_agent) for agent, of_agent in scores.items()}
    assert min(means[agent] for agent in GOOD) >= 85
    assert 50 <= min(means[agent] for agent in MIDDLING) <= max(means[agent] for agent in MIDDLING) < 85
    assert max(means[agent] for agent in WEAK) < 50


@pytest.mark.parametrize(
    ("conversation", "first", "second"),
    [
        ("QM261025-0010", "阿岩", "小满"),
        ("20261026004", "大壮", "小禾"),
        ("yl-60d4f7", "老曹", "林溪"),
        ("88430183", "石头", "果果"),
    ],
)
def test_a_colleagues_words_cost_nothing(results: Results, conversation: str, first: str, second: str) -> None:
    """Who takes over a spoilt chat is judged by the own words alone."""
    score = {row["agent"]: row["score"] for row in results.scorecards if row["conversation_id"] == conversation}
    assert score[second] >= 80
    assert score[first] < 60
    assert not results.failed(conversation_id=conversation, agent=second, dimension="wording")


@pytest.mark.parametrize(
    ("conversation", "phrase"),
    [
        ("QM261008-0041", "你 错 了"),
        ("20261006021", "不归我們管"),
        ("QM261002-0017", "催什么催"),
        ("QM261005-0023", "没什么大不了"),
        ("20261001014", "保证明天一定能送到"),
        ("ty-31c8e1", "百分百"),
        ("20261004016", "加我微信"),
        ("yl-60bf05", "验证码"),
    ],
)
def test_what_must_be_found_is_found(results: Results, conversation: str, phrase: str) -> None:
    """Banned phrases, also with blanks or traditional characters, promises and dangers are quoted as they were written."""
    assert phrase in results.hits(conversation)


@pytest.mark.parametrize("agent", GOOD)
def test_harmless_words_are_not_found(results: Results, agent: str) -> None:
    """行不行, 不合适, 申请, 不敢承诺, a refusal with another way: an inspector would uphold none of them."""
    failed = {row["rule_id"] for row in results.failed(agent=agent, dimension="wording")}
    failed |= {row["rule_id"] for row in results.failed(agent=agent, dimension="compliance")}
    failed |= {row["rule_id"] for row in results.failed(agent=agent) if "promise" in row["rule_id"]}
    assert not failed
