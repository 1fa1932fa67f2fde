"""What the reports quote of a run: its findings, each agent's best conversations whole, and the lists of all.

A run of any size is shown in bounded memory: of many findings and conversations the gravest, as many of each agent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.rules import Rulebook
from qa_scorer.results.choosing import evenly, places_in_group
from qa_scorer.results.encoded import codes, names, numbered, places, texts
from qa_scorer.results.failures import Failures, read_failures
from qa_scorer.results.findings import find
from qa_scorer.results.lines import Lines, local_times
from qa_scorer.results.summary import ConversationRow, Excellent
from qa_scorer.results.tables import RunTables

Ints = npt.NDArray[np.int64]

MOST_ROWS = 100_000
"""Conversations in the lists of a run."""
_BEST = 3
_ROW = (
    "conversation_id", "agent", "started_at", "messages", "score", "grade", "passed", "vetoed", "scored", "skip_reason",
    "source",
)  # fmt: skip
_CARD = ("conversation_id", "agent", "score", "agent_messages", "passed")
_VERDICT = ("conversation_id", "agent", "rule_id", "verdict")

Card = tuple[str, str]
"""A conversation and an agent in it."""


class Quoting:
    """``findings`` are those shown, gravest first; ``failed`` and ``conversations`` say how many there are of each agent."""

    def __init__(self, tables: RunTables, rulebook: Rulebook) -> None:
        """Reads what the reports of a run show."""
        failures = read_failures(tables, rulebook)
        shown = failures.gravest_first(failures.to_show())
        listed = _Listed(tables)
        best = _best_cards(tables)
        chats = [failures.conversations.take(np.unique(failures.conversation[shown])), listed.ids]
        chats.append(pa.array([card[0] for cards in best.values() for card in cards], pa.string()))
        lines = Lines(tables, pa.concat_arrays(chats).unique())
        self.findings = find(tables, rulebook, failures, shown, lines)
        self.failed = failures.by_agent()
        self.conversations = listed.by_agent
        self.transcripts = lines.of
        self._rows = listed.rows(_failed_titles(failures, rulebook, listed))
        self._best = _excellent(tables, rulebook, best, lines)

    def best(self, agent: str) -> tuple[Excellent, ...]:
        """The agent's highest scores at or above the pass mark; longer conversations first among equals."""
        return self._best.get(agent, ())

    def rows(self, agent: str) -> tuple[ConversationRow, ...]:
        """The conversations for which the agent is responsible, with the titles of what failed: all, or of many those with
        the lowest scores."""
        return tuple(self._rows.get(agent, ()))


class _Listed:
    """The conversations in the lists: ``ids`` and ``agents`` in the order of the table; ``by_agent`` counts all."""

    def __init__(self, tables: RunTables) -> None:
        table = tables.whole("conversations", _ROW)
        agent = codes(table["agent"])
        own = np.flatnonzero(agent >= 0)
        counts = np.bincount(agent[own], minlength=len(names(table["agent"])))
        self.by_agent: dict[str, int] = dict(zip(names(table["agent"]), counts.tolist(), strict=True))
        lowest_first = np.argsort(table["score"].to_numpy()[own], kind="stable")  # unscored ones are NaN: last
        self._table = table.take(own[evenly(agent[own], lowest_first, MOST_ROWS)])
        self._zone = tables.zone
        self.ids: pa.Array = self._table["conversation_id"].combine_chunks()
        self.agents: list[str] = texts(self._table["agent"])

    def rows(self, failed: Sequence[Sequence[str]]) -> dict[str, list[ConversationRow]]:
        """The lists by agent; ``failed`` are the titles of what failed in each of the conversations."""
        lists: dict[str, list[ConversationRow]] = {}
        columns = {name: texts(self._table[name]) for name in ("conversation_id", "grade", "skip_reason", "source")}
        columns |= {name: self._table[name].to_pylist() for name in ("messages", "score", "passed", "vetoed", "scored")}
        times = local_times(self._table["started_at"], self._zone)
        for at, agent in enumerate(self.agents):
            row = {name: column[at] for name, column in columns.items()}
            scored = row["scored"]
            lists.setdefault(agent, []).append(
                ConversationRow(
                    conversation_id=row["conversation_id"],
                    agent=agent,
                    started_at=times[at],
                    messages=row["messages"],
                    score=row["score"] if scored else None,
                    grade=row["grade"] if scored else "",
                    passed=bool(row["passed"]) if scored else None,
                    vetoed=row["vetoed"],
                    skip_reason=None if scored else row["skip_reason"],
                    failed=tuple(failed[at]),
                    source=row["source"],
                )
            )
        return lists


