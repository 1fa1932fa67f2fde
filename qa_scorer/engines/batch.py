"""One batch, judged and scored: what every engine maps over whole conversations."""

from __future__ import annotations

import pickle
from functools import lru_cache

from qa_scorer.checks import Judgements, Plan, compile_plan, judge
from qa_scorer.matching.batch import Batch
from qa_scorer.model.rules import Rulebook
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


def judge_apart(batch: TranscriptBatch, plan: Plan) -> Judgements:
    """One batch in another process. Verdicts are sent back, not tables, which are three times as large."""
    return judge(Batch(batch), plan)


def score_judged(batch: TranscriptBatch, judgements: Judgements, rulebook: Rulebook) -> ScoredBatch:
    """The tables of a batch that was judged in another process."""
    return score_batch(Batch(batch), judgements, rulebook)
