"""Conditions on a batch: what was found in scope, what was excused, and which conversations hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.checks.found import Found, merge_overlapping
from qa_scorer.checks.guards import forgiven_by_text, is_quoted, needs_the_chat
from qa_scorer.checks.plan import Plan
from qa_scorer.checks.remembered import Remembered
from qa_scorer.checks.windows import windows_after
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.index import Spans
from qa_scorer.matching.search import Search
from qa_scorer.model.patterns import (
    AllOf,
    AnyOf,
    Condition,
    ConditionTree,
    Field,
    Guard,
    Near,
    Not,
    PatternRef,
    Quoted,
    Said,
    Scope,
)
from qa_scorer.model.words import Role

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Evaluator:
    """One batch seen through one plan. Answers are cached: rules share lists, scopes and conditions."""

    def __init__(self, batch: Batch, plan: Plan) -> None:
        self.batch = batch
        self.plan = plan
        self.search = Search(plan.index, batch.judged_texts)
        self._found: dict[Condition, Found] = {}
        self._texts: dict[int, tuple[Bools, Bools]] = {}

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
        guards = condition.except_
        found = self._of_texts(condition.any, guards, mask)
        if any(map(needs_the_chat, guards)):
            for number, guard in enumerate(guards):
                if needs_the_chat(guard):
                    rows = np.flatnonzero((found.excuse < 0) | (found.excuse > number))
                    forgiven = self._forgiven(guard, found.message[rows], found.start[rows], found.end[rows])
                    found.excuse[rows[forgiven]] = number
            found = merge_overlapping(found)
        self.note_excused(found.message, found.excuse, guards)
        return found

    def excuse(self, message: Ints, start: Ints, end: Ints, guards: tuple[Guard, ...]) -> Ints:
        """For each span the number of the first guard that forgives it, -1 without one."""
        excuse = np.full(len(message), -1, dtype=np.int64)
        for number, guard in enumerate(guards):
            rows = np.flatnonzero(excuse < 0)
            if not len(rows):
                break
            forgiven = self._forgiven(guard, message[rows], start[rows], end[rows])
            excuse[rows[forgiven]] = number
        self.note_excused(message, excuse, guards)
        return excuse

    def note_excused(self, message: Ints, excuse: Ints, guards: tuple[Guard, ...]) -> None:
        """Called with the spans that were weighed against guards; for those who count what guards do."""

    def spans(self, refs: tuple[PatternRef, ...], allowed: Bools) -> Spans:
        """Where any of the patterns stands in the allowed messages (bool, n); overlapping occurrences are one."""
        found = self._of_texts(refs, (), allowed) if refs else Spans.none()
        return Spans(found.message, found.start, found.end)

    def hit_messages(self, refs: tuple[PatternRef, ...], allowed: Bools) -> Bools:
        """Allowed messages in which any of the patterns stands, bool (n,)."""
        return self._mask(self.spans(refs, allowed).message)

    def recall(self, key: Hashable, mask: Bools, look: Callable[[Bools], Found]) -> Found:
        """What stands in the chosen messages (bool, n), by message and start. ``look`` finds it in the texts of the search
        (bool, t) that ``key`` was not asked for yet; its answer's ``message`` is a text."""
        search = self.search
        known = search.index.remembered(key, Remembered)
        chosen = self._texts_of(mask)
        unknown = known.unknown(search.numbers) & chosen
        if unknown.any():
            found = look(unknown)
            numbers = search.numbers
            known.learn(numbers[unknown], Found(numbers[found.message], found.start, found.end, found.excuse))
        # Few texts hold anything, so the messages that do are picked before anything is looked up for each.
        messages = search.messages_with(known.holds(search.numbers) & chosen)
        messages = messages[mask[messages]]
        position, start, end, excuse = known.of(search.number_of[messages])
        return Found(messages[position], start, end, excuse)

    def _texts_of(self, mask: Bools) -> Bools:
        """The texts of the search that the messages of a mask hold; those of a scope are looked up once."""
        known = self._texts.get(id(mask))
        if known is None:
            # The mask is kept with them, so that no other can take its identity.
            known = self._texts[id(mask)] = mask, self.search.texts_of(mask)
        return known[1]

    def _of_texts(self, refs: tuple[PatternRef, ...], guards: tuple[Guard, ...], mask: Bools) -> Found:
        """The hits in the chosen messages and the first guard of those that the text decides. Overlapping hits are merged
        unless guards remain to be tried."""
        return self.recall((refs, guards), mask, lambda texts: self._look(refs, guards, texts))

    def _look(self, refs: tuple[PatternRef, ...], guards: tuple[Guard, ...], chosen: Bools) -> Found:
        """The same in the chosen texts of the search (bool, t); ``message`` is a text."""
        search = self.search
        if refs:
            spans = search.find(self.plan.numbers(refs), chosen)
        else:
            text = np.flatnonzero(chosen)
            spans = Spans(text, np.zeros(len(text), dtype=np.int64), search.sizes[text])
        excuse = np.full(len(spans.message), -1, dtype=np.int64)
        for number, guard in enumerate(guards):
            rows = np.flatnonzero(excuse < 0)
            if not len(rows) or needs_the_chat(guard):
                continue
            where = spans.message[rows], spans.start[rows], spans.end[rows]
            excuse[rows[forgiven_by_text(guard, search, self.plan, *where)]] = number
        found = Found(spans.message, spans.start, spans.end, excuse)
        return found if any(map(needs_the_chat, guards)) else merge_overlapping(found)

    def _mask(self, messages: Ints) -> Bools:
        result = np.zeros(self.batch.size, dtype=np.bool_)
        result[messages] = True
        return result

    def _forgiven(self, guard: Guard, message: Ints, start: Ints, end: Ints) -> Bools:
        if not needs_the_chat(guard):
            return forgiven_by_text(guard, self.search, self.plan, self.search.text[message], start, end)
        if isinstance(guard, Near):
            return self._near(guard, message)
        assert isinstance(guard, (Said, Quoted))
        spans = zip(message.tolist(), start.tolist(), end.tolist(), strict=True)
        if isinstance(guard, Said):
            return np.array([self._said_before(guard.said, *span) for span in spans], dtype=np.bool_)
        quoted = [is_quoted(self._text(at), begin, stop) for at, begin, stop in zip(
            message.tolist(), start.tolist(), end.tolist(), strict=True)]  # fmt: skip
        return np.array(
            [quote and self._said_before(Role.CUSTOMER, *span) for quote, span in zip(quoted, spans, strict=True)],
            dtype=np.bool_,
        )

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

    def _said_before(self, role: Role, message: int, start: int, end: int) -> bool:
        batch = self.batch
        said = self._text(message)[start:end].lower()
        earlier = range(int(batch.conv_start[batch.conv[message]]), message)
        return any(batch.role[row] == role and said in self._text(row).lower() for row in earlier)

    def _text(self, message: int) -> str:
        return self.search.original(int(self.search.text[message]))

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
