"""Judging in this process: what is remembered of texts, and how much of it, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from qa_scorer.engines import run
from qa_scorer.matching import index
from qa_scorer.rulebook import load
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts import ReadOptions, TranscriptBatch, read

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"


def batches() -> Iterator[TranscriptBatch]:
    """The samples three times, so that texts come again after others."""
    for _ in range(3):
        yield from read([SAMPLES], ReadOptions(batch_messages=120)).batches()


def tables(scored: ScoredBatch) -> list[dict[str, list[object]]]:
    return [getattr(scored, entry.name).to_pydict() for entry in fields(scored)]


@pytest.mark.parametrize("most", [150, 20], ids=["more than a batch", "less than a batch"])
def test_an_index_that_forgets_judges_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = [tables(scored) for scored in run(batches(), load(None))]
    forgotten: list[int] = []
    keep = index.TextIndex.keep

    def noted(self: index.TextIndex, texts: index.Ints) -> None:
        forgotten.append(len(self) - len(texts))
        keep(self, texts)

    monkeypatch.setattr(index.TextIndex, "keep", noted)
    monkeypatch.setattr(index, "FEW_TEXTS", 10)
    monkeypatch.setattr(index, "MOST_TEXTS", most)
    assert [tables(scored) for scored in run(batches(), load(None))] == remembering
    assert len(forgotten) > 5
    assert min(forgotten[1:]) > 0  # the first time regexes get their gates
