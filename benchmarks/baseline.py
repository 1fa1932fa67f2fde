"""The straightforward scorer: what a good developer writes with pandas, re, RapidFuzz and jieba, message by message.

It gives the verdicts of a rulebook by their plain definitions, one conversation, one rule and one pattern after the
other, and knows nothing of columns, automata or memory. ``python -m benchmarks`` holds the tool against it: the same
verdicts, in how much less time. Dates of an export's columns and figures of time are no part of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import jieba
import pandas as pd
from rapidfuzz import fuzz

from benchmarks.plain_text import PlainText
from qa_scorer.checks.bearers import responsible_for
from qa_scorer.checks.guards import is_negated, is_quoted
from qa_scorer.matching import fuzzy
from qa_scorer.matching.index import MIN_SPACED
from qa_scorer.matching.normalise import normalise
from qa_scorer.matching.patternset import compile_regex
from qa_scorer.model import checks as models
from qa_scorer.model.patterns import (
    AllOf,
    AnyOf,
    Condition,
    ConditionTree,
    Extent,
    Fuzzy,
    Guard,
    ListRef,
    Literal,
    Near,
    Negated,
    Not,
    Pattern,
    PatternRef,
    Quoted,
    Regex,
    Said,
    Scope,
)
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import Kind, Responsible, Role, Verdict

Span = tuple[int, int]
Verdicts = dict[tuple[str, str, str], str]
"""(conversation, agent, rule) → verdict."""

JUDGED = (models.Require, models.Forbid, models.Count, models.Ratio, models.Follow, models.Order, models.Length,
          models.Repeat, models.Answer, models.Logic)  # fmt: skip
_UNSPOKEN = (Kind.WITHDRAWN, Kind.NOTE, Kind.EVENT)


@dataclass(frozen=True)
class Hit:
    """A span of a message that a condition hit, and the number of the guard that forgives it (-1: none)."""

    message: int
    start: int
    end: int
    excuse: int


class Baseline:
    """Judges conversations one at a time. Regexes are compiled and phrases normalised once, as anybody would."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rules = [rule for rule in rulebook.rules if isinstance(rule.check, JUDGED)]
        self._lists = {name: entry.patterns for name, entry in rulebook.lists.items()}
        self._compiled: dict[str, object] = {}
        self._forms: dict[str, str] = {}

    def judge(self, messages: pd.DataFrame) -> Verdicts:
        """The verdicts of all conversations; columns as in ``transcripts.table.MESSAGES``."""
        verdicts: Verdicts = {}
        for name, rows in messages.groupby("conversation_id", sort=False, observed=True):
            chat = Chat(self, rows)
            for rule in self.rules:
                for agent, verdict in chat.judge(rule).items():
                    verdicts[str(name), agent, rule.id] = verdict.name.lower()
        return verdicts

    def patterns(self, refs: Sequence[PatternRef]) -> Iterator[Pattern]:
        """The patterns behind references."""
        for ref in refs:
            yield from self._lists[ref.name] if isinstance(ref, ListRef) else (ref,)

    def find(self, pattern: Pattern, text: PlainText) -> Iterator[Span]:
        """Where a pattern stands in a message, as spans of the original."""
        if isinstance(pattern, Regex):
            if pattern.regex not in self._compiled:
                self._compiled[pattern.regex] = compile_regex(pattern.regex)
            for found in self._compiled[pattern.regex].finditer(text.encoded):  # type: ignore[attr-defined]
                start, end = (len(text.encoded[:place].decode()) for place in found.span())
                if end > start:
                    yield text.clean_origin[start], text.clean_origin[end - 1] + 1
            return
        source = (
            pattern.text if isinstance(pattern, Literal) else getattr(pattern, "fuzzy", getattr(pattern, "word", ""))
        )
        if source not in self._forms:
            [self._forms[source]] = normalise([source])
        form, bare, origin = self._forms[source], text.bare, text.bare_origin
        if isinstance(pattern, Fuzzy):
            span = fuzzy.find_fuzzy(form, bare, pattern.min)
            if span is not None:
                yield origin[span[0]], origin[span[1] - 1] + 1
            return
        place = bare.find(form)
        while place >= 0:
            first, last = text.bare_in_clean[place], text.bare_in_clean[place + len(form) - 1]
            solid = last - first + 1 == len(form)
            if isinstance(pattern, Literal):
                right = solid or len(form) >= MIN_SPACED
            else:
                right = solid and {first, last + 1} <= text.borders
            if right:
                yield origin[place], origin[place + len(form) - 1] + 1
            place = bare.find(form, place + 1)


