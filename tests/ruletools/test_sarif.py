"""SARIF output against models made from the schema of the standard, so that code scanning accepts what is uploaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from qa_scorer.ruletools.formats import sarif
from qa_scorer.ruletools.lint import check

FILES = sorted((Path(__file__).parents[1] / "rulefiles").glob("*.*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_said_of_any_file_is_sarif(path: Path) -> None:
    rulebook, diagnostics = check([path])
    log = Sarif.model_validate_json(sarif(diagnostics, rulebook))
    assert len(log.runs[0].results or []) == len(diagnostics)


def test_the_models_are_as_strict_as_the_schema() -> None:
    """Else the test above would pass whatever is written."""
    log = json.loads(sarif(check([FILES[0]])[1], None))
    log["runs"][0]["results"][0]["place"] = "here"
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Sarif.model_validate(log)
    del log["runs"][0]["results"][0]["place"], log["runs"][0]["results"][0]["message"]
    with pytest.raises(ValidationError, match="Field required"):
        Sarif.model_validate(log)
