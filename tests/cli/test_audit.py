"""From exports to the audit of a month, as a user types it; and what a mistake looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli import main

HEADER = "会话ID,角色,客服,客户,消息内容,消息时间\n"
RULES = """
version: 1
name: {name}
dimensions: {{opening: {{name: 接待, points: 10}}}}
rules:
  - id: opening.greeting
    title: 主动问候
    dimension: opening
    check: require
    where: {{role: agent}}
    any: [{word}]
    points: 10
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """September and October, judged by one rulebook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(RULES.format(name="甲", word="您好"), encoding="utf-8")
    for month, words in (("2026-09", "嗯"), ("2026-10", "您好")):
        chats = "".join(
            f"{month}-{n},客户,小美,客{n},在吗,{month}-0{n} 20:59:50\n{month}-{n},客服,小美,客{n},{words},{month}-0{n} 21:00:10\n"
            for n in range(1, 4)
        )
        (tmp_path / f"{month}.csv").write_text(HEADER + chats, encoding="utf-8")
        words_of = ("score", f"{month}.csv", "-r", "a.yaml", "-o", month, "--no-reports", "--quiet", "--history", "h")
        assert run(*words_of).exit_code == 0
    return tmp_path / "h"


def audited(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    return found


def figure(audit: dict[str, Any], name: str) -> dict[str, Any]:
    return next(metric for layer in audit["layers"] for metric in layer["metrics"] if metric["id"] == name)


def test_a_month_is_compared_with_the_one_before(history: Path, tmp_path: Path) -> None:
    result = run("audit", "--history", history, "--month", "2026-10", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "2026-10: 3 conversations, 3 scored, 1 agents" in result.output
    audit = audited(tmp_path / "out")
    assert audit["against"]["period"]["label"] == "2026-09"
    assert figure(audit, "score")["figure"]["value"] == 100
    assert figure(audit, "score")["change"]["difference"] == 100


@pytest.mark.parametrize(
    ("words", "conversations"),
    [
        (["--day", "2026-10-02"], 1),
        (["--week", "2026-W40"], 3),  # 28 September to 4 October
        (["--quarter", "2026-Q4"], 3),
        (["--year", "2026"], 6),
        (["--month", "2026-01"], 0),
    ],
)
def test_every_kind_of_period(history: Path, tmp_path: Path, words: list[str], conversations: int) -> None:
    assert run("audit", "--history", history, *words, "-o", tmp_path / "out", "--quiet").exit_code == 0
    assert audited(tmp_path / "out")["coverage"]["conversations"] == conversations


def test_a_period_without_conversations_names_what_there_is(history: Path, tmp_path: Path) -> None:
    result = run("audit", "--history", history, "--month", "2025-10", "-o", tmp_path / "out", "--quiet")
    assert "there is 2026-09, 2026-10" in result.output


def test_conversations_without_times_are_not_lost_in_silence(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("会话ID,角色,客服,消息内容\nc1,客户,,在吗\nc1,客服,小美,您好\n", encoding="utf-8")
    words = (
        "score",
        tmp_path / "c.csv",
        "-o",
        tmp_path / "out",
        "--no-reports",
        "--quiet",
        "--history",
        tmp_path / "h",
    )
    assert "1 conversations carry no time" in run(*words).output
    assert run(*words, "--history-month", "2026-10").output == ""


def test_the_same_audit_has_the_same_bytes(history: Path, tmp_path: Path) -> None:
    for threads in ("1", "2"):
        words = ("--month", "2026-10", "--threads", threads, "-o", tmp_path / threads)
        assert run("audit", "--history", history, *words).exit_code == 0
    assert (tmp_path / "1" / "audit.json").read_bytes() == (tmp_path / "2" / "audit.json").read_bytes()


def test_business_hours_come_from_the_options_file(history: Path, tmp_path: Path) -> None:
    """Who asks ten seconds before closing time and is answered ten seconds after it has waited ten seconds."""
    (tmp_path / "qa-scorer.yaml").write_text("tz: Asia/Shanghai\naudit: {hours: 09:00-21:00}\n", encoding="utf-8")
    assert run("audit", "--history", history, "--month", "2026-10", "-o", tmp_path / "out").exit_code == 0
    assert figure(audited(tmp_path / "out"), "first_response")["figure"]["value"] == 10
    assert (
        run("score", "2026-10.csv", "-r", "a.yaml", "-o", tmp_path / "again").exit_code == 0
    )  # the same file serves both


def test_rescoring_makes_months_comparable(history: Path, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(RULES.format(name="乙", word="嗯"), encoding="utf-8")
    result = run("history", "rescore", history, "-r", "b.yaml", "--month", "2026-10")
    assert result.output.startswith("3 conversations judged by 乙")
    assert [line.split()[0] for line in run("history", "show", history).output.splitlines()] == [
        "2026-09:", "2026-10:", "2026-10:",
    ]  # fmt: skip
    assert run("audit", "--history", history, "--month", "2026-10", "-o", tmp_path / "out").exit_code == 0
    audit = audited(tmp_path / "out")
    assert (audit["rulebook"], audit["against"]["comparable"], audit["against"]["reason"]) == ("乙", False, "rulebook")
    first = next(note["digest"] for note in audit["coverage"]["rulebooks"] if note["name"] == "甲")
    words = ("--month", "2026-10", "--rulebook", first[:12], "-o", tmp_path / "out")
    assert run("audit", "--history", history, *words).exit_code == 0
    assert audited(tmp_path / "out")["against"]["comparable"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one period"),
        (["--month", "2026-10", "--year", "2026"], "name one period"),
        (["--month", "2026-13"], "expected a month such as 2026-10"),
        (["--month", "2026-10", "--against", "last"], "expected one of 2026-10-05"),
        (["--month", "2026-10", "--against", "group:乙店"], "name the audited one with --group"),
        (["--month", "2026-10", "--rulebook", "ffff"], "names no rulebook of the history"),
    ],
)
def test_mistakes_are_named(history: Path, words: list[str], said: str) -> None:
    result = run("audit", "--history", history, *words)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unmasked_run_is_refused_by_a_masked_history_before_the_work(history: Path, tmp_path: Path) -> None:
    result = run("score", "2026-10.csv", "-r", "a.yaml", "-o", "x", "--quiet", "--no-mask", "--history", history)
    assert (result.exit_code, (tmp_path / "x").exists()) == (2, False)
    assert "keeps runs with personal data masked" in result.output
