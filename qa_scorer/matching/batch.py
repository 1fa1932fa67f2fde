"""A batch of whole conversations as numpy columns, with everything that is counted along them.

Shapes: n messages, c conversations, u units, t turns. A *unit* is one human agent in one conversation: the bearer of
verdicts. Units are sorted by conversation, then by the agent's first message.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.patterns import Extent, Scope
from qa_scorer.model.words import Kind, Role
from qa_scorer.transcripts.table import TranscriptBatch

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).min
_UNSPOKEN = (Kind.WITHDRAWN, Kind.NOTE, Kind.EVENT)


class Batch:
    """Columns of one TranscriptBatch. ``role`` counts withdrawn messages, notes and events as ``SYSTEM``."""

    def __init__(self, transcript: TranscriptBatch) -> None:
        messages = transcript.messages.combine_chunks()
        self.transcript = transcript
        self.size = messages.num_rows
        codes = messages["conversation_id"].combine_chunks().indices.to_numpy(zero_copy_only=False)
        changes = np.flatnonzero(np.diff(codes)) + 1
        self.conv_start: Ints = (
            np.concatenate(([0], changes, [self.size])) if self.size else np.zeros(1, dtype=np.int64)
        )
        self.conversations = len(self.conv_start) - 1
        self.conv: Ints = np.repeat(np.arange(self.conversations), np.diff(self.conv_start))
        self.kind = messages["kind"].to_numpy()
        self.role = np.where(np.isin(self.kind, _UNSPOKEN), np.int8(Role.SYSTEM), messages["role"].to_numpy())
        self.time: Ints = messages["time"].cast("int64").fill_null(NO_TIME).to_numpy().astype(np.int64, copy=False)
        self._set_units(messages["sender"].combine_chunks())

    def _set_units(self, sender: object) -> None:
        """Number the pairs (conversation, human agent) by first appearance."""
        self.agents: list[str] = sender.dictionary.to_pylist()  # type: ignore[attr-defined]
        codes = sender.indices.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[attr-defined]
        spoken = np.flatnonzero(self.role == Role.AGENT)
        pairs = self.conv[spoken] * max(len(self.agents), 1) + codes[spoken]
        _, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")  # by first message, hence by conversation
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        first_message = spoken[first[order]]
        self.unit: Ints = np.full(self.size, -1, dtype=np.int64)
        self.unit[spoken] = rank[inverse]
        self.unit_conv: Ints = self.conv[first_message]
        self.unit_agent: Ints = codes[first_message]
        self.units = len(first_message)
        self.conv_units: Ints = np.searchsorted(self.unit_conv, np.arange(self.conversations + 1))

    @cached_property
    def texts(self) -> list[str]:
        """The original texts; empty for what is no text (media, withdrawn, notes, events)."""
        texts: list[str] = self.judged_texts.to_pylist()
        return texts

    @cached_property
    def judged_texts(self) -> pa.Array:
        """The original texts as an Arrow array; empty for what is no text, so that it holds no hit."""
        column = self.transcript.messages["text"].combine_chunks()
        return pc.if_else(pa.array(self.kind == Kind.TEXT), column, "")

    @cached_property
    def lengths(self) -> Ints:
        """Code points of each original text, int64 (n,)."""
        lengths: Ints = pc.utf8_length(self.judged_texts).to_numpy().astype(np.int64)
        return lengths

    @cached_property
    def turn(self) -> Ints:
        """Turn number in the batch, int64 (n,). System rows belong to the turn they stand in."""
        role = self.role.astype(np.int64)
        spoken = np.flatnonzero(role != Role.SYSTEM)
        begins = np.zeros(self.size, dtype=np.int64)
        if len(spoken):
            changed = np.flatnonzero((np.diff(role[spoken]) != 0) | (np.diff(self.conv[spoken]) != 0)) + 1
            begins[spoken[changed]] = 1
        begins[self.conv_start[1:-1]] = 1
        # A conversation that opens with system rows opened its turn with them.
        opener = np.searchsorted(spoken, self.conv_start[:-1])
        for_opening = spoken[opener[opener < len(spoken)]]
        late = for_opening[~np.isin(for_opening, self.conv_start[:-1])]
        begins[late] = 0
        return np.cumsum(begins)

    @cached_property
    def _masks(self) -> dict[Scope, Bools]:
        return {}

    def mask(self, scope: Scope) -> Bools:
        """Which messages a scope selects, bool (n,)."""
        known = self._masks.get(scope)
        if known is None:
            chosen = np.zeros(len(Role), dtype=np.bool_)
            chosen[list(scope.role)] = True
            known = everyone = chosen[self.role]
            if scope.first is not None:
                known = known & self._within(everyone, scope.first, from_start=True)
            if scope.last is not None:
                known = known & self._within(everyone, scope.last, from_start=False)
            self._masks[scope] = known
        return known

    def _within(self, chosen: Bools, extent: Extent, *, from_start: bool) -> Bools:
        """Of the chosen messages, those in the first (or last) extent of their conversation."""
        rows = np.flatnonzero(chosen)
        result = np.zeros(self.size, dtype=np.bool_)
        if not len(rows):
            return result
        conv = self.conv[rows]
        if extent.unit == "second":
            edge = self.started[conv] if from_start else self.ended[conv]
            known = (self.time[rows] != NO_TIME) & (edge != NO_TIME)
            result[rows] = known & (np.abs(self.time[rows] - edge) <= extent.count * 1000)
            return result
        if extent.unit == "turn":
            step = np.concatenate(([1], (np.diff(self.turn[rows]) != 0).astype(np.int64)))
        else:
            step = np.ones(len(rows), dtype=np.int64)
        count = np.cumsum(step)
        ends = np.cumsum(np.bincount(conv, minlength=self.conversations))
        if from_start:
            begins = np.concatenate(([0], ends[:-1]))
            result[rows] = count - count[begins[conv]] < extent.count
        else:
            result[rows] = count[ends[conv] - 1] - count < extent.count
        return result

    @cached_property
    def started(self) -> Ints:
        """Time of each conversation's first timed message, epoch ms or NO_TIME, int64 (c,)."""
        filled = np.where(self.time == NO_TIME, np.iinfo(np.int64).max, self.time)
        first = np.minimum.reduceat(filled, self.conv_start[:-1]) if self.conversations else filled
        return np.where(first == np.iinfo(np.int64).max, NO_TIME, first)

    @cached_property
    def ended(self) -> Ints:
        """Time of each conversation's last timed message, epoch ms or NO_TIME, int64 (c,)."""
        return np.maximum.reduceat(self.time, self.conv_start[:-1]) if self.conversations else self.time

    @cached_property
    def first_unit(self) -> Ints:
        """Unit of the first human agent message of each conversation, -1 without one, int64 (c,)."""
        rows = np.flatnonzero(self.unit >= 0)
        return self._unit_at(rows, np.searchsorted(self.conv[rows], np.arange(self.conversations)))

    @cached_property
    def last_unit(self) -> Ints:
        """Unit of the last human agent message of each conversation, -1 without one, int64 (c,)."""
        rows = np.flatnonzero(self.unit >= 0)
        return self._unit_at(rows, np.searchsorted(self.conv[rows], np.arange(self.conversations), side="right") - 1)

    def _unit_at(self, rows: Ints, position: Ints) -> Ints:
        result = np.full(self.conversations, -1, dtype=np.int64)
        inside = (position >= 0) & (position < len(rows))
        unit = self.unit[rows[position[inside]]]
        own = self.unit_conv[unit] == np.flatnonzero(inside)
        result[np.flatnonzero(inside)[own]] = unit[own]
        return result

    @cached_property
    def answering_unit(self) -> Ints:
        """The human agent on duty at each message: who speaks (next), else who spoke last; -1 without any, int64 (n,)."""
        rows = np.flatnonzero(self.unit >= 0)
        if not len(rows):
            return np.full(self.size, -1, dtype=np.int64)
        place = np.searchsorted(rows, np.arange(self.size))
        after, before = rows[np.minimum(place, len(rows) - 1)], rows[np.maximum(place - 1, 0)]
        unit = np.where((place < len(rows)) & (self.conv[after] == self.conv), self.unit[after], -1)
        return np.where((unit < 0) & (self.conv[before] == self.conv), self.unit[before], unit)

    @cached_property
    def waits(self) -> Waits:
        """When customers waited, and how long."""
        return find_waits(self)


