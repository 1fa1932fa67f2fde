"""The tables of docs/rules.md say what the program does. Write them anew with ``QA_SCORER_WRITE_EXPECTED=1``."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from qa_scorer.ruletools.reference import tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


@pytest.mark.parametrize("name", ["checks", "codes"])
def test_the_tables_of_the_page_are_those_of_the_program(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    block = re.compile(rf"(?<=<!-- generated: {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    table = tables()[name] + "\n"
    if os.environ.get("QA_SCORER_WRITE_EXPECTED"):
        PAGE.write_text(block.sub(lambda _: table, page, count=1), encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8")
    assert block.findall(page) == [table]
