"""Batches in several processes of this machine."""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from typing import TypeVar

from qa_scorer.checks import Plan, compile_plan
from qa_scorer.engines.batch import judged_apart, with_messages
from qa_scorer.engines.parcel import Parcel, pack
from qa_scorer.errors import EngineError
from qa_scorer.interpreter import collect_seldom
from qa_scorer.model.rules import Rulebook
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts.table import TranscriptBatch

T = TypeVar("T")

_plan: Plan | None = None
"""The rulebook of a worker process, compiled once."""


def score_in_processes(
    batches: Iterable[TranscriptBatch], rulebook: Rulebook, jobs: int
) -> Generator[ScoredBatch, None, None]:
    """Judge and score batches in order. Raises EngineError when a process is lost."""
    for batch, scored in in_processes(batches, jobs, _score_in_worker, _start_worker, rulebook):
        yield with_messages(batch, scored)


def in_processes(
    batches: Iterable[TranscriptBatch], jobs: int, work: Callable[[Parcel[TranscriptBatch]], T],
    start: Callable[..., None], *given: object,
) -> Generator[tuple[TranscriptBatch, T], None, None]:  # fmt: skip
    """Each batch with what ``work`` makes of it, in order, in ``jobs`` processes that begin with ``start(*given)``.

    Raises EngineError when a process is lost.
    """
    pool = ProcessPoolExecutor(jobs, _fresh_processes(), partial(_start, start, *given))
    try:
        waiting: deque[tuple[TranscriptBatch, Future[T]]] = deque()
        with _interrupts_held():
            pool.submit(_begin)  # all processes begin now, while the first batch is read
        for batch in batches:
            with _interrupts_held():
                waiting.append((batch, pool.submit(work, pack(batch))))
            if len(waiting) > 2 * jobs:  # enough to keep all busy, few enough to keep memory flat
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    except BrokenProcessPool as error:
        raise EngineError(
            "a process that scores was ended from outside, as systems do when memory runs out. "
            "Use fewer --jobs; --resume goes on from what is finished."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _fresh_processes() -> BaseContext:
    """Processes that are no copies of this one, in which Arrow and the automaton run threads: copies of one that has
    loaded the modules and done nothing else, where the system can copy processes."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that is started inside never sees Ctrl-C, which a terminal sends to all: the main one ends the others."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _next(waiting: deque[tuple[TranscriptBatch, Future[T]]]) -> tuple[TranscriptBatch, T]:
    batch, made = waiting.popleft()
    return batch, made.result()


def _begin() -> None:
    """The first task of a pool."""


def _start(start: Callable[..., None], *given: object) -> None:
    collect_seldom()
    start(*given)


def _start_worker(rulebook: Rulebook) -> None:
    global _plan  # a worker process has no other place to keep what its tasks share
    _plan = compile_plan(rulebook)


def _score_in_worker(parcel: Parcel[TranscriptBatch]) -> Parcel[ScoredBatch]:
    assert _plan is not None
    return judged_apart(parcel, _plan)
