"""``qa-scorer rules``: what it prints and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli import main
from qa_scorer.rulebook.diagnostics import CODES, display_width

FILES = Path(__file__).parents[1] / "rulefiles"


@pytest.fixture(autouse=True)
def _outside_of_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["rules", *map(str, arguments)])


def test_check_is_content_with_good_files() -> None:
    result = run("check", FILES / "smallest.good.yaml", FILES / "parts" / "shop.yaml")
    assert result.exit_code == 1, "shop.yaml names a dimension of the rules that it is made for"
    assert run("check", FILES / "smallest.good.yaml", "--ignore", "Q501").output == "1 rule, 0 lists: no mistakes\n"


def test_strict_makes_a_warning_a_finding() -> None:
    assert run("check", FILES / "smallest.good.yaml").exit_code == 0
    assert run("check", FILES / "smallest.good.yaml", "--strict").exit_code == 1
    assert run("check", FILES / "smallest.good.yaml", "--strict", "--select", "Q4").exit_code == 0


def test_errors_are_never_left_out() -> None:
    assert run("check", FILES / "worth.bad.yaml", "--ignore", "Q4").exit_code == 1


def test_several_outputs_at_once(tmp_path: Path) -> None:
    sarif = tmp_path / "rules.sarif"
    told = run("check", FILES / "worth.bad.yaml", "--output", f"sarif:{sarif}", "--output", "github").output
    assert "::error file=" in told
    assert json.loads(sarif.read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert run("check", "--output", "xml").exit_code == 2


def test_github_is_chosen_in_its_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run("check", FILES / "worth.bad.yaml").output.startswith("::error ")


def test_check_exits_with_1_for_mistakes_and_2_when_it_cannot_look(tmp_path: Path) -> None:
    assert run("check", FILES / "worth.bad.yaml").exit_code == 1
    assert run("check", tmp_path / "nowhere.yaml").exit_code == 2
    assert run("check", tmp_path).exit_code == 2


def test_a_file_to_start_from_passes_check_and_test(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    assert run("init", file).exit_code == 0
    assert run("check", file).output.endswith("no mistakes\n")
    assert run("test", file).exit_code == 0
    assert "exists already" in run("init", file).output


def test_failed_tests_are_told_with_place_chat_and_words(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    text = (FILES / "smallest.good.yaml").read_text(encoding="utf-8")
    tests = '[{name: 没问好, chat: "客: 在吗\\n服: 您好", expect: fail}, {name: 问好, chat: "服: 您好", expect: pass}]'
    rule = "any: [您好], points: 10"
    file.write_text(text.replace(rule, f"{rule}, tests: {tests}"), encoding="utf-8")
    result = run("test", file)
    assert result.exit_code == 1
    assert "missed (the rule saw less than it should): 1" in result.output
    assert f"{file}:5:" in result.output
    assert "    | 服: 您好\n    hit in message 2: 您好" in result.output
    assert result.output.endswith("2 tests, 1 failed\n")


def test_coverage_below_the_demanded_share_is_a_finding(tmp_path: Path) -> None:
    run("init", tmp_path / "rules.yaml")
    assert run("test", tmp_path / "rules.yaml", "--fail-under", "99").exit_code == 1
    assert run("test", tmp_path / "rules.yaml", "--fail-under", "1").exit_code == 0


def test_list_stands_in_columns_under_chinese() -> None:
    lines = run("list", FILES / "every_check.good.yaml").output.splitlines()
    titles = [line.rsplit("  ", 1)[0] for line in lines]
    assert len({display_width(title) for title in titles}) == 1
    assert len(lines) == 17


def test_explain_tells_a_rule_a_code_and_what_was_meant() -> None:
    told = run("explain", "c.forbid", FILES / "every_check.good.yaml").output
    assert "any of [保证] in messages of agent, except [保证金, {quoted: customer}" in told
    hello = told.split("\n$hello:\n")[1].splitlines()
    assert [line.split()[1] for line in hello[:2]] == ["您好", "{word:"]
    assert all("every_check.good.yaml:" in line for line in hello)
    assert "did you mean `c.forbid`" in run("explain", "c.forbit", FILES / "every_check.good.yaml").stderr
    for code, entry in CODES.items():
        assert entry.reason in run("explain", code.lower()).output


def test_schema_is_json() -> None:
    assert json.loads(run("schema").output)["title"] == "qa-scorer rule file"


@pytest.mark.parametrize("command", ["check", "test", "list"])
def test_without_paths_the_builtin_rules_are_meant(command: str) -> None:
    assert run(command).exit_code == 0
