"""What changes from one rulebook to another, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import Verdict

Floats = npt.NDArray[np.float64]

MOST_EXAMPLES = 3
"""Examples kept of each rule."""
MOST_DETAILED = 20
"""Conversations told with all their rules: those whose scores change most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rulebook says of a conversation; ``score`` is ``None`` where it is not scored."""

    score: float | None
    grade: str | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """One rule on one agent in one conversation, before and after, with the message that decided."""

    rule_id: str
    conversation_id: str
    agent: str
    before: Verdict
    after: Verdict
    points: float
    seq: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A conversation whose score, grade or pass changes."""

    conversation_id: str
    agent: str
    before: Outcome
    after: Outcome

    @property
    def change(self) -> float:
        """Points; 0 where it is scored by one rulebook alone."""
        if self.before.score is None or self.after.score is None:
            return 0.0
        return self.after.score - self.before.score


@dataclass(slots=True)
class Mean:
    """A running mean before and after, over conversations that both rulebooks score."""

    count: int = 0
    before: float = 0.0
    after: float = 0.0
    changed: int = 0

    def add(self, before: Floats, after: Floats, changed: int) -> None:
        """Scores of more conversations."""
        self.count += len(before)
        self.before += float(before.sum())
        self.after += float(after.sum())
        self.changed += changed

    def join(self, more: Mean) -> None:
        """Other conversations."""
        self.count += more.count
        self.before += more.before
        self.after += more.after
        self.changed += more.changed

    @property
    def change(self) -> float:
        """Points on average; 0 without conversations."""
        return (self.after - self.before) / self.count if self.count else 0.0


@dataclass(slots=True)
class RuleChange:
    """A rule whose verdicts or points change, and in how many verdicts of agents. ``moves`` counts (before, after)."""

    rule_id: str
    title: str
    how: str
    verdicts: int = 0
    points: float = 0.0
    moves: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    examples: list[RuleEffect] = field(default_factory=list)

    def join(self, more: RuleChange) -> None:
        """The same rule on other conversations."""
        self.verdicts += more.verdicts
        self.points += more.points
        self.moves.update(more.moves)
        self.examples += more.examples[: MOST_EXAMPLES - len(self.examples)]


@dataclass(slots=True)
class Difference:
    """What changes from one rulebook to the other, over all conversations."""

    old: Rulebook
    new: Rulebook
    team: Mean = field(default_factory=Mean)
    conversations: int = 0
    agents: dict[str, Mean] = field(default_factory=dict)
    rules: dict[str, RuleChange] = field(default_factory=dict)
    changed: list[Changed] = field(default_factory=list)
    detailed: list[tuple[Changed, tuple[RuleEffect, ...]]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of the conversations those that change, 0–1."""
        return len(self.changed) / self.conversations if self.conversations else 0.0

    def add(self, part: Difference) -> None:
        """The difference on the conversations that come next."""
        self.conversations += part.conversations
        self.team.join(part.team)
        for name, mean in part.agents.items():
            self.agents.setdefault(name, Mean()).join(mean)
        for rule_id, change in part.rules.items():
            self.rules[rule_id].join(change)
        self.changed += part.changed
        self.detailed += part.detailed
        self.detailed.sort(key=lambda entry: -abs(entry[0].change))
        del self.detailed[MOST_DETAILED:]
