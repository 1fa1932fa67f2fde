"""Every shape of export in ``cases/`` is read, without options unless the case has some, as its file says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_scorer.transcripts.optionfile import options_of
from tests.transcripts.helpers import read_all, write_book

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def write_case(case: dict[str, Any], folder: Path) -> Path:
    path = folder / case["file"]
    if "sheets" in case:
        return write_book(path, case["sheets"])
    path.write_bytes(case["content"].encode(case.get("encoding", "utf-8")))
    return path


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_shape_is_read_as_the_case_says(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    options = options_of(case["options"], "case") if "options" in case else None

    result = read_all(write_case(case, tmp_path), options=options)

    assert result.lines == case["messages"]
    report = result.reading.reports[0]
    assert report.detection is not None
    assert report.detection.format.name == case["format"]
    assert report.grouping == case["grouping"]
    assert [f"{row}: {reason}" for row, reason in result.rejects] == case.get("rejects", [])
    assert result.reading.counts.dropped == case.get("dropped", {})
    known = [{k: v for k, v in row.items() if v is not None} for row in result.conversations]
    for expected, row in zip(case.get("conversations", []), known, strict=False):
        assert {key: row.get(key) for key in expected} == expected
