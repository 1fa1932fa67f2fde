"""Tests of rules in files of their own: run with the others, and wrong ones named with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli.rules import rules

RULES = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
rules:
  - {id: greet, title: 问候, dimension: d, check: require, any: [您好, 你好], points: 10}
  - {id: csat, title: 满意, dimension: d, check: metadata, field: csat, op: '>=', value: 4, points: 5}
"""
YAML = """\
- {rule: greet, name: 有, chat: "客: 在吗\\n服: 您好", expect: pass}
- rule: greet
  chat: |-
    客: 在吗
    服: 嗯
  expect: fail
- {rule: csat, name: 差评, chat: "客: 在\\n服: 在", expect: fail, metadata: {csat: 1}}
"""
JSONL = '{"rule": "greet", "name": "你好", "chat": "客: 在吗\\n服: 你好", "expect": "pass"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("rules.yaml").write_text(RULES, encoding="utf-8")
    Path("cases.yaml").write_text(YAML, encoding="utf-8")
    Path("cases.jsonl").write_text(JSONL, encoding="utf-8")
    return tmp_path


def test(*arguments: str) -> Result:
    return CliRunner().invoke(rules, ["test", "rules.yaml", *arguments])


test.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.usefixtures("folder")
def test_cases_of_both_kinds_run_and_count_for_coverage() -> None:
    run = test("--cases", "cases.yaml", "--cases", "cases.jsonl", "--fail-under", "100")
    assert run.exit_code == 0, run.output
    assert "4 tests passed" in run.output
    assert test("--cases", "cases.yaml", "--fail-under", "100").exit_code == 1


@pytest.mark.usefixtures("folder")
def test_a_case_that_fails_is_told_at_its_line_in_every_format() -> None:
    Path("cases.yaml").write_text(YAML.replace("服: 嗯", "服: 您好"), encoding="utf-8")
    run = test("--cases", "cases.yaml", "--output", "github", "--output", "json:out.json", "--output", "junit:out.xml")
    assert run.exit_code == 1
    assert (
        "::error file=cases.yaml,line=2,col=3,title=Q504 test fails::greet: line 2: expected fail, got pass"
        in run.output
    )
    (told,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["diagnostics"]
    assert (told["code"], told["file"], told["line"]) == ("Q504", "cases.yaml", 2)
    suite = ElementTree.parse("out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [(case.get("classname"), case.get("name"), len(case)) for case in suite] == [
        ("greet", "有", 0), ("greet", "line 2", 1), ("csat", "差评", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("c.yaml", "- {rule: gret, chat: '客: 在', expect: pass}\n", "c.yaml:1:3: error[Q106]: there is no rule gret"),
        ("c.yaml", "- {rule: greet, chat: '客: 在', expect: yes}\n", "c.yaml:1:39: error[Q102]"),
        ("c.yaml", "- {rule: greet, chats: '客: 在', expect: pass}\n", "did you mean `chat`"),
        ("c.yaml", "rule: greet\n", "c.yaml:1:1: error[Q102]: expected a list"),
        ("c.jsonl", JSONL + '{"rule": "greet", "expect": "pass"}\n', "c.jsonl:2:2: error[Q105]: `chat` is missing"),
        ("c.jsonl", JSONL + "{\n", "c.jsonl:2:"),
        ("c.yaml", "- {chat: '客: 在', expect: pass}\n", "c.yaml:1:4: error[Q105]: `rule` or `standard` is missing"),
        ("c.yaml", "- {standard: C3, chat: '客: 在', expect: pass}\n", "c.yaml:1:3: error[Q106]: no rule judges C3"),
        ("c.yaml", "- {rule: greet, standard: C3, chat: '客: 在', expect: pass}\n", "not both"),
        ("missing.yaml", None, "missing.yaml:1:1: error[Q100]: the file cannot be read"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_cases_stop_the_run_and_are_named(file: str, text: str | None, said: str) -> None:
    if text is not None:
        Path(file).write_text(text, encoding="utf-8")
    run = test("--cases", file)
    assert run.exit_code != 0
    assert said in str(run.exception)


def test_case_files_beside_the_rules_are_found_and_are_no_rule_files(tmp_path: Path) -> None:
    """``rules/`` holds rules.yaml and rules.cases.yaml: testing, checking and loading it just works."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "rules.cases.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "more.cases.jsonl").write_text(JSONL, encoding="utf-8")
    tested = CliRunner().invoke(rules, ["test", str(tmp_path)])
    assert (tested.exit_code, tested.output) == (0, "4 tests passed\n")
    alone = CliRunner().invoke(rules, ["test", str(tmp_path / "rules.yaml")])
    assert alone.output == "0 tests passed\n"
    checked = CliRunner().invoke(rules, ["check", str(tmp_path), "--select", "Q5"])
    assert "Q501" not in checked.output


ITEMS = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
rules:
  - {id: blame, standard: C3, title: 推诿, dimension: d, check: forbid, any: [不归我管], deduct: 5}
  - {id: insult, standard: [C3, C4], title: 辱骂, dimension: d, check: forbid, any: [你有病], deduct: 5}
"""
OF_ITEMS = """\
- {standard: C3, name: 推, chat: "客: 在吗\\n服: 不归我管", expect: fail}
- {standard: C3, chat: "客: 在吗\\n服: 在的", expect: pass}
- {standard: C4, chat: "客: 在吗\\n服: 不归我管", expect: pass}
- {standard: C4, chat: "客: 在吗\\n服: 你有病", expect: fail}
"""


def test_a_case_of_an_item_is_judged_by_all_its_rules_and_counts_for_each(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "rules.cases.yaml").write_text(OF_ITEMS, encoding="utf-8")
    run = CliRunner().invoke(rules, ["test", str(tmp_path), "--fail-under", "100"])
    assert (run.exit_code, run.output.splitlines()[-1]) == (0, "4 tests passed"), run.output
    assert "1 test passed" in CliRunner().invoke(rules, ["test", str(tmp_path), "-k", "c3: 推"]).output


def test_a_failed_case_of_an_item_is_told_once_with_the_words_that_decided(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(ITEMS, encoding="utf-8")
    cases = tmp_path / "rules.cases.yaml"
    cases.write_text(OF_ITEMS.replace("expect: fail", "expect: pass", 1), encoding="utf-8")
    run = CliRunner().invoke(rules, ["test", str(tmp_path)])
    assert run.exit_code == 1
    assert f"{cases}:1:3: C3: 推\n    expected pass, got fail" in run.output
    assert run.output.count("hit in message 2: 不归我管") == 1
    assert "4 tests, 1 failed" in run.output


def test_check_finds_what_is_wrong_in_case_files(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    cases = tmp_path / "rules.cases.yaml"
    cases.write_text(
        "- {rule: gret, chat: '客: 在', expect: pass}\n- {rule: greet, chat: 在, expect: pass}\n", encoding="utf-8"
    )
    checked = CliRunner().invoke(rules, ["check", str(tmp_path)])
    assert checked.exit_code == 1
    assert f"{cases}:1:3: error[Q106]: there is no rule gret" in checked.output
    assert f"{cases}:2:3: error[Q503]" in checked.output
