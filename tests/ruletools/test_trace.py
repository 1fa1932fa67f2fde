"""Whoever doubts a verdict can follow it: where the rule looked, what it saw, what it forgave, what it said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_scorer.cli.rules import rules
from qa_scorer.errors import InputError
from qa_scorer.rulebook import load
from qa_scorer.ruletools.trace import trace

RULES = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
lists: {blame: [不归我管]}
rules:
  - id: blame
    title: 推诿
    dimension: d
    check: forbid
    where: {role: agent}
    any: [$blame, 找别人去]
    except: [{quoted: any}]
    deduct: 5
overrides: [{rule: blame, deduct: 2, reason: 试行}]
"""
CHAT = "客: 怎么办\n服[小美]: 這不歸我管\n客: 不归我管？\n服[小美]: “不归我管”是我说错了\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_every_step_is_there(file: Path) -> None:
    traced = trace(load([file]).rules[0], load([file]), CHAT)
    (search,) = traced.searches
    assert search.messages == (1, 3)
    assert [(step.message, step.text, step.pattern, step.where, step.excuse) for step in search.steps] == [
        (1, "不歸我管", "不归我管", "$blame", ""),
        (3, "不归我管", "不归我管", "$blame", "quoted"),
    ]
    assert traced.chat[1] == ("服[小美]", "這不歸我管", "这不归我管")
    assert [(judged.agent, judged.verdict.name, judged.hits) for judged in traced.verdicts] == [("小美", "FAIL", 1)]


def test_the_command_reads_a_chat_and_tells_the_verdict(file: Path) -> None:
    run = CliRunner().invoke(rules, ["explain", "blame", str(file), "--on", "-"], input=CHAT)
    assert run.exit_code == 0, run.output
    assert "  2: “不歸我管” is a hit of 不归我管 of $blame\n" in run.output
    assert "verdict: 小美 fail, 1 hit" in run.output


@pytest.mark.parametrize("chat", ["", "\n\n", "您好"])
def test_what_is_no_chat_is_said_so(file: Path, chat: str) -> None:
    with pytest.raises(InputError):
        trace(load([file]).rules[0], load([file]), chat)


def test_rules_with_every_kind_of_check_can_be_traced() -> None:
    rulebook = load(None)
    for rule in {type(rule.check): rule for rule in rulebook.rules}.values():
        traced = trace(rule, rulebook, rule.tests[0].chat)
        assert traced.chat


def test_an_override_is_named_with_its_place_and_reason(file: Path) -> None:
    run = CliRunner().invoke(rules, ["explain", "blame", str(file)])
    assert f"overridden  {file}:13:13: deduct 2 (试行)" in run.output
    assert f"{file}:3:17  不归我管" in run.output
