"""Between processes: what arrives is what was sent, and results travel small."""

from __future__ import annotations

import pickle
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from qa_scorer.checks import Plan, compile_plan
from qa_scorer.engines.batch import judged_apart, score_one, with_messages
from qa_scorer.engines.parcel import pack, unpack
from qa_scorer.rulebook import load
from qa_scorer.transcripts import ReadOptions, TranscriptBatch, read

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"


@pytest.fixture(scope="module")
def batch() -> TranscriptBatch:
    """Of a middle batch, so that its columns may be parts of longer ones."""
    return list(read([SAMPLES], ReadOptions(batch_messages=200)).batches())[1]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(load(None))


def same(one: Any, other: Any) -> bool:
    return all(
        getattr(one, entry.name).schema.equals(getattr(other, entry.name).schema)
        and getattr(one, entry.name).equals(getattr(other, entry.name))
        for entry in fields(one)
    )


@pytest.mark.parametrize("compression", [None, "lz4"])
def test_a_parcel_holds_what_was_packed(batch: TranscriptBatch, plan: Plan, compression: str | None) -> None:
    arrived = unpack(pickle.loads(pickle.dumps(pack(batch, compression))))
    assert same(arrived, batch)
    scored = score_one(batch, plan)
    assert same(unpack(pack(scored, compression)), scored)
    nothing = TranscriptBatch(batch.messages.slice(0, 0), batch.conversations.slice(0, 0))
    assert same(unpack(pack(nothing, compression)), nothing)


def test_what_is_judged_apart_is_what_is_judged_here(batch: TranscriptBatch, plan: Plan) -> None:
    parcel = judged_apart(pack(batch), plan)
    scored = score_one(batch, plan)
    assert same(with_messages(batch, parcel), scored)

    assert 2 * len(pickle.dumps(parcel)) < len(pickle.dumps(scored)), "the network carries what was not asked for"
