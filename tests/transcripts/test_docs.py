"""docs/formats.md names every format, field and option, so that a reader finds what the program can do."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from qa_scorer.transcripts.fields import FIELDS
from qa_scorer.transcripts.formats import REGISTRY
from qa_scorer.transcripts.optionfile import KEYS
from qa_scorer.transcripts.options import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
LIMITS = tuple(field.name for field in fields(Limits))


@pytest.mark.parametrize("name", [*REGISTRY, *FIELDS, *KEYS, *LIMITS])
def test_page_names(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", REGISTRY)
def test_every_format_documents_itself(name: str) -> None:
    module = __import__(REGISTRY[name].module, fromlist=["__doc__"])
    assert len(module.__doc__ or "") > 100
