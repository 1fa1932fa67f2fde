"""One batch, judged and scored: what every engine maps over whole conversations."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import lru_cache

from qa_scorer.checks import Plan, compile_plan, judge
from qa_scorer.engines.parcel import Parcel, pack, unpack
from qa_scorer.matching.batch import Batch
from qa_scorer.scoring import ScoredBatch, score_batch
from qa_scorer.transcripts.table import TranscriptBatch


@lru_cache(maxsize=2)
def plan_of(packed: bytes) -> Plan:
    """A pickled rulebook, made ready once a process. Raises RulebookError."""
    return compile_plan(pickle.loads(packed))


def score_one(batch: TranscriptBatch, plan: Plan) -> ScoredBatch:
    """One batch: the public function that other engines map over partitions of whole conversations."""
    columns = Batch(batch)
    return score_batch(columns, judge(columns, plan), plan.rulebook)


def judged_apart(parcel: Parcel[TranscriptBatch], plan: Plan) -> Parcel[ScoredBatch]:
    """One batch in another process, without its messages: who sent them has them."""
    scored = score_one(unpack(parcel), plan)
    return pack(replace(scored, messages=scored.messages.schema.empty_table()), compression="lz4")


def with_messages(batch: TranscriptBatch, parcel: Parcel[ScoredBatch]) -> ScoredBatch:
    """What came back of a batch, and the messages that were not sent."""
    return replace(unpack(parcel), messages=batch.messages)
