"""Rules and the rulebook: what is judged, what it earns or costs, and what to tell the agent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from qa_scorer.model.checks import Check
from qa_scorer.model.limits import Amount, Between, Form
from qa_scorer.model.patterns import ConditionTree, Pattern
from qa_scorer.model.words import Responsible, Verdict

Name = Annotated[str, Form(r"\w[\w.-]*", "opening.greeting")]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a rule file; line and column count from 1, columns in code points."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class RuleTest:
    """An example that stands with its rule. ``chat`` is in the notation of ``model.chats``."""

    name: str
    chat: str
    expect: Verdict
    metadata: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One item that is judged. Exactly one of ``points``, ``deduct``, ``bonus`` is set, or ``veto`` (alone or with one).

    ``points`` are earned by a pass; ``deduct`` is taken for each hit of a fail, up to ``cap``; ``bonus`` is added
    for a pass and costs nothing otherwise; a failed ``veto`` rule brings the total to zero. ``responsible`` says
    whose verdict it is; ``None`` leaves it to the check (first → opener, last → closer, else speaker).
    """

    id: Name
    title: str
    dimension: Name
    check: Check
    standard: tuple[str, ...] = ()
    when: ConditionTree | None = None
    points: Amount = 0.0
    deduct: Amount = 0.0
    cap: Amount | None = None
    bonus: Amount = 0.0
    veto: bool = False
    responsible: Responsible | None = None
    advice: str = ""
    reason: str = ""
    tests: tuple[RuleTest, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A part of the score. ``points`` is its share of the total."""

    id: Name
    name: str
    points: Amount


@dataclass(frozen=True, slots=True)
class PatternList:
    """A named set of patterns, with the place of each, in the same order."""

    name: str
    patterns: tuple[Pattern, ...]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """``pass_mark`` is ``pass`` in YAML. ``grades`` maps a name to the least score for it, highest first.

    Conversations with fewer than ``min_messages`` judged messages are not scored.
    """

    total: Annotated[float, Between(1)] = 100.0
    pass_mark: Amount = 85.0
    floor: float = 0.0
    min_messages: Annotated[int, Between(1)] = 2
    grades: tuple[tuple[str, float], ...] = (("优秀", 95.0), ("良好", 85.0), ("待改进", 70.0), ("不合格", 0.0))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that decides a score. ``digest`` is the SHA-256 of the meaning, not of the files' layout."""

    name: str
    rules: tuple[Rule, ...]
    dimensions: tuple[Dimension, ...]
    lists: dict[str, PatternList] = field(default_factory=dict)
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: tuple[tuple[str, str], ...] = ()
    scoring: Scoring = Scoring()
    language: str = "zh"
    digest: str = ""
