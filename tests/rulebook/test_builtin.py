"""The builtin rules are read once for an installation, and again when anything changes that they are made of."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qa_scorer import kept
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import builtin, builtin_folder, folders, load, read
from qa_scorer.rulebook.builtin import builtin_rulebook

Read = Callable[[], Rulebook]


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the builtin rules that may change, in an installation that keeps what it made of them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    folder = tmp_path / "rules"
    shutil.copytree(builtin_folder(), folder)
    monkeypatch.setattr(folders, "builtin_folder", lambda: folder)
    return folder


@pytest.fixture
def reads() -> list[Rulebook]:
    """The rulebooks that were read."""
    return []


@pytest.fixture
def reading(reads: list[Rulebook]) -> Read:
    def reader() -> Rulebook:
        reads.append(Rulebook(name="", rules=(), dimensions=()))
        return reads[-1]

    return reader


def test_what_is_kept_equals_what_is_read(rules: Path) -> None:
    assert rules.is_dir()
    first = load()
    assert first == load() == read(trust_builtin=True).rulebook


def test_rules_that_did_not_change_are_read_once(rules: Path, reading: Read, reads: list[Rulebook]) -> None:
    (rules / "opening.cases.yaml").write_text("", encoding="utf-8")
    assert builtin_rulebook(reading) == builtin_rulebook(reading)
    assert len(reads) == 1


def test_changed_rules_are_read_again(rules: Path, reading: Read, reads: list[Rulebook]) -> None:
    builtin_rulebook(reading)
    with (rules / "opening.yaml").open("a", encoding="utf-8") as file:
        file.write("# a word\n")
    builtin_rulebook(reading)
    (rules / "opening.yaml").rename(rules / "greeting.yaml")
    builtin_rulebook(reading)
    assert len(reads) == 3


@pytest.mark.usefixtures("rules")
def test_rules_are_read_again_by_changed_modules(
    reading: Read, reads: list[Rulebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    builtin_rulebook(reading)
    state_of = kept.state_of
    monkeypatch.setattr(
        builtin, "state_of", lambda *files: state_of(*[file for file in files if file.stem != "shapes"])
    )
    builtin_rulebook(reading)
    monkeypatch.setattr(builtin, "__version__", "0.2.0")
    builtin_rulebook(reading)
    assert len(reads) == 3


def test_a_run_by_the_builtin_rules_loads_no_yaml_once_they_are_kept(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.dont_write_bytecode = False; sys.pycache_prefix = {str(tmp_path)!r}\n"
        "from qa_scorer.rulebook import load; load(); print('yaml' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]