class Chat:
    """One conversation."""

    def __init__(self, baseline: Baseline, rows: pd.DataFrame) -> None:
        self.base = baseline
        kinds = rows["kind"].tolist()
        self.kinds = kinds
        self.roles = [
            Role.SYSTEM if kind in _UNSPOKEN else Role(role)
            for kind, role in zip(kinds, rows["role"].tolist(), strict=True)
        ]
        self.senders = [str(sender) for sender in rows["sender"].tolist()]
        self.times = [None if pd.isna(time) else time.timestamp() for time in rows["time"]]
        self.texts = [
            PlainText(text if kind == Kind.TEXT else "") for text, kind in zip(rows["text"], kinds, strict=True)
        ]
        spoken = [row for row, role in enumerate(self.roles) if role is Role.AGENT]
        self.agents = list(dict.fromkeys(self.senders[row] for row in spoken))
        self.agent_rows = spoken

    @cached_property
    def turns(self) -> list[int]:
        """The number of each message's turn; what the system says belongs to the turn it stands in."""
        turns, turn, last = [], 0, None
        for role in self.roles:
            if role is not Role.SYSTEM:
                turn += last is not None and role is not last
                last = role
            turns.append(turn)
        return turns

    def in_scope(self, scope: Scope) -> list[int]:
        """The messages that a scope selects."""
        rows = [row for row, role in enumerate(self.roles) if role in scope.role]
        chosen = set(rows)
        if scope.first is not None:
            chosen &= set(self._near_edge(rows, scope.first, 1))
        if scope.last is not None:
            chosen &= set(self._near_edge(rows[::-1], scope.last, -1))
        return sorted(chosen)

    def _near_edge(self, rows: list[int], extent: Extent, step: int) -> list[int]:
        if extent.unit == "second":
            timed = [time for time in self.times if time is not None]
            edge = (timed[0] if step > 0 else timed[-1]) if timed else None
            near = [(row, self.times[row]) for row in rows]
            return [row for row, time in near if edge is not None and time is not None
                    and abs(time - edge) <= extent.count]  # fmt: skip
        if extent.unit == "message":
            return rows[: int(extent.count)]
        turns = list(dict.fromkeys(self.turns[row] for row in rows))[: int(extent.count)]
        return [row for row in rows if self.turns[row] in turns]

    def spans(self, refs: Sequence[PatternRef], row: int) -> list[Span]:
        """Every occurrence of any of the patterns in a message."""
        return [span for pattern in self.base.patterns(refs) for span in self.base.find(pattern, self.texts[row])]

    def find(self, condition: Condition, rows: Sequence[int] | None = None) -> list[Hit]:
        """The hits of a condition; overlapping ones with the same excuse are one."""
        hits = []
        for row in self.in_scope(condition.scope) if rows is None else rows:
            found = self.spans(condition.any, row) if condition.any else [(0, len(self.texts[row].original))]
            excused = [(self._excuse(condition.except_, row, *span), *span) for span in found]
            for number in dict.fromkeys(sorted(excuse for excuse, _, _ in excused)):
                hits += [Hit(row, *span, number) for span in merged([(s, e) for x, s, e in excused if x == number])]
        return sorted(hits, key=lambda hit: (hit.message, hit.start))

    def counted(self, condition: Condition, rows: Sequence[int] | None = None) -> list[Hit]:
        """The hits that no guard forgives."""
        return [hit for hit in self.find(condition, rows) if hit.excuse < 0]

    def _excuse(self, guards: Sequence[Guard], row: int, start: int, end: int) -> int:
        return next((n for n, guard in enumerate(guards) if self._forgives(guard, row, start, end)), -1)

    def _forgives(self, guard: Guard, row: int, start: int, end: int) -> bool:
        text = self.texts[row].original
        if isinstance(guard, Near):
            scope = Scope(role=(self.roles[row],))
            window = self._after(row, scope, guard.within)
            if guard.within.unit == "turn":
                window = [other for other in self.in_scope(scope) if self.turns[other] == self.turns[row]]
            return any(self.spans(guard.near, other) for other in window)
        if isinstance(guard, Said):
            return self._said_before(guard.said, row, text[start:end])
        if isinstance(guard, Negated):
            return is_negated(text[:start], guard.within)
        if isinstance(guard, Quoted):
            by_customer = guard.quoted == "any" or self._said_before(Role.CUSTOMER, row, text[start:end])
            return by_customer and is_quoted(text, start, end)
        return any(first < end and last > start for first, last in self.spans((guard,), row))

    def _said_before(self, role: Role, row: int, words: str) -> bool:
        earlier = zip(self.roles[:row], self.texts[:row], strict=True)
        return any(said is role and words.lower() in text.original.lower() for said, text in earlier)

    def _after(self, row: int, scope: Scope, within: Extent) -> list[int]:
        """The messages of the scope within the extent after a message; itself, when it is of the scope."""
        rows = self.in_scope(scope)
        following = [other for other in rows if other >= row]
        if within.unit == "second":
            start = self.times[row]
            timed = [(other, self.times[other]) for other in following]
            late = itertools.takewhile(
                lambda entry: start is not None and entry[1] is not None and entry[1] <= start + within.count, timed
            )
            return [other for other, _ in late]
        if within.unit == "turn":
            turns = list(dict.fromkeys(self.turns[other] for other in following))[: int(within.count)]
            return [other for other in following if self.turns[other] in turns]
        return following[: int(within.count) + (row in rows)]

    def holds(self, tree: ConditionTree) -> bool:
        """Whether a tree of conditions holds. A column of the export is not looked at and does not hold."""
        if isinstance(tree, AllOf):
            return all(map(self.holds, tree.all))
        if isinstance(tree, AnyOf):
            return any(map(self.holds, tree.any))
        if isinstance(tree, Not):
            return not self.holds(tree.negate)
        return isinstance(tree, Condition) and bool(self.counted(tree))

    def bearer(self, who: Responsible, row: int) -> str:
        """The agent who answers for a message."""
        if who is Responsible.OPENER:
            return self.senders[self.agent_rows[0]]
        if who is Responsible.CLOSER:
            return self.senders[self.agent_rows[-1]]
        later = [other for other in self.agent_rows if other >= row]
        return self.senders[later[0] if later else self.agent_rows[-1]]

    def judge(self, rule: Rule) -> dict[str, Verdict]:
        """The verdict of each agent whom the rule concerns."""
        if not self.agents:
            return {}
        verdicts = getattr(self, f"_{type(rule.check).__name__.lower()}")(rule.check, rule)
        if rule.when is not None and not self.holds(rule.when):
            return dict.fromkeys(verdicts, Verdict.NOT_APPLICABLE)
        return verdicts

    def _concerned(self, who: Responsible) -> list[str]:
        return self.agents if who is Responsible.SPEAKER else [self.bearer(who, 0)]

    def _hits(self, condition: Condition, who: Responsible) -> dict[str, int]:
        count = dict.fromkeys(self._concerned(who), 0)
        for hit in self.counted(condition):
            agent = self.bearer(who, hit.message)
            count[agent] = count.get(agent, 0) + 1
        return {agent: count[agent] for agent in self._concerned(who)}

    def _require(self, check: models.Require, rule: Rule) -> dict[str, Verdict]:
        count = self._hits(check.condition, responsible_for(rule, check.condition.scope))
        return {agent: passed(hits > 0) for agent, hits in count.items()}

    def _forbid(self, check: models.Forbid, rule: Rule) -> dict[str, Verdict]:
        count = self._hits(check.condition, responsible_for(rule, check.condition.scope))
        return {agent: passed(not hits) for agent, hits in count.items()}

    def _count(self, check: models.Count, rule: Rule) -> dict[str, Verdict]:
        who = responsible_for(rule, check.condition.scope)
        verdicts = {}
        for agent, hits in self._hits(check.condition, who).items():
            rows = [row for row in self.in_scope(check.condition.scope) if self.bearer(who, row) == agent]
            base = {
                "conversation": 1.0,
                "message": len(rows),
                "100 characters": sum(len(self.texts[row].bare) for row in rows) / 100,
            }[check.per]
            verdicts[agent] = passed(within(hits / base if base else 0.0, check.at_least, check.at_most))
        return verdicts

    def _ratio(self, check: models.Ratio, rule: Rule) -> dict[str, Verdict]:
        who = responsible_for(rule, check.condition.scope)
        wanted = self._hits(check.condition, who)
        others = Condition(check.of, check.condition.scope, check.condition.except_)
        verdicts = {}
        for agent, unwanted in self._hits(others, who).items():
            both = wanted[agent] + unwanted
            good = within(wanted[agent] / both if both else 0.0, check.at_least, check.at_most)
            verdicts[agent] = passed(good) if both >= check.min_hits else Verdict.NOT_APPLICABLE
        return verdicts

    def _follow(self, check: models.Follow, rule: Rule) -> dict[str, Verdict]:
        who = rule.responsible or Responsible.SPEAKER
        asked, good = dict.fromkeys(self.agents, 0), dict.fromkeys(self.agents, 0)
        for row in dict.fromkeys(hit.message for hit in self.counted(check.when)):
            window = self._after(row, check.then.scope, check.within)
            if window:
                agent = self.bearer(who, row)
                asked[agent] += 1
                good[agent] += bool(self.counted(check.then, window))
        return {
            agent: (passed(good[agent] >= asked[agent] if check.each else good[agent] > 0))
            if asked[agent] else Verdict.NOT_APPLICABLE
            for agent in self.agents
        }  # fmt: skip

    def _order(self, check: models.Order, rule: Rule) -> dict[str, Verdict]:
        verdicts = dict.fromkeys(self.agents, Verdict.NOT_APPLICABLE)
        first, then = self.counted(check.first), self.counted(check.then)
        if then:
            agent = self.bearer(rule.responsible or Responsible.SPEAKER, then[0].message)
            key = (then[0].message, then[0].start)
            verdicts[agent] = passed(bool(first) and (first[0].message, first[0].start) <= key)
        return verdicts

    def _length(self, check: models.Length, rule: Rule) -> dict[str, Verdict]:
        assert check.unit == "message", "sentences are no part of the baseline"
        who = responsible_for(rule, check.scope)
        sizes: dict[str, list[bool]] = {agent: [] for agent in self._concerned(who)}
        for row in self.in_scope(check.scope):
            if self.kinds[row] == Kind.TEXT and self.texts[row].clean:
                good = within(len(self.texts[row].clean), check.at_least, check.at_most)
                sizes.setdefault(self.bearer(who, row), []).append(good)
        return {
            agent: passed(sum(good) >= check.share * len(good)) if good else Verdict.NOT_APPLICABLE
            for agent, good in sizes.items()
        }

    def _repeat(self, check: models.Repeat, rule: Rule) -> dict[str, Verdict]:
        verdicts = {}
        for agent in self._concerned(responsible_for(rule, check.scope)):
            texts = []
            for row in self.in_scope(check.scope):
                own = self.roles[row] is Role.AGENT and self.senders[row] == agent
                if own and len(self.texts[row].bare) >= check.min_characters:
                    if check.except_ and not self.counted(Condition((), check.scope, check.except_), [row]):
                        continue
                    texts.append(self.texts[row].bare)
            often = [sum(fuzz.ratio(one, other) >= check.similarity for other in texts) for one in texts]
            verdicts[agent] = passed(not any(count >= check.times for count in often))
        return verdicts

    def _answer(self, check: models.Answer, rule: Rule) -> dict[str, Verdict]:
        verdicts = {self.senders[self.agent_rows[-1]]: Verdict.NOT_APPLICABLE}
        questions = self.counted(Condition(check.any, Scope(role=(Role.CUSTOMER,)), check.except_))
        if questions:
            asked = questions[-1].message
            answered = any(
                self.kinds[row] == Kind.MEDIA or self._said_beyond(check, row) >= check.at_least
                for row in self.agent_rows if row > asked
            )  # fmt: skip
            verdicts[self.bearer(rule.responsible or Responsible.ANSWERER, asked)] = passed(answered)
        return verdicts

    def _said_beyond(self, check: models.Answer, row: int) -> int:
        covered = merged(self.spans(check.beyond, row)) if check.beyond else []
        return len(self.texts[row].bare) - sum(end - start for start, end in covered)

    def _logic(self, check: models.Logic, rule: Rule) -> dict[str, Verdict]:
        agent = self.bearer(rule.responsible or Responsible.CLOSER, 0)
        return {agent: passed(self.holds(check.tree))}


def passed(good: bool) -> Verdict:
    """Pass or fail."""
    return Verdict.PASS if good else Verdict.FAIL


def within(figure: float, at_least: float | None, at_most: float | None) -> bool:
    """The figure keeps the bounds that are given."""
    return (at_least is None or figure >= at_least) and (at_most is None or figure <= at_most)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Stretches of overlapping spans, in order."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def warm_up() -> None:
    """Load jieba's dictionary, which is no part of anybody's speed."""
    jieba.initialize()