@dataclass(frozen=True, slots=True)
class Waits:
    """Every wait for a human answer, in columns of equal length, in order, and the figures made of them.

    A wait begins with the customer's first message that no human agent has answered yet and ends with the next
    human agent message; a customer who is never answered does not end the wait, so it is not counted here.
    ``seconds`` is NaN where a time is missing. Figures are seconds, NaN when there are none: per conversation (c,) and,
    with ``unit_``, per unit (u,), each wait belonging to the unit that ended it.
    """

    begin: Ints  # message
    end: Ints  # message
    seconds: Floats
    first_response_s: Floats
    mean_response_s: Floats
    longest_wait_s: Floats
    handle_s: Floats
    unit_first_response_s: Floats
    unit_mean_response_s: Floats
    unit_longest_wait_s: Floats
    unit_handle_s: Floats


def find_waits(batch: Batch) -> Waits:
    """Pair every unanswered customer message with the human answer to it."""
    human = np.flatnonzero((batch.role == Role.CUSTOMER) | (batch.unit >= 0))
    is_customer = batch.role[human] == Role.CUSTOMER
    conv = batch.conv[human]
    opens = np.ones(len(human), dtype=np.bool_)
    opens[1:] = (np.diff(conv) != 0) | ~is_customer[:-1]
    begin_at = np.flatnonzero(is_customer & opens)
    is_agent = np.flatnonzero(~is_customer)
    place = np.searchsorted(is_agent, begin_at)
    answered = place < len(is_agent)
    begin_at, end_at = begin_at[answered], is_agent[place[answered]]
    same = conv[begin_at] == conv[end_at]
    begin, end = human[begin_at[same]], human[end_at[same]]
    timed = (batch.time[begin] != NO_TIME) & (batch.time[end] != NO_TIME)
    seconds = np.where(timed, (batch.time[end] - batch.time[begin]) / 1000.0, np.nan)
    seconds = np.where(seconds < 0, np.nan, seconds)
    by_conv = _figures(batch.conv[begin], seconds, batch.conversations)
    by_unit = _figures(batch.unit[end], seconds, batch.units)
    return Waits(begin, end, seconds, *by_conv, _conversation_length(batch), *by_unit, _unit_length(batch))


