"""Batches judged on a Dask cluster: the same function over the same batches in the same order, so the same tables."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Generator, Iterator
from threading import Lock

from qa_scorer.checks import compile_plan
from qa_scorer.engines.batch import judged_apart, plan_of, with_messages
from qa_scorer.engines.parcel import Parcel, pack
from qa_scorer.errors import EngineError
from qa_scorer.model.rules import Rulebook
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts.table import TranscriptBatch

_AHEAD = 2
"""Batches that wait for each thread of the cluster, so that none is idle and memory stays flat."""
_SECONDS = 10
_one_at_a_time = Lock()


def run_on_dask(
    batches: Iterator[TranscriptBatch], rulebook: Rulebook, address: str
) -> Generator[ScoredBatch, None, None]:
    """Judge and score batches, in order, on the workers of the scheduler at ``address`` (``tcp://host:8786``).

    A batch whose worker is lost is judged again elsewhere. Raises RulebookError before the first batch is read, and
    EngineError when Dask is not installed, nobody answers, or no worker survives a batch.
    """
    compile_plan(rulebook)
    try:
        import dask
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise EngineError("--engine dask needs Dask; install it with: pip install 'qa-scorer[dask]'") from error
    try:
        client = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{address}: no Dask scheduler answers there. Start one with `dask scheduler`, and `dask worker {address}` "
            "on every machine; the address looks like tcp://10.0.0.5:8786."
        ) from error
    packed = pickle.dumps(rulebook)
    # A batch travels in its task, so that a task whose worker is lost can be sent to another.
    with client, dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        threads = sum(client.nthreads().values())
        if not threads:
            raise EngineError(f"{address}: the scheduler has no workers. Start some with `dask worker {address}`.")
        waiting: deque[tuple[TranscriptBatch, object]] = deque()
        try:
            for batch in batches:
                parcel = pack(batch, compression="lz4")
                waiting.append((batch, client.submit(judge_on_worker, parcel, packed, pure=False)))
                if len(waiting) > _AHEAD * threads:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        except KilledWorker as error:
            raise EngineError(
                f"{address}: a batch was lost with every worker that tried it, as happens when their memory runs out. "
                "Give workers more memory; --resume goes on from what is finished."
            ) from error
        except OSError as error:
            raise EngineError(
                f"{address}: the scheduler is lost ({error}). --resume goes on from what is finished."
            ) from error


def _next(waiting: deque[tuple[TranscriptBatch, object]]) -> ScoredBatch:
    batch, future = waiting.popleft()
    return with_messages(batch, future.result())  # type: ignore[attr-defined]


def judge_on_worker(parcel: Parcel[TranscriptBatch], packed: bytes) -> Parcel[ScoredBatch]:
    """One batch on a worker; ``packed`` is the pickled rulebook, made ready once a process."""
    with _one_at_a_time:  # what is remembered of texts is shared by the threads of a worker
        return judged_apart(parcel, plan_of(packed))
