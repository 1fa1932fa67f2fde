"""What an audit shows, already computed: one ``Audit`` for the team, one ``AgentAudit`` per agent.

A report turns it into HTML, XLSX or Markdown and computes nothing. As in ``results.summary``: percentages and rates are
shares 0–1, scores 0 … total, dimensions 0–100, times seconds; ``None`` means "the data do not carry it" and is shown as
such, never as zero and never as NaN. Every tuple stands in the order in which it is to be shown. Words (names of
figures, of methods, of reasons) are ids here; a report has them in its language. How each figure is made:
``docs/audit.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qa_scorer.results.summary import ConversationRow, Excellent, Figure, Finding, Line, Problem


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days. ``kind`` is ``day``, ``week``, ``month``, ``quarter`` or ``year``."""

    kind: str
    label: str  # 2026-10-05, 2026-W41, 2026-10, 2026-Q4, 2026
    first: date
    last: date  # inclusive


@dataclass(frozen=True, slots=True)
class Against:
    """What the audit is compared with: ``kind`` ``period`` (another one), or ``group`` (a group in the same period).

    ``comparable`` is False, and no change is shown, when there is nothing: ``reason`` is then ``empty`` (no scored
    conversation there) or ``rulebook`` (only under other rules; they can be scored again).
    """

    kind: str
    period: Period
    group: str | None
    conversations: int
    scored: int
    comparable: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure beside what it is compared with, both fairly.

    ``difference`` is now − before in the figure's own unit, ``low``/``high`` its 95 % interval (None when a side has
    fewer than two values). ``holds``: the difference remains after correction for the many that were looked at; only
    then may a report mark it. ``better``: a difference for the better (True), for the worse (False), or of a figure
    that is neither (None).
    """

    before: Figure
    difference: float
    low: float | None
    high: float | None
    holds: bool
    better: bool | None


@dataclass(frozen=True, slots=True)
class AuditMetric:
    """A named figure. ``unit`` is ``score``, ``share``, ``seconds`` or ``stars``.

    ``team`` is, on agents, the median over all agents who have the figure. ``low_is_good`` for times and veto rates.
    """

    id: str  # see Layer
    unit: str
    figure: Figure
    low_is_good: bool = False
    change: Change | None = None
    team: float | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the standard's figures; a metric whose figure has no value is not in the data.

    ``efficiency``: first_response, mean_response, longest_wait, handle_time, answered_in_time (share of first responses
    within the target). ``quality``: score, pass_rate, compliance, veto_rate. ``result``: csat (share of ratings of 4 or
    5), csat_mean (stars), resolved, fcr (no return of the same customer within ``Method.fcr_days``), complaints.
    """

    id: str
    metrics: tuple[AuditMetric, ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The team in one of the last periods, by the audited rules; figures without value where nothing tells them."""

    period: Period
    conversations: int
    score: Figure
    pass_rate: Figure
    csat: Figure
    resolved: Figure


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """A dimension over the whole team."""

    id: str
    name: str
    figure: Figure
    change: Change | None


@dataclass(frozen=True, slots=True)
class Cell:
    """An agent in a dimension. ``standing``: ``above`` or ``below`` the rest of the team when that holds, else ``""``.

    ``shade`` is the step of the heat map's scale, 0 (worst) … 6 (best) by fixed bounds on 0–100, None without a value:
    the same colour means the same score in every audit.
    """

    dimension: str
    figure: Figure
    difference: float | None  # to the mean of all others
    standing: str
    shade: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """Compliance with a rule: ``rate`` is passed ÷ judged. ``trend`` is ``rising`` or ``falling`` when that holds."""

    rule_id: str
    title: str
    standard: str
    dimension: str
    rate: Figure
    change: Change | None
    trend: str
    team: float | None = None  # the team's rate, on agents


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """A frequent problem. ``problem.rate`` is failed ÷ judged, ``problem.examples`` quote at most five messages.

    ``change`` is that of the failure rate; ``agents`` counts who failed it at least once.
    """

    problem: Problem
    change: Change | None
    agents: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Times as a histogram. ``id`` is ``first_response``, ``response`` (every wait), ``longest_wait``, ``handle_time``.

    Bin ``i`` holds times from ``edges[i]`` up to, not including, ``edges[i + 1]``; the last bin is open, so there are
    as many counts as edges. ``before`` are the compared counts (None without), the same bins. All None or zero when the
    data have no times.
    """

    id: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    before: tuple[int, ...] | None
    level: tuple[float, ...] | None  # ``before`` as it would be with as many cases as now
    n: int
    median: float | None
    p90: float | None
    p95: float | None
    target: float | None
    within: Figure  # share that reach the target; no value without a target


@dataclass(frozen=True, slots=True)
class DayVolume:
    """A day of the period; days without conversations are there too. ``score`` is the mean of the scored."""

    day: date
    conversations: int
    score: float | None
    holiday: bool  # not a business day


@dataclass(frozen=True, slots=True)
class Volume:
    """Conversations by when they began, local time. All zero when the data have no times.

    ``days`` is empty for an undated period's conversations; ``weeks`` has the seven days of the week, Monday first,
    with 24 hours each; ``hours`` is the sum of those. ``undated`` conversations are in the period by their month only.
    """

    days: tuple[DayVolume, ...]
    hours: tuple[int, ...]
    week: tuple[tuple[int, ...], ...]
    undated: int


@dataclass(frozen=True, slots=True)
class VetoRule:
    """A veto rule that was broken."""

    rule_id: str
    title: str
    conversations: int
    agents: int


@dataclass(frozen=True, slots=True)
class Vetoes:
    """Breaches that bring a score to zero. ``rate`` is of scored conversations; ``cases`` are the newest 50;
    ``conversations`` counts all."""

    conversations: int
    rate: Figure
    change: Change | None
    rules: tuple[VetoRule, ...]
    cases: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Focus:
    """What an agent should train: a rule that costs this agent most, with the three messages that show it best.

    ``rate`` is this agent's failure rate, ``team`` that of all others. ``standing`` is ``below`` when the agent is
    worse at it than the others and that holds, ``above`` when better (costly all the same), else ``""``. ``messages``
    are from different conversations where there are enough.
    """

    rule_id: str
    title: str
    standard: str
    dimension: str
    advice: str
    rate: Figure
    team: float | None
    lost: float  # points per scored conversation of the agent: what the mean score could gain
    standing: str
    messages: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """A quoted conversation as a whole, with everything that was found in it, of all its agents, gravest first."""

    row: ConversationRow
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class AgentAudit:
    """One agent. Ranked ones come first, by rank; then those with ``few`` conversations, by name.

    ``estimate`` is the mean score drawn towards the team's mean by how little the agent's conversations can bear
    (empirical Bayes), with its 95 % interval; ``rank`` goes by it, equal estimates share a rank. ``few``: not enough
    conversations to be ranked (``Method.least_to_rank``), ``rank`` is None. ``standing``: ``above`` or ``below`` the
    rest of the team when that holds after correction, else ``""``. ``cells`` are in the order of ``Audit.dimensions``.
    """

    agent: str
    slug: str  # a safe file name, unique in the audit
    group: str | None  # where most conversations were
    conversations: int  # scored ones with a message of this agent
    few: bool
    rank: int | None
    score: Figure
    estimate: Figure
    difference: float | None  # of the mean to that of all others
    standing: str
    grade: str
    pass_rate: Figure
    vetoes: int
    change: Change | None  # of the mean score
    layers: tuple[Layer, ...]
    cells: tuple[Cell, ...]
    items: tuple[Item, ...]
    rising: tuple[Item, ...]
    falling: tuple[Item, ...]
    responses: tuple[Distribution, ...]
    focus: tuple[Focus, ...]  # at most three, most costly first
    excellent: tuple[Excellent, ...]
    chats: tuple[Chat, ...]  # those in which a finding of this agent is quoted anywhere, the latest first


@dataclass(frozen=True, slots=True)
class RulebookNote:
    """A rulebook that scored something in the period. ``conversations`` of it; only the audited one is in the figures."""

    name: str
    digest: str
    conversations: int
    audited: bool


@dataclass(frozen=True, slots=True)
class RunNote:
    """A run that the period's conversations come from, with what became of its whole input (not only the period's)."""

    run: str
    files: int
    rows_read: int
    messages: int
    rejected: int
    dropped: int
    conversations: int  # of the run in the period
    rejects: tuple[tuple[str, int, str], ...]  # examples: source, row, reason


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the figures stand on: ``conversations == scored + too_short + no_agent``. Shares are of ``conversations``."""

    conversations: int
    scored: int
    too_short: int
    no_agent: int
    messages: int
    agents: int
    dated: Figure
    rated: Figure
    resolution_known: Figure
    customer_known: Figure
    waits: int  # in the response figures
    waits_outside_hours: int  # left out
    rulebooks: tuple[RulebookNote, ...]
    runs: tuple[RunNote, ...]
    masked: bool  # personal data, in every quote
    pseudonyms: bool  # in place of names


@dataclass(frozen=True, slots=True)
class Method:
    """What the figures were made by, for the notes on method."""

    confidence: float  # of intervals
    mean_interval: str  # t
    rate_interval: str  # wilson
    correction: str  # holm
    error_rate: float  # of the correction: the chance that anything at all is marked where nothing differs
    least_to_rank: int
    shrinkage: str  # empirical_bayes
    team_mean: float | None  # to which estimates are drawn
    between_sd: float | None  # of agents' true means, estimated
    within_sd: float | None  # of an agent's conversations
    zone: str
    hours: str | None  # business hours, None: around the clock
    weekdays: tuple[int, ...]  # business days, 1 Monday … 7 Sunday
    holidays: tuple[date, ...]  # in the period
    workdays: tuple[date, ...]  # in the period, worked although the weekday says otherwise
    fcr_days: int
    first_response_target: float
    complaints: str | None  # what told of complaints: the export's ``column``, ``rules``, or nothing


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole audit. An empty period has zero counts, figures without value and no agents."""

    version: str
    language: str  # the rulebook's
    rulebook: str
    digest: str
    total: float
    pass_mark: float
    period: Period
    group: str | None
    against: Against | None
    coverage: Coverage
    layers: tuple[Layer, ...]
    trend: tuple[TrendPoint, ...]  # the last periods, the audited one last
    grades: tuple[tuple[str, int], ...]  # best first
    histogram: tuple[int, ...]  # conversations per score bin of total/20
    histogram_before: tuple[int, ...] | None
    histogram_level: tuple[float, ...] | None  # ``histogram_before`` as it would be with as many conversations as now
    dimensions: tuple[DimensionRow, ...]
    items: tuple[Item, ...]  # in the rulebook's order
    rising: tuple[Item, ...]  # greatest first
    falling: tuple[Item, ...]
    problems: tuple[AuditProblem, ...]  # most costly first
    responses: tuple[Distribution, ...]
    volume: Volume
    vetoes: Vetoes
    agents: tuple[AgentAudit, ...]
    excellent: tuple[Excellent, ...]
    method: Method
