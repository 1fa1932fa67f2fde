"""Rules written as YAML mean what they meant: nobody's score changes because a rulebook was resolved into one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_scorer.cli.rules import rules
from qa_scorer.rulebook import diagnose, load
from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text

GOOD = sorted((Path(__file__).parents[1] / "rulefiles").glob("*.good.yaml"))


@pytest.mark.parametrize("paths", [None, *([path] for path in GOOD)], ids=["builtin", *(path.name for path in GOOD)])
def test_written_rules_mean_the_same(paths: list[Path] | None, tmp_path: Path) -> None:
    rulebook = load(paths)
    written = tmp_path / "rules.yaml"
    written.write_text(yaml_text(rulebook_mapping(rulebook)), encoding="utf-8")
    again, diagnostics = diagnose([written])
    assert not diagnostics
    assert again is not None
    assert again.digest == rulebook.digest
    assert [rule.tests and rule.tests[0].chat for rule in again.rules] == [
        rule.tests and rule.tests[0].chat for rule in rulebook.rules
    ]


def test_resolve_prints_a_rule_file_that_stands_alone(tmp_path: Path) -> None:
    inherits = next(path for path in GOOD if path.name == "inherits.good.yaml")
    run = CliRunner().invoke(rules, ["resolve", str(inherits)])
    assert run.exit_code == 0
    assert "extends" not in run.output
    (tmp_path / "alone.yaml").write_text(run.output, encoding="utf-8")
    assert load([tmp_path / "alone.yaml"]).digest == load([inherits]).digest