def _failed_titles(failures: Failures, rulebook: Rulebook, listed: _Listed) -> list[list[str]]:
    """Of each listed conversation the rules in which its agent failed, gravest first."""
    numbers = {name: number for number, name in enumerate(failures.agents)}
    width = len(numbers) + 1
    chat = pc.index_in(listed.ids, value_set=failures.conversations).fill_null(-1).to_numpy().astype(np.int64)
    own = chat * width + np.array([numbers.get(agent, len(numbers)) for agent in listed.agents], dtype=np.int64)
    order = np.argsort(own)
    cards = failures.conversation * width + failures.agent
    rows = failures.gravest_first(np.flatnonzero(np.isin(cards, own)))
    titles: list[list[str]] = [[] for _ in own]
    places = order[np.searchsorted(own[order], cards[rows])]
    for place, rule in zip(places.tolist(), failures.rule[rows].tolist(), strict=True):
        titles[place].append(rulebook.rules[rule].title)
    return titles


def _best_cards(tables: RunTables) -> dict[str, list[tuple[str, float]]]:
    """Of each agent the ids and scores of the best conversations, best first."""
    table = tables.whole("scorecards", _CARD)
    good = np.flatnonzero(table["passed"].fill_null(False).to_numpy())
    table = table.take(good)
    best = np.lexsort((-table["agent_messages"].to_numpy(), -table["score"].to_numpy()))
    few = best[places_in_group(codes(table["agent"])[best]) < _BEST]
    table = table.take(few)
    cards: dict[str, list[tuple[str, float]]] = {}
    columns = (texts(table[name]) for name in ("agent", "conversation_id", "score"))
    for agent, conversation_id, score in zip(*columns, strict=True):
        cards.setdefault(agent, []).append((conversation_id, score))
    return cards


def _excellent(
    tables: RunTables, rulebook: Rulebook, best: dict[str, list[tuple[str, float]]], lines: Lines
) -> dict[str, tuple[Excellent, ...]]:
    ids = [name for cards in best.values() for name, _ in cards]
    fulfilled = titles_fulfilled(tables, rulebook, list(dict.fromkeys(ids)))
    chats = dict(zip(ids, lines.of(ids), strict=True))
    return {
        agent: tuple(
            Excellent(name, agent, score, fulfilled.get((name, agent), ()), chats[name]) for name, score in cards
        )
        for agent, cards in best.items()
    }


def titles_fulfilled(
    tables: RunTables, rulebook: Rulebook, conversations: Sequence[str]
) -> dict[Card, tuple[str, ...]]:
    """What each agent did well in some conversations (distinct ids): the titles of rules that earn something, in the order
    of the rulebook."""
    wanted = pa.array(conversations, pa.string())
    earning = {rule.id: number for number, rule in enumerate(rulebook.rules) if rule.points or rule.bonus}
    passed: dict[Card, set[int]] = {}
    for part in tables.parts("verdicts", _VERDICT):
        rule = numbered(part["rule_id"], earning)
        done = (rule >= 0) & (numbered(part["verdict"], {"pass": 0}) == 0)
        mine = done & (places(part["conversation_id"], wanted) >= 0)
        part = part.filter(mine)
        cards = zip(texts(part["conversation_id"]), texts(part["agent"]), strict=True)
        for card, number in zip(cards, rule[mine].tolist(), strict=True):
            passed.setdefault(card, set()).add(number)
    return {card: tuple(rulebook.rules[number].title for number in sorted(done)) for card, done in passed.items()}
