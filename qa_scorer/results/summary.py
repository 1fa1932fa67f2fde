"""What the reports show, already computed: one ``RunSummary`` for the team, one ``AgentSummary`` per agent.

A report turns these into HTML, XLSX or text and computes nothing. Percentages and rates are shares 0–1, scores are
0 … total, times are seconds. ``None`` means "the data do not carry it" and is shown as such, never as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what is needed to read it fairly. ``low``/``high`` is the 95 % interval, ``n`` the sample size.

    ``target`` is the standard's, ``met`` whether it is reached (None without target or value).
    """

    value: float | None
    n: int = 0
    low: float | None = None
    high: float | None = None
    target: float | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A named figure of the standard. ``unit`` is ``score``, ``share``, ``seconds`` or ``count``."""

    id: str  # score, pass_rate, csat, resolved, first_response, mean_response, longest_wait, handle_time, compliance
    figure: Figure
    unit: str
    team: float | None = None  # the team's median, on agents' pages


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """A dimension's mean, 0–100."""

    id: str
    name: str
    figure: Figure
    team: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A highlighted part of a message, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a report quotes it. ``spans`` are sorted and do not overlap."""

    seq: int
    role: str
    sender: str
    time: datetime | None
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed verdict: the message (or the scope that was searched in vain), why, and what to write instead."""

    conversation_id: str
    agent: str
    rule_id: str
    title: str
    standard: str
    dimension: str
    points: float  # lost, positive
    veto: bool
    seq: int | None  # of the message that shows it best
    time: datetime | None
    note: str
    advice: str
    lines: tuple[Line, ...]  # the message with its neighbours
    marks: tuple[tuple[int, Span], ...] = ()  # every part of the conversation that counted, with its message's number


@dataclass(frozen=True, slots=True)
class Problem:
    """How often a rule fails. ``rate`` is fails ÷ verdicts that applied; ``examples`` are at most five findings."""

    rule_id: str
    title: str
    standard: str
    dimension: str
    conversations: int
    rate: Figure
    lost: float  # points per scored conversation: what the mean score could gain
    advice: str
    examples: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RuleRate:
    """Compliance with one rule: pass ÷ (pass + fail)."""

    rule_id: str
    title: str
    standard: str
    dimension: str
    rate: Figure
    team: float | None = None


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the conversation list."""

    conversation_id: str
    agent: str
    started_at: datetime | None
    messages: int
    score: float | None
    grade: str
    passed: bool | None
    vetoed: bool
    skip_reason: str | None
    failed: tuple[str, ...]  # titles of failed rules
    source: str


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """One agent. ``rank`` is by mean score among agents with enough conversations, else None (too few to rank)."""

    agent: str
    slug: str  # a safe file name, unique in the run; never the raw name
    conversations: int
    rank: int | None
    score: Figure
    grade: str
    pass_rate: Figure
    vetoes: int
    metrics: tuple[Metric, ...]
    dimensions: tuple[DimensionScore, ...]
    rules: tuple[RuleRate, ...]
    problems: tuple[Problem, ...]  # most costly first
    findings: tuple[Finding, ...]  # failed verdicts, gravest first: all, or of a large run's the gravest
    failed: int  # failed verdicts in all
    best: tuple[Excellent, ...]
    rows: tuple[ConversationRow, ...]  # all for which the agent is responsible, or of a large run's the lowest scores
    responsible: int  # conversations for which the agent is responsible in all


@dataclass(frozen=True, slots=True)
class Excellent:
    """A conversation worth sharing: its score, why, and its lines."""

    conversation_id: str
    agent: str
    score: float
    passed_rules: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of the input: ``rows_read == messages + rejected + dropped`` and
    ``conversations == scored + too_short + no_agent``."""

    files: int
    rows_read: int
    messages: int
    rejected: int
    dropped: int
    conversations: int
    scored: int
    too_short: int
    no_agent: int
    reject_examples: tuple[tuple[str, int, str], ...]  # source, row, reason


Transcripts = Callable[[Sequence[str]], list[tuple[Line, ...]]]
"""All lines of each of some conversations, without spans. Their times are local, without a zone."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The whole run. ``transcripts`` reads what would be too much to hold; without it no whole chats can be shown."""

    rulebook: str
    language: str
    version: str
    total: float
    pass_mark: float
    period: tuple[datetime | None, datetime | None]
    reading: Reading
    score: Figure
    pass_rate: Figure
    vetoes: int
    grades: tuple[tuple[str, int], ...]  # name, conversations; best first
    histogram: tuple[int, ...]  # conversations per score bin of total/20
    metrics: tuple[Metric, ...]
    dimensions: tuple[DimensionScore, ...]
    rules: tuple[RuleRate, ...]
    problems: tuple[Problem, ...]
    agents: tuple[AgentSummary, ...]
    transcripts: Transcripts | None = field(default=None, compare=False, repr=False)
    masked: bool = True  # personal data, in every quote
    pseudonyms: bool = False  # in place of names
