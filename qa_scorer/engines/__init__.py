"""How batches run: in this process or in local processes, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from qa_scorer.checks import Plan, compile_plan, judge
from qa_scorer.engines.arrow import ArrowJudge
from qa_scorer.engines.batch import score_one
from qa_scorer.engines.cluster import run_on_dask
from qa_scorer.engines.parcel import Parcel, unpack
from qa_scorer.interpreter import tuned_interpreter
from qa_scorer.matching.batch import Batch
from qa_scorer.model.rules import Rulebook
from qa_scorer.scoring import ScoredBatch, score_batch
from qa_scorer.transcripts.ahead import read_ahead
from qa_scorer.transcripts.table import TranscriptBatch


def run(
    batches: Iterator[TranscriptBatch], rulebook: Rulebook, jobs: int = 1, scheduler: str | None = None
) -> Generator[ScoredBatch, None, None]:
    """Judge and score batches in order: in ``jobs`` processes, or on the Dask cluster of ``scheduler``.

    Raises RulebookError before the first batch is read, and EngineError when a process or the cluster is lost.
    """
    if scheduler is not None:
        yield from run_on_dask(batches, rulebook, scheduler)
        return
    with tuned_interpreter():
        plan = compile_plan(rulebook)
        if jobs == 1:
            yield from _side_by_side(batches, plan)
            return
    from qa_scorer.engines.processes import score_in_processes

    yield from score_in_processes(batches, rulebook, jobs)


def _side_by_side(batches: Iterator[TranscriptBatch], plan: Plan) -> Iterator[ScoredBatch]:
    """``score_one`` of each batch; the next one is judged while points and tables of this one are made."""
    columns = map(Batch, batches)
    for batch, judgements in read_ahead((batch, judge(batch, plan)) for batch in columns):
        yield score_batch(batch, judgements, plan.rulebook)


__all__ = ["ArrowJudge", "Parcel", "run", "score_one", "unpack"]
