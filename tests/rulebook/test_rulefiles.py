"""Rule files as people write them: the good stand without a word, the bad are told exactly what and where.

``NAME.bad.txt`` holds what is printed for ``NAME.bad.yaml``. After a deliberate change of words, write them anew with
``QA_SCORER_WRITE_EXPECTED=1 pytest tests/rulebook/test_rulefiles.py`` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest
import yaml

from qa_scorer.rulebook import builtin_folder, diagnose
from qa_scorer.rulebook.diagnostics import render_all
from qa_scorer.rulebook.files import yaml_files
from qa_scorer.rulebook.schema import schema

FILES = Path(__file__).parents[1] / "rulefiles"
GOOD = sorted(file.name for file in FILES.glob("*.good.yaml"))
BAD = sorted(file.name for file in FILES.glob("*.bad.yaml"))


@pytest.fixture(autouse=True)
def _beside_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_stands(name: str) -> None:
    rulebook, diagnostics = diagnose([name])
    assert render_all(diagnostics) == ""
    assert rulebook is not None


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_what_is_wrong_and_where(name: str) -> None:
    rulebook, diagnostics = diagnose([name])
    text = render_all(diagnostics) + "\n"
    expected = Path(name).with_suffix(".txt")
    if os.environ.get("QA_SCORER_WRITE_EXPECTED"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert rulebook is None
    assert all(found.line == "" or found.place.column <= len(found.line) + 1 for found in diagnostics)


@pytest.mark.parametrize("path", [*GOOD, "parts/shop.yaml", *map(str, yaml_files(builtin_folder()))])
def test_an_editor_with_the_schema_accepts_what_the_reader_accepts(path: str) -> None:
    jsonschema.Draft202012Validator(schema()).validate(yaml.safe_load(Path(path).read_text(encoding="utf-8")))


@pytest.mark.parametrize(("name", "part"), [("rule_keys.bad.yaml", "rules"), ("worth.bad.yaml", "overrides")])
def test_an_editor_with_the_schema_marks_misspelt_keys(name: str, part: str) -> None:
    errors = jsonschema.Draft202012Validator(schema()).iter_errors(yaml.safe_load(Path(name).read_text("utf-8")))
    assert any(error.absolute_path[0] == part for error in errors)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
