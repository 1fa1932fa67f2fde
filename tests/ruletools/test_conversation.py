"""A scored conversation can be read again with every verdict beside the words that decided, near misses included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli import main

RULES = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
rules:
  - {id: greet, title: 问候, dimension: d, check: require, where: {role: agent, first: 1 message}, any: [您好], points: 10}
  - {id: blame, title: 推诿, dimension: d, check: forbid, any: [不归我管], except: [{quoted: any}], deduct: 5}
"""
CHATS = """\
会话ID,角色,客服,时间,内容
a-1,客户,,2026-03-01 09:00:00,怎么办
a-1,客服,小美,2026-03-01 09:00:20,这不归我管
a-1,客服,小美,2026-03-01 09:00:40,我说“不归我管”不对<b>
a-2,客户,,2026-03-01 09:00:00,在吗
a-2,客服,小美,2026-03-01 09:00:05,您好
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "chats.csv").write_text(CHATS, encoding="utf-8")
    arguments = ["score", str(folder / "chats.csv"), "-r", str(folder / "rules.yaml"), "-o", str(folder / "out")]
    done = CliRunner().invoke(main, [*arguments, "--no-reports", "--quiet"])
    assert done.exit_code == 0, done.output
    return folder


def explain(run: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", "--run", str(run / "out"), "-r", str(run / "rules.yaml"), *arguments])


def test_messages_stand_with_what_was_found_forgiven_and_missed(run: Path) -> None:
    told = explain(run, "a-1")
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0].startswith("a-1  0 of 100, 不合格  小美")
    assert "  2 09:00:20 服[小美]: 这不归我管" in lines
    assert "      blame 推诿: fails by “不归我管”" in lines
    assert "  3 09:00:40 服[小美]: 我说“不归我管”不对<b>" in lines
    assert "      blame 推诿: forgiven “不归我管” (quoted)" in lines
    (greet,) = [line for line in lines if line.startswith("小美") and "greet" in line]
    assert greet.split() == ["小美", "greet", "问候", "fail", "0", "of", "10", "2"]


def test_one_rule_alone(run: Path) -> None:
    assert "greet" not in explain(run, "a-1", "--rule", "blame").output


def test_json_holds_messages_marks_and_verdicts(run: Path) -> None:
    told = json.loads(explain(run, "a-2", "--json").output)
    assert told["conversation"]["score"] == 100
    assert told["messages"][1]["marks"][0]["text"] == "您好"
    assert {verdict["rule_id"]: verdict["verdict"] for verdict in told["verdicts"]} == {
        "greet": "pass",
        "blame": "pass",
    }


def test_a_wrong_name_gets_a_hint(run: Path, tmp_path: Path) -> None:
    assert "did you mean a-1, a-2?" in explain(run, "a-").stderr
    nothing = CliRunner().invoke(main, ["explain", "x", "--run", str(tmp_path)])
    assert nothing.exit_code == 2
    assert "holds no run" in nothing.stderr


def test_other_rules_than_those_of_the_run_are_named(run: Path) -> None:
    told = CliRunner().invoke(main, ["explain", "a-1", "--run", str(run / "out")], env={"LANGUAGE": "en"})
    assert "not those of the run" in told.stderr
