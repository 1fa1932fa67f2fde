"""The hook and the action that other repositories use: their commands exist, and pre-commit runs them for real."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from qa_scorer.cli.rules import rules

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
GOOD = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
rules:
  - id: greet
    title: 问候
    dimension: d
    check: require
    any: [您好]
    points: 10
    tests:
      - {name: 有, chat: "客: 在吗\\n服: 您好", expect: pass}
      - {name: 无, chat: "客: 在吗\\n服: 嗯", expect: fail}
"""


def commands_in(text: str) -> list[list[str]]:
    """Every call of qa-scorer in a text, in words."""
    return [call.split() for call in re.findall(r"qa-scorer rules [^\n]*", text)]


@pytest.mark.parametrize(
    "words",
    [*commands_in((ROOT / "action.yml").read_text(encoding="utf-8")), *(hook["entry"].split() for hook in HOOKS)],
    ids=" ".join,
)
def test_every_command_and_option_exists(words: list[str]) -> None:
    command = rules.get_command(click.Context(rules), words[2])
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_action_reads_its_inputs_from_the_environment() -> None:
    """An input that stands in a script would be run as code."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pre-commit") is None, reason="pre-commit is not installed")
def test_pre_commit_runs_the_hooks(tmp_path: Path) -> None:
    """As in a repository of rules, with the programs of this environment in place of an installation from the net."""
    for hook in HOOKS:
        hook["language"] = "system"
    config = {"repos": [{"repo": "local", "hooks": HOOKS}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shop.yaml").write_text(GOOD, encoding="utf-8")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run("git", "init").returncode == 0
    run("git", "add", ".")
    clean = run("pre-commit", "run", "--all-files")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    broken = GOOD.replace("any: [您好]", "any: [$hello]")
    (tmp_path / "rules" / "shop.yaml").write_text(broken, encoding="utf-8")
    run("git", "add", ".")
    refused = run("pre-commit", "run", "--all-files")
    assert refused.returncode == 1
    assert "rules/shop.yaml:8:11: error[Q202]" in refused.stdout
    failing = GOOD.replace("any: [您好]", "any: [你好]")
    (tmp_path / "rules" / "shop.yaml").write_text(failing, encoding="utf-8")
    run("git", "add", ".")
    assert "2 tests, 1 failed" in run("pre-commit", "run", "--all-files").stdout
