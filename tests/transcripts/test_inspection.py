"""inspect shows what was understood and gives the line that pins it; convert writes what reads back the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_scorer.cli.convert import convert_command
from qa_scorer.cli.inspect import inspect_command
from qa_scorer.transcripts.inspection import inspect
from tests.transcripts.helpers import read_all

EXPORT = (
    "会话ID,发送人,角色,时间,内容,备注\n"
    "S1,甲,买家,2026-03-05 10:00:00,在吗,x\n"
    "S1,某店:小美,卖家,2026-03-05 10:00:05,您好，在的,\n"
    "S1,某店:服务助手,卖家,2026-03-05 10:00:06,自动欢迎语,\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "三月.csv"
    path.write_text(EXPORT, encoding="gb18030")
    return path


def test_inspection_holds_what_the_screen_needs(export: Path) -> None:
    view = inspect([export])
    part = view.parts[0]

    assert (part.container, part.encoding, part.format) == ("csv", "gb18030", "messages")
    assert part.confidence > 0.8
    assert dict(part.columns) == {
        "conversation": "会话ID",
        "sender": "发送人",
        "role": "角色",
        "time": "时间",
        "text": "内容",
    }
    assert part.unused == ("备注",)
    assert dict(part.roles) == {"买家": "customer", "卖家": "agent"}
    assert view.counts.conversations == 1
    assert dict(view.agents) == {"小美": 1}
    assert [message.role for message in view.first] == ["customer", "agent", "bot"]


def test_pinned_options_give_the_same_reading(export: Path) -> None:
    runner = CliRunner()
    view = inspect([export])
    pinned = runner.invoke(inspect_command, [str(export), *shlex.split(view.pin), "--json"])
    assert pinned.exit_code == 0, pinned.output
    assert [row["text"] for row in json.loads(pinned.output)["first"]] == [row.text for row in view.first]

    (export.parent / "qa-scorer.yaml").write_text(view.yaml, encoding="utf-8")
    assert inspect([export]).first == view.first


def test_screen_names_format_columns_agents_and_rejects(export: Path) -> None:
    export.write_text(EXPORT + "S1,丙\n", encoding="gb18030")
    output = CliRunner().invoke(inspect_command, [str(export)]).output

    for words in ("gb18030", "format messages", "text ← 内容", "卖家 = agent", "by 会话ID", "小美 (1)",
                  "2 cells where the header has 6", "--map text=内容", "[bold]" not in output and "first conversation"):  # fmt: skip
        assert str(words) in output


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_converted_file_reads_back_the_same(export: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / "out" / f"canonical{suffix}"
    done = CliRunner().invoke(convert_command, [str(export), "-o", str(output)])

    assert done.exit_code == 0, done.output
    assert read_all(output).lines == read_all(export).lines


def test_other_suffix_is_refused(export: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(convert_command, [str(export), "-o", str(tmp_path / "a.doc")])
    assert "the name must end in .parquet, .jsonl, .csv" in str(done.exception)


def test_files_that_are_read_in_different_ways_are_pinned_one_by_one(export: Path) -> None:
    other = export.with_name("四月.csv")
    other.write_text("sid,from,content\n1,user,在吗\n1,agent,您好\n", encoding="utf-8")
    shown = CliRunner().invoke(inspect_command, [str(export), str(other)], env={"LANGUAGE": "en"}).output
    pins = [line.strip() for line in shown.splitlines() if line.strip().startswith("to pin: ")]
    assert len(pins) == 2
    assert "--map conversation=sid" in pins[0] + pins[1]
    assert "to pin this reading" not in shown


def test_screen_speaks_the_language_of_the_user(export: Path) -> None:
    shown = CliRunner().invoke(inspect_command, [str(export)], env={"LANGUAGE": "zh_CN"}).output
    assert "会话划分：按 会话ID" in shown
    assert "1 段会话，3 条消息" in shown
