"""A long run says how far it is: conversations, their rate, and the time left."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from qa_scorer.cli.progress import ProgressLine, progress


def batch(conversations: int, messages: int) -> Any:
    return SimpleNamespace(
        conversations=SimpleNamespace(num_rows=conversations), messages=SimpleNamespace(num_rows=messages)
    )


def test_rate_and_time_left_are_of_scoring_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes a minute, then a batch of 100 conversations comes every ten seconds."""
    monkeypatch.setenv("LANGUAGE", "en")
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("qa_scorer.cli.progress.time", SimpleNamespace(monotonic=lambda: clock.now))

    def batches() -> Iterator[Any]:
        for moment in range(60, 120, 10):
            clock.now = float(moment)
            yield batch(100, 1_000)

    line = ProgressLine(Console(file=io.StringIO(), force_terminal=True))
    with line as watch:
        said = [line._progress.tasks[0].fields["said"] for _ in watch(batches(), lambda: 6_000)]
    assert said[0] == "100 conversations"
    assert said[2] == "300 conversations, 10 per second, 0:00:30 left"
    assert said[5] == "600 conversations, 10 per second, 0:00:00 left"


def test_nothing_is_shown_where_nobody_looks() -> None:
    with progress(hidden=False) as watch:  # tests have no terminal
        assert watch is None
