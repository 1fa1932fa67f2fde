"""What is allowed and yet most likely a mistake: ``NAME.lint.txt`` holds what is said of ``NAME.lint.yaml``.

After a deliberate change write them anew with ``QA_SCORER_WRITE_EXPECTED=1 pytest tests/ruletools/test_lint.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qa_scorer.rulebook import Level, builtin_folder
from qa_scorer.rulebook.diagnostics import CODES, render, render_all
from qa_scorer.ruletools.lint import check

FILES = Path(__file__).parents[1] / "rulefiles"
LINT = sorted(file.name for file in FILES.glob("*.lint.yaml"))
GOOD = sorted(file.name for file in FILES.glob("*.good.yaml"))
BAD = sorted(file.name for file in FILES.glob("*.bad.yaml"))


@pytest.fixture(autouse=True)
def _beside_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


@pytest.mark.parametrize("name", LINT)
def test_a_doubtful_file_is_told_what_is_doubtful(name: str) -> None:
    text = render_all(check([name])[1]) + "\n"
    expected = Path(name).with_suffix(".txt")
    if os.environ.get("QA_SCORER_WRITE_EXPECTED"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_every_code_has_a_file_that_shows_it() -> None:
    shown = {found.code for name in [*BAD, *LINT] for found in check([name])[1]}
    assert set(CODES) - shown == {"Q504"}  # a test that fails: `rules test` tells it, not `rules check`


@pytest.mark.parametrize("path", [*GOOD, builtin_folder()], ids=lambda path: Path(path).name)
def test_rules_that_stand_stand_the_closer_look(path: str | Path) -> None:
    assert [render(found) for found in check([path])[1] if found.level is Level.ERROR] == []


def test_who_extends_the_builtin_rules_hears_nothing_of_them(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("version: 1\nextends: builtin:base\n", encoding="utf-8")
    assert check([file])[1] == ()
