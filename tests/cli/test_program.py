"""The program as a process: it leaves at once, but with everything said and done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PROGRAM = [sys.executable, "-c", "from qa_scorer.cli.program import run; run()"]


def ended(*words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", f"{before}\n{PROGRAM[-1]}"]
    return subprocess.run([*program, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--version",), 0), (("rules", "check", "{rules}"), 1), (("score", "nowhere.csv"), 2), (("nothing",), 2)],
)
def test_the_exit_code_is_what_the_command_says(words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nruels: []\n", encoding="utf-8")
    assert ended(*(word.format(rules=rules) for word in words)).returncode == code


def test_what_is_written_to_a_pipe_arrives_whole() -> None:
    printed = ended("rules", "schema").stdout
    assert printed.rstrip().endswith("}")
    assert len(printed) > 10_000


def test_what_is_left_for_the_end_is_done(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    ended("--version", before=f"import atexit, pathlib; atexit.register(pathlib.Path({str(mark)!r}).touch)")
    assert mark.exists()


@pytest.mark.slow
def test_processes_leave_nothing_behind(tmp_path: Path) -> None:
    chats = [str(Path(__file__).parents[2] / "sample_transcripts")]
    done = ended("score", *chats, "-o", str(tmp_path / "out"), "--jobs", "2", "--no-reports")
    assert done.returncode == 0
    assert "leaked" not in done.stderr
    assert (tmp_path / "out" / "data" / "verdicts.parquet").is_file()


CHAT = "客: 在吗\n服: 您好，请问有什么可以帮您？\n客: 快递到哪了\n服: 已经到本市，明天送达\n"
LOADED = "import atexit, sys; atexit.register(lambda: print('loaded', *sorted({'pandas', 'duckdb', 'jinja2'} & {*sys.modules})))"


def test_figures_alone_load_nothing_that_only_reports_need(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, encoding="utf-8")
    done = ended("score", str(tmp_path / "chat.txt"), "-o", str(tmp_path / "out"), "--no-reports", before=LOADED)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "loaded"


def test_nanoseconds_inside_lists_are_read_where_pandas_was_left_out(tmp_path: Path) -> None:
    times = [1_700_000_000_123_456_789, 1_700_000_060_123_456_789]
    messages = [
        {"role": role, "content": text, "at": at}
        for role, text, at in zip(("user", "assistant"), ("在吗", "您好"), times, strict=True)
    ]
    kind = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string()), ("at", pa.timestamp("ns"))]))
    pq.write_table(pa.table({"session": ["a"], "messages": pa.array([messages], kind)}), tmp_path / "chats.parquet")
    done = ended("score", str(tmp_path / "chats.parquet"), "-o", str(tmp_path / "out"), "--no-reports")
    assert (done.returncode, done.stderr) == (0, "")
    assert pq.read_table(tmp_path / "out" / "data" / "messages.parquet").num_rows == 2
