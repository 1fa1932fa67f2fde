"""The main job as a user runs it: what is written, what is said, and what a mistake looks like."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli import main
from qa_scorer.scoring.tables import CONVERSATIONS, EVIDENCE, SCORECARDS, VERDICTS

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"
CHAT = "会话ID,角色,客服,消息内容,消息时间\n"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def export(folder: Path, rows: str, name: str = "chats.csv") -> Path:
    path = folder / name
    path.write_text(CHAT + rows, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("score") / "reports"
    result = run("score", SAMPLES, "-o", out, "--csv")
    assert result.exit_code == 0, result.output
    return out


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_everything_is_written(scored: Path) -> None:
    assert (scored / "index.html").is_file()
    assert (scored / "report.xlsx").is_file()
    agents = pq.read_table(scored / "data" / "agents.parquet")["agent"].to_pylist()
    assert len(list((scored / "agents").glob("*.html"))) == len(agents) > 5


@pytest.mark.parametrize(
    ("name", "schema"),
    [("conversations", CONVERSATIONS), ("scorecards", SCORECARDS), ("verdicts", VERDICTS), ("evidence", EVIDENCE)],
)
def test_tables_keep_the_published_columns(scored: Path, name: str, schema: pa.Schema) -> None:
    table = pq.read_table(scored / "data" / f"{name}.parquet")
    assert table.schema.names == schema.names
    assert table.num_rows > 0
    assert (scored / "data" / f"{name}.csv").is_file()


def test_rows_reconcile(scored: Path) -> None:
    counts = json.loads((scored / "data" / "run.json").read_text(encoding="utf-8"))["counts"]
    assert counts["rows_read"] == counts["messages"] + counts["rejected"] + sum(counts["dropped"].values())
    assert counts["conversations"] == counts["scored"] + counts["skipped"]
    assert pq.read_table(scored / "data" / "messages.parquet").num_rows == counts["messages"]


def test_a_run_that_scores_nothing_says_why_and_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("内容\n请问几点发货\n地址写错了能改吗\n", encoding="utf-8")
    output = run("score", tmp_path / "texts.csv", "-o", tmp_path / "out", "--no-reports").output
    assert "会话 2 段 = 已评分 0 + 过短 0 + 无客服消息 2" in output
    assert "没有可以评分的会话；`qa-scorer inspect` 会说明文件是怎样读入的。" in output


def test_verdicts_point_to_evidence_that_quotes_the_message(scored: Path) -> None:
    messages = {
        (row["conversation_id"], row["seq"]): row["text"]
        for row in pq.read_table(scored / "data" / "messages.parquet").to_pylist()
    }
    evidence = pq.read_table(scored / "data" / "evidence.parquet").to_pylist()
    for row in evidence:
        if row["text"] is not None:
            assert messages[row["conversation_id"], row["seq"]][row["start"] : row["end"]] == row["text"]
    failed = {
        (row["conversation_id"], row["agent"], row["rule_id"])
        for row in pq.read_table(scored / "data" / "verdicts.parquet").to_pylist()
        if row["verdict"] == "fail"
    }
    shown = {(row["conversation_id"], row["agent"], row["rule_id"]) for row in evidence}
    assert not failed - shown


def test_same_input_same_bytes_whatever_the_order_and_the_processes(scored: Path, tmp_path: Path) -> None:
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".md")
    result = run("score", *reversed(files), "-o", tmp_path / "again", "--csv", "--jobs", "2", "--no-reports")
    assert result.exit_code == 0, result.output
    assert digests(scored / "data") == digests(tmp_path / "again" / "data")


def test_good_agents_stand_above_weak_ones(scored: Path) -> None:
    rows = pq.read_table(scored / "data" / "agents.parquet").to_pylist()
    score = {row["agent"]: row["score"] for row in rows}
    assert min(score["小禾"], score["周岚"], score["宋意"]) > 80
    assert max(score["大壮"], score["石头"], score["老曹"]) < 50


def test_hostile_names_and_texts_are_shown_as_text(tmp_path: Path) -> None:
    rows = 'c1,客户,,"<img src=x onerror=alert(1)>",\nc1,客服,../../x,=HYPERLINK("http://x"),\n'
    rows += "c2,客户,,在吗,\nc2,客服,<script>alert(1)</script>,您好,\n"
    out = tmp_path / "out"
    result = run("score", export(tmp_path, rows), "-o", out, "--csv")
    assert result.exit_code == 0, result.output
    assert {path.parent for path in out.rglob("*.html")} == {out, out / "agents", out / "conversations"}
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text
    assert "\n=HYPERLINK" not in (out / "data" / "evidence.csv").read_text(encoding="utf-8-sig")


def test_fail_under(tmp_path: Path) -> None:
    path = export(tmp_path, "c1,客户,,在吗,\nc1,客服,小美,什么事,\n")
    low = run("score", path, "-o", tmp_path / "out", "--fail-under", "90", "--quiet")
    assert low.exit_code == 1
    assert "below --fail-under 90" in low.stderr
    assert run("score", path, "-o", tmp_path / "out", "--fail-under", "0", "--quiet").exit_code == 0


def test_quiet_says_nothing_and_json_is_one_object(tmp_path: Path) -> None:
    path = export(tmp_path, "c1,客户,,在吗,\nc1,客服,小美,您好,\n")
    assert run("score", path, "-o", tmp_path / "out", "--quiet", "--no-reports").output == ""
    told = json.loads(run("score", path, "-o", tmp_path / "out", "--json", "--no-reports").output)
    assert told["reading"]["scored"] == 1
    assert told["agents"][0]["agent"] == "小美"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "empty"),
        ("numbers.csv", b"a,b\n1,2\n3,4\n", "text"),
        ("broken.xlsx", b"PK\x03\x04 no", "broken.xlsx"),
    ],
)
def test_files_that_cannot_be_read_are_named_in_a_line(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    result = run("score", tmp_path / name, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert name in result.stderr
    assert expected in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    export(tmp_path, "c1,客户,,在吗,\nc1,客服,小美,您好,\n")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no")
    result = run("score", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 0
    rejects = pq.read_table(tmp_path / "out" / "data" / "rejects.parquet").to_pylist()
    assert [Path(row["source"]).name for row in rejects] == ["broken.xlsx"]


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    result = run("score", export(tmp_path, "c1,客户,,在吗,\nc1,客服,小美,您好,\n"), "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "holds other files" in result.stderr
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_an_earlier_report_stays_when_a_run_fails(scored: Path, tmp_path: Path) -> None:
    before = digests(scored / "data")
    (tmp_path / "empty.csv").write_bytes(b"")
    assert run("score", tmp_path / "empty.csv", "-o", scored).exit_code == 2
    assert digests(scored / "data") == before


def test_a_bad_rule_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 1\nrules:\n  - id: x\n    chekc: require\n", encoding="utf-8")
    result = run("score", SAMPLES, "-r", tmp_path / "bad.yaml", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "bad.yaml:" in result.stderr
    assert "`check`" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_run_goes_into_a_history(tmp_path: Path) -> None:
    chats = export(tmp_path, "c1,客户,,在吗,\nc1,客服,小美,您好,\n")
    history = tmp_path / "history"
    words = ("score", chats, "-o", tmp_path / "out", "--no-reports", "--quiet", "--history", history)
    assert run(*words, "--history-month", "2026-10").exit_code == 0
    assert len(list(history.glob("month=2026-10/*/*/verdicts.parquet"))) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--history-month", "2026-10"], "name it with --history"),
        (["--history", "h", "--history-month", "2026-13"], "'2026-13' is no month"),
    ],
)
def test_a_wrong_month_is_named_before_the_work(tmp_path: Path, words: list[str], said: str) -> None:
    result = run("score", export(tmp_path, "c1,客服,小美,您好,\n"), "-o", tmp_path / "out", *words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()
