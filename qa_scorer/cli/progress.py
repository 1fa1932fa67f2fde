"""The line on a terminal that says how far a run is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from qa_scorer.cli.language import translate

if TYPE_CHECKING:
    from rich.console import Console

    from qa_scorer.results.run import Watch
    from qa_scorer.scoring import ScoredBatch


def progress(hidden: bool) -> AbstractContextManager[Watch | None]:
    """A context that gives a wrapper for the stream of batches: a progress line on a terminal, nothing elsewhere."""
    if hidden or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext(None)
    return ProgressLine()


class ProgressLine:
    """What is being done; how many conversations are scored, how fast, and how long the rest will take."""

    def __init__(self, console: Console | None = None) -> None:
        """On stderr, if no console is given."""
        self._console = console

    def __enter__(self) -> Watch:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn(),
            console=self._console or Console(stderr=True), transient=True,
        )  # fmt: skip
        self._progress.start()
        self._task = self._progress.add_task(translate("reading"), total=None, said="")
        return self._watch

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _watch(self, batches: Iterable[ScoredBatch], waiting: Callable[[], int]) -> Iterator[ScoredBatch]:
        begun, total = 0.0, 0
        first: ScoredBatch | None = None
        conversations = messages = 0
        for batch in batches:
            if first is None:  # the clock runs from here: reading took its own time
                first, begun, total = batch, time.monotonic(), waiting()
                self._progress.update(self._task, total=total, description=translate("scoring"))
            conversations += batch.conversations.num_rows
            messages += batch.messages.num_rows
            share = (messages - first.messages.num_rows) / messages
            seconds = time.monotonic() - begun
            said = _said(conversations, conversations * share / seconds if share else None,
                         seconds / share * (total / messages - 1) if share else None)  # fmt: skip
            self._progress.update(self._task, completed=messages, said=said)
            yield batch
        self._progress.update(self._task, description=translate("summing up"), said=_said(conversations))


def _said(conversations: int, rate: float | None = None, left: float | None = None) -> str:
    """What stands behind the bar; ``left`` in seconds."""
    said = translate("{count} conversations").format(count=f"{conversations:,}")
    if rate is not None and left is not None:
        minutes, seconds = divmod(round(max(left, 0)), 60)
        clock = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        said += ", " + translate("{rate} per second, {time} left").format(rate=f"{rate:,.0f}", time=clock)
    return said
