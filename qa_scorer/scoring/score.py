"""Judgements of a batch become the result tables of ``scoring.tables``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.checks import Judgements
from qa_scorer.matching.batch import NO_TIME, Batch
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import EVIDENCE_NAMES, VERDICT_NAMES, Role, Verdict
from qa_scorer.scoring.points import Ledger, Prices, conversation_ledger, unit_ledger
from qa_scorer.scoring.quotes import quote
from qa_scorer.scoring.tables import CONVERSATIONS, EVIDENCE, NAMES, SCORECARDS, VERDICTS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SKIP_REASONS = ("too_short", "no_agent")


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """The results of one batch, in the schemas of ``scoring.tables``; ``messages`` is the transcript's table."""

    conversations: pa.Table
    scorecards: pa.Table
    verdicts: pa.Table
    evidence: pa.Table
    messages: pa.Table


def score_batch(batch: Batch, judgements: Judgements, rulebook: Rulebook) -> ScoredBatch:
    """Points, vetoes, grades and tables of a batch. Conversations that are too short or have no agent are not scored."""
    prices = Prices(rulebook)
    skip = _skipped(batch, rulebook)
    units = np.flatnonzero(skip[batch.unit_conv] < 0)
    verdict, hits = judgements.verdict[units], judgements.hits[units].astype(np.int64)
    share = judgements.share[units].astype(np.float64)
    ledger = unit_ledger(prices, verdict, hits, share)
    return ScoredBatch(
        _conversations(batch, prices, skip, units, verdict, hits, share),
        _scorecards(batch, prices, units, ledger),
        _verdicts(batch, rulebook, units, verdict, hits, ledger),
        _evidence(batch, rulebook, judgements, skip),
        batch.transcript.messages,
    )


def _skipped(batch: Batch, rulebook: Rulebook) -> Ints:
    """Number of the reason why a conversation is not scored, -1 where it is, (c,)."""
    spoken = (batch.unit >= 0) | (batch.role == Role.CUSTOMER)
    count = np.bincount(batch.conv[spoken], minlength=batch.conversations)
    reason = np.where(count < rulebook.scoring.min_messages, 0, -1)
    return np.where(np.diff(batch.conv_units) == 0, 1, reason)


def _conversations(
    batch: Batch, prices: Prices, skip: Ints, units: Ints,
    verdict: npt.NDArray[np.int8], hits: Ints, share: Floats,
) -> pa.Table:  # fmt: skip
    known = batch.transcript.conversations
    scored = skip < 0
    score, vetoed = np.full(batch.conversations, np.nan), np.zeros(batch.conversations, dtype=np.bool_)
    if len(units):
        starts = np.flatnonzero(np.concatenate(([True], np.diff(batch.unit_conv[units]) != 0)))
        score[scored], vetoed[scored] = conversation_ledger(prices, starts, verdict, hits, share).totals(prices)
    score = np.round(score, 2)
    mains, said = _main_units(batch)
    grade = _grades(score, prices)
    columns = {
        "conversation_id": known["conversation_id"],
        "agent": _names(_agents_of(batch, mains), batch.agents),
        "agents": _all_agents(batch),
        "customer": known["customer"],
        "channel": _encode(known["channel"]),
        "group": _encode(known["group"]),
        "started_at": _times(batch.started),
        "ended_at": _times(batch.ended),
        "messages": np.diff(batch.conv_start).astype(np.int32),
        "agent_messages": np.bincount(batch.unit_conv, weights=said, minlength=batch.conversations).astype(np.int32),
        "score": _nullable(score),
        "max_score": np.full(batch.conversations, prices.scoring.total),
        "grade": _names(grade, [name for name, _ in prices.scoring.grades]),
        "passed": pa.array((score >= prices.scoring.pass_mark) & ~vetoed, mask=~scored),
        "vetoed": vetoed,
        "scored": scored,
        "skip_reason": _names(skip, list(SKIP_REASONS)),
        "first_response_s": _nullable(batch.waits.first_response_s),
        "mean_response_s": _nullable(np.round(batch.waits.mean_response_s, 3)),
        "longest_wait_s": _nullable(batch.waits.longest_wait_s),
        "handle_s": _nullable(batch.waits.handle_s),
        "csat": known["csat"],
        "resolved": known["resolved"],
        "source": _encode(known["source"]),
    }
    return _table(columns, CONVERSATIONS)


def _main_units(batch: Batch) -> tuple[Ints, Ints]:
    """(the unit with most messages of each conversation, -1 without one, (c,); messages of each unit, (u,))."""
    said = np.bincount(batch.unit[batch.unit >= 0], minlength=batch.units)
    order = np.lexsort((np.arange(batch.units), -said, batch.unit_conv))
    conv, first = np.unique(batch.unit_conv[order], return_index=True)
    mains = np.full(batch.conversations, -1, dtype=np.int64)
    mains[conv] = order[first]
    return mains, said


def _agents_of(batch: Batch, units: Ints) -> Ints:
    """The agent of each unit, -1 for the unit -1."""
    agents = np.full(len(units), -1, dtype=np.int64)
    agents[units >= 0] = batch.unit_agent[units[units >= 0]]
    return agents


