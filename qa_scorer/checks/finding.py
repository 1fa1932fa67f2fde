"""Conditions on a batch: what was found in scope, what was excused, and which conversations hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.checks.plan import Plan
from qa_scorer.checks.windows import windows_after
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.search import Search, Spans
from qa_scorer.model.patterns import (
    AllOf,
    AnyOf,
    Condition,
    ConditionTree,
    Field,
    Fuzzy,
    Guard,
    ListRef,
    Literal,
    Near,
    Negated,
    Not,
    PatternRef,
    Quoted,
    Regex,
    Said,
    Scope,
    Word,
)
from qa_scorer.model.words import Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_QUOTES = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|‘[^’]*’|\"[^\"]*\"|【[^】]*】")
_NEGATION = re.compile(r"不(?!过|仅|但|管|止|光|只|用说|好意思)|没|無|无法|无需|别|勿|未|非|莫|甭|拒绝|避免|防止|禁止")
_CLAUSE_END = re.compile(r"[，,。.！!？?；;：:\s]")


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of a condition in its scope, in columns, sorted by message and start. ``excuse`` is the number of the guard
    that forgives the hit, -1 where none does. Overlapping hits of several patterns are one."""

    message: Ints
    start: Ints
    end: Ints
    excuse: Ints

    @property
    def counted(self) -> Bools:
        """Hits that stand, bool."""
        return self.excuse < 0

    def messages(self) -> Ints:
        """Distinct messages with a hit that stands."""
        messages = self.message[self.counted]
        distinct: Ints = messages[np.diff(messages, prepend=-1) != 0]
        return distinct


class Evaluator:
    """One batch seen through one plan. Answers are cached: rules share lists, scopes and conditions."""

    def __init__(self, batch: Batch, plan: Plan) -> None:
        self.batch = batch
        self.plan = plan
        self._search = Search(plan.index, batch.judged_texts)
        self._found: dict[Condition, Found] = {}

    def find(self, condition: Condition) -> Found:
        """All hits of ``any`` in the scope, with their excuses; every message of the scope when ``any`` is empty."""
        known = self._found.get(condition)
        if known is None:
            known = self._find(condition, self.batch.mask(condition.scope))
            self._found[condition] = known
        return known

    def find_among(self, condition: Condition, allowed: Bools) -> Found:
        """The same in the allowed messages only (bool, n): where few matter, the others need no search."""
        return self._find(condition, self.batch.mask(condition.scope) & allowed)

    def _find(self, condition: Condition, mask: Bools) -> Found:
        if not condition.any:
            message = np.flatnonzero(mask)
            start, end = np.zeros(len(message), dtype=np.int64), self.batch.lengths[message]
        else:
            spans = self.spans(condition.any, mask)
            message, start, end = spans.message, spans.start, spans.end
        excuse = self.excuse(message, start, end, condition.except_)
        return merge_overlapping(Found(message, start, end, excuse))

    def excuse(self, message: Ints, start: Ints, end: Ints, guards: tuple[Guard, ...]) -> Ints:
        """For each span the number of the first guard that forgives it, -1 without one."""
        excuse = np.full(len(message), -1, dtype=np.int64)
        for number, guard in enumerate(guards):
            rows = np.flatnonzero(excuse < 0)
            if not len(rows):
                break
            forgiven = self._excused(guard, message[rows], start[rows], end[rows])
            excuse[rows[forgiven]] = number
        return excuse

    def spans(self, refs: tuple[PatternRef, ...], allowed: Bools) -> Spans:
        """Every occurrence of the patterns in the allowed messages (bool, n), overlapping ones too."""
        return self._search.find(self.plan.numbers(refs), allowed)

    def hit_messages(self, refs: tuple[PatternRef, ...], allowed: Bools) -> Bools:
        """Allowed messages in which any of the patterns stands, bool (n,)."""
        return self._mask(self.spans(refs, allowed).message)

    def _mask(self, messages: Ints) -> Bools:
        result = np.zeros(self.batch.size, dtype=np.bool_)
        result[messages] = True
        return result

    def _excused(self, guard: Guard, message: Ints, start: Ints, end: Ints) -> Bools:
        if isinstance(guard, (Literal, Word, Regex, Fuzzy, ListRef)):
            other = self.spans((guard,), self._mask(message))
            return overlaps(message, start, end, other)
        if isinstance(guard, Near):
            return self._near(guard, message)
        if isinstance(guard, Quoted):
            whole = zip(message.tolist(), start.tolist(), end.tolist(), strict=True)
            return np.array([self._quoted(guard, *span) for span in whole], dtype=np.bool_)
        if isinstance(guard, Said):
            whole = zip(message.tolist(), start.tolist(), end.tolist(), strict=True)
            return np.array([self._said_before(guard.said, *span) for span in whole], dtype=np.bool_)
        assert isinstance(guard, Negated)
        texts = self.batch.texts
        begins = zip(message.tolist(), start.tolist(), strict=True)
        return np.array([_negated(texts[at][:begin], guard.within) for at, begin in begins], dtype=np.bool_)

    def _near(self, guard: Near, messages: Ints) -> Bools:
        """Which messages have a pattern of the guard in them or within the extent after them, by the same role."""
        batch = self.batch
        result = np.zeros(len(messages), dtype=np.bool_)
        for role in np.unique(batch.role[messages]).tolist():
            own = np.flatnonzero(batch.role[messages] == role)
            scope = Scope(role=(Role(role),))
            windows = windows_after(batch, messages[own], scope, guard.within)
            if guard.within.unit == "turn":  # a turn is read as a whole
                wanted = np.isin(batch.turn, batch.turn[messages[own]]) & batch.mask(scope)
                turns = np.unique(batch.turn[self.spans(guard.near, wanted).message])
                result[own] = np.isin(batch.turn[messages[own]], turns)
                continue
            hit = self.spans(guard.near, self._mask(windows.members()[1])).message
            result[own] = windows.count(np.unique(hit)) > 0
        return result

    def _quoted(self, guard: Quoted, message: int, start: int, end: int) -> bool:
        text = self.batch.texts[message]
        if not any(q.start() <= start and end <= q.end() for q in _QUOTES.finditer(text)):
            return False
        return guard.quoted == "any" or self._said_before(Role.CUSTOMER, message, start, end)

    def _said_before(self, role: Role, message: int, start: int, end: int) -> bool:
        batch = self.batch
        said = batch.texts[message][start:end].lower()
        earlier = range(int(batch.conv_start[batch.conv[message]]), message)
        return any(batch.role[row] == role and said in batch.texts[row].lower() for row in earlier)

    def holds(self, tree: ConditionTree) -> Bools:
        """Conversations in which a tree of conditions holds, bool (c,)."""
        if isinstance(tree, AllOf):
            return reduce(np.logical_and, [self.holds(part) for part in tree.all])
        if isinstance(tree, AnyOf):
            return reduce(np.logical_or, [self.holds(part) for part in tree.any])
        if isinstance(tree, Not):
            return ~self.holds(tree.negate)
        result = np.zeros(self.batch.conversations, dtype=np.bool_)
        if isinstance(tree, Field):
            fulfilled, known = self.compare(tree)
            return fulfilled & known
        result[self.batch.conv[self.find(tree).messages()]] = True
        return result

    def compare(self, field: Field) -> tuple[Bools, Bools]:
        """(fulfilled, known) per conversation for a column of the export, each bool (c,)."""
        column = self._column(field.field)
        known = column.is_valid().to_numpy(zero_copy_only=False)
        if field.op == "present":
            return known, np.ones_like(known)
        if field.op == "in":
            wanted = field.value if isinstance(field.value, tuple) else (field.value,)
            fulfilled = pc.is_in(column.cast(pa.string()), pa.array([_plain(value) for value in wanted]))
        elif field.op in ("=", "!="):
            fulfilled = pc.equal(column.cast(pa.string()), _plain(field.value, column.type))
            fulfilled = pc.invert(fulfilled) if field.op == "!=" else fulfilled
        else:
            numbers = (
                pc.cast(column, pa.float64(), safe=False) if not pa.types.is_string(column.type) else _numbers(column)
            )
            known = numbers.is_valid().to_numpy(zero_copy_only=False)
            compare = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}[field.op]
            fulfilled = compare(numbers, float(field.value))  # type: ignore[arg-type]
        return fulfilled.fill_null(False).to_numpy(zero_copy_only=False), known

    def _column(self, name: str) -> pa.Array:
        table = self.batch.transcript.conversations
        if name in table.column_names and name != "extra":
            return table[name].combine_chunks()
        pairs = table["extra"].to_pylist()
        return pa.array([dict(row or ()).get(name) for row in pairs], pa.string())