def _figures(group: Ints, seconds: Floats, groups: int) -> tuple[Floats, Floats, Floats]:
    """First, mean and longest per group; the first wait of a group counts even if its time is unknown."""
    first, mean, longest = (np.full(groups, np.nan) for _ in range(3))
    numbers, position = np.unique(group, return_index=True)
    first[numbers] = seconds[position]
    known = ~np.isnan(seconds)
    count = np.bincount(group[known], minlength=groups)
    total = np.bincount(group[known], weights=seconds[known], minlength=groups)
    np.divide(total, count, out=mean, where=count > 0)
    np.fmax.at(longest, group[known], seconds[known])
    return first, mean, longest


def _conversation_length(batch: Batch) -> Floats:
    known = (batch.started != NO_TIME) & (batch.ended != NO_TIME)
    return np.where(known, (batch.ended - np.where(known, batch.started, batch.ended)) / 1000.0, np.nan)


def _unit_length(batch: Batch) -> Floats:
    """From a unit's first to its last message."""
    rows = np.flatnonzero((batch.unit >= 0) & (batch.time != NO_TIME))
    first = np.full(batch.units, np.inf)
    last = np.full(batch.units, -np.inf)
    np.minimum.at(first, batch.unit[rows], batch.time[rows])
    np.maximum.at(last, batch.unit[rows], batch.time[rows])
    length = (last - first) / 1000.0
    return np.where(np.isfinite(length), length, np.nan)
