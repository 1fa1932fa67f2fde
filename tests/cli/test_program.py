"""The program as a process: it leaves at once, but with everything said and done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