def _all_agents(batch: Batch) -> pa.Array:
    """All human agents of each conversation, joined by 、."""
    names = pa.array(batch.agents, pa.string()).take(pa.array(batch.unit_agent))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(batch.conv_units, pa.int32()), names), "、")


def _scorecards(batch: Batch, prices: Prices, units: Ints, ledger: Ledger) -> pa.Table:
    score, vetoed = ledger.totals(prices)
    score = np.round(score, 2)
    said = np.bincount(batch.unit[batch.unit >= 0], minlength=batch.units)
    dimensions = np.round(ledger.dimensions(prices), 2)
    width = dimensions.shape[1]
    offsets = pa.array(np.arange(len(units) + 1) * width, pa.int32())
    columns = {
        "conversation_id": _ids(batch).take(pa.array(batch.unit_conv[units])),
        "agent": _names(batch.unit_agent[units], batch.agents),
        "agent_messages": said[units].astype(np.int32),
        "score": score,
        "grade": _names(_grades(score, prices), [name for name, _ in prices.scoring.grades]),
        "passed": (score >= prices.scoring.pass_mark) & ~vetoed,
        "vetoed": vetoed,
        "dimensions": pa.ListArray.from_arrays(offsets, _nullable(dimensions.ravel())),
    }
    return _table(columns, SCORECARDS)


def _verdicts(
    batch: Batch, rulebook: Rulebook, units: Ints, verdict: npt.NDArray[np.int8], hits: Ints, ledger: Ledger
) -> pa.Table:
    row, rule = np.nonzero(verdict != Verdict.ABSENT)
    unit = units[row]
    points = ledger.earned + ledger.gained - ledger.lost
    columns = {
        "conversation_id": _names(batch.unit_conv[unit], _ids(batch)),
        "agent": _names(batch.unit_agent[unit], batch.agents),
        "rule_id": _names(rule, [entry.id for entry in rulebook.rules]),
        "standard": _texts_of_rules(rule, [" ".join(entry.standard) for entry in rulebook.rules]),
        "dimension": _texts_of_rules(rule, [entry.dimension for entry in rulebook.rules]),
        "verdict": _names(verdict[row, rule].astype(np.int64), list(VERDICT_NAMES)),
        "points": points[row, rule],
        "max_points": ledger.possible[row, rule],
        "hits": hits[row, rule].astype(np.int32),
    }
    return _table(columns, VERDICTS)


def _evidence(batch: Batch, rulebook: Rulebook, judgements: Judgements, skip: Ints) -> pa.Table:
    found = judgements.evidence
    keep = np.flatnonzero(skip[batch.unit_conv[found.unit]] < 0)
    unit, message = found.unit[keep], found.message[keep].astype(np.int64)
    start, end, text = quote(
        batch.judged_texts, message, found.start[keep].astype(np.int64), found.end[keep].astype(np.int64)
    )
    columns = {
        "conversation_id": _names(batch.unit_conv[unit], _ids(batch)),
        "agent": _names(batch.unit_agent[unit], batch.agents),
        "rule_id": _names(found.rule[keep].astype(np.int64), [rule.id for rule in rulebook.rules]),
        "kind": _names(found.kind[keep].astype(np.int64), list(EVIDENCE_NAMES)),
        "seq": (message - batch.conv_start[batch.conv[message]]).astype(np.int32),
        "start": start.astype(np.int32),
        "end": end.astype(np.int32),
        "text": text,
        "note": _names(found.note[keep].astype(np.int64), found.notes),
    }
    return _table(columns, EVIDENCE)


def _grades(score: Floats, prices: Prices) -> Ints:
    """Number of each score's grade, -1 without a score."""
    least = np.array([minimum for _, minimum in prices.scoring.grades])
    reached = score[:, None] >= least
    grade = np.where(reached.any(axis=1), reached.argmax(axis=1), len(least) - 1)
    return np.where(np.isnan(score), -1, grade)


def _ids(batch: Batch) -> pa.Array:
    return batch.transcript.conversations["conversation_id"].combine_chunks()


def _names(codes: Ints, names: list[str] | pa.Array) -> pa.Array:
    """A dictionary-encoded column; a negative code is null."""
    dictionary = pa.array(names, pa.string()) if isinstance(names, list) else names
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), dictionary)


def _texts_of_rules(rule: Ints, texts: list[str]) -> pa.Array:
    """The text of each row's rule, each distinct text once in the dictionary."""
    distinct = list(dict.fromkeys(texts))
    code = np.array([distinct.index(text) for text in texts], dtype=np.int64)
    return _names(code[rule], distinct)


def _encode(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks().dictionary_encode().cast(NAMES)


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _times(values: Ints) -> pa.Array:
    return pa.array(values, mask=values == NO_TIME).cast(pa.timestamp("ms", tz="UTC"))


def _table(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    arrays = [columns[field.name] for field in schema]
    return pa.Table.from_arrays(
        [a if isinstance(a, (pa.Array, pa.ChunkedArray)) else pa.array(a) for a in arrays], schema=schema
    )