def merge_overlapping(found: Found) -> Found:
    """One hit for each stretch of overlapping hits; excused and counted hits are kept apart."""
    order = np.lexsort((found.end, found.start, found.message, found.excuse))
    message, start, end, excuse = (column[order] for column in (found.message, found.start, found.end, found.excuse))
    if not len(message):
        return found
    # One running maximum serves all groups: each (excuse, message) lies above the one before it.
    fresh = np.concatenate(([True], (np.diff(message) != 0) | (np.diff(excuse) != 0)))
    base = np.cumsum(fresh) * (int(end.max()) + 1)
    reach = np.maximum.accumulate(base + end)
    begins = np.concatenate(([True], (base + start)[1:] >= reach[:-1]))
    firsts = np.flatnonzero(begins)
    merged_end = np.maximum.reduceat(end, firsts)
    merged = Found(message[firsts], start[firsts], merged_end, excuse[firsts])
    back = np.lexsort((merged.start, merged.message))
    return Found(merged.message[back], merged.start[back], merged.end[back], merged.excuse[back])


def overlaps(message: Ints, start: Ints, end: Ints, spans: Spans) -> Bools:
    """Which of the first spans share a character with any of the other spans of the same message."""
    result = np.zeros(len(message), dtype=np.bool_)
    order = np.lexsort((spans.start, spans.message))
    other, other_start, other_end = spans.message[order], spans.start[order], spans.end[order]
    first = np.searchsorted(other, message)
    count = np.searchsorted(other, message, side="right") - first
    span = np.repeat(np.arange(len(message)), count)
    row = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count) + first[span]
    shared = (other_start[row] < end[span]) & (other_end[row] > start[span])
    result[span[shared]] = True
    return result


def _negated(before: str, within: int) -> bool:
    clause = _CLAUSE_END.split(before)[-1]
    return _NEGATION.search(clause, max(0, len(clause) - within - 1)) is not None


def _plain(value: object, kind: pa.DataType | None = None) -> str:
    """A value of the rulebook as the text that a column of that type would show."""
    if isinstance(value, bool) or (kind is not None and pa.types.is_boolean(kind)):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and (kind is None or not pa.types.is_floating(kind)):
        return str(int(value))
    return str(value)


def _numbers(column: pa.Array) -> pa.Array:
    """Numbers where the text is one, null elsewhere."""
    is_number = pc.match_substring_regex(column, r"^\s*-?\d+(\.\d+)?\s*$")
    return pc.utf8_trim_whitespace(pc.if_else(is_number, column, None)).cast(pa.float64())
