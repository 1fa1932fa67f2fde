"""What was counted: for each side of an audit, the whole team and every agent, from the tables in DuckDB.

Everything here is a count or an exact sum; figures, intervals and comparisons are made of them in ``compare``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa_scorer.audit.statistics import Rate, Ratio, Sample
from qa_scorer.audit.tables import Tables

FIRST_EDGES = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
HANDLE_EDGES = (0, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 14400)
EDGES: dict[str, tuple[int, ...]] = {
    "first_response": FIRST_EDGES,
    "response": FIRST_EDGES,
    "longest_wait": FIRST_EDGES,
    "handle_time": HANDLE_EDGES,
}
"""Lower bounds in seconds of each distribution's bins."""
_NOTHING, _NO_TIME, _NEVER, _NO_VERDICT = Sample(), Sample(scale=1000), Rate(), Ratio()


@dataclass(slots=True)
class Spread:
    """A distribution: counts per bin, and its median, 90th and 95th percentile in milliseconds."""

    counts: list[int]
    quantiles: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ItemCount:
    """A rule's verdicts. ``lost``: hundredths of points."""

    passed: int = 0
    failed: int = 0
    lost: int = 0

    @property
    def compliance(self) -> Rate:
        """Passed ÷ judged."""
        return Rate(self.passed, self.passed + self.failed)


@dataclass(slots=True)
class Measures:
    """One agent's (or the team's) counts in one side. Times are milliseconds."""

    scored: int = 0
    score: Sample = _NOTHING
    passed: Rate = _NEVER
    vetoed: Rate = _NEVER
    dimensions: list[Sample] = field(default_factory=list)
    first: Sample = _NO_TIME
    mean: Sample = _NO_TIME
    longest: Sample = _NO_TIME
    handle: Sample = _NO_TIME
    in_time: Rate = _NEVER
    csat: Rate = _NEVER
    stars: Sample = _NOTHING
    resolved: Rate = _NEVER
    fcr: Rate = _NEVER
    complaints: Rate = _NEVER
    compliance: Ratio = _NO_VERDICT
    items: dict[str, ItemCount] = field(default_factory=dict)
    spreads: dict[str, Spread] = field(default_factory=dict)


Key = tuple[int, str | None]
"""Side and agent; None is the whole team."""


class Measured(dict[Key, Measures]):
    """Measures by side and agent. ``of`` gives empty ones for who is not there."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self._dimensions = dimensions

    def of(self, side: int, agent: str | None = None) -> Measures:
        """The measures of an agent (or the team) in a side; kept when asked for, so that they can be filled."""
        key = (side, agent)
        if key not in self:
            self[key] = Measures(dimensions=[Sample()] * self._dimensions)
        return self[key]


def measure(tables: Tables, dimensions: int, first_target_s: float) -> Measured:
    """Count everything. ``dimensions`` is their number in the rulebook."""
    measured = Measured(dimensions)
    _count_scores(tables, measured, dimensions)
    _count_results(tables, measured)
    _count_waits(tables, measured, first_target_s)
    _count_items(tables, measured)
    _count_compliance(tables, measured)
    for name in _DISTRIBUTIONS:
        _count_spread(tables, measured, name)
    return measured


def _count_scores(tables: Tables, measured: Measured, dimensions: int) -> None:
    """The team's scores are those of conversations, an agent's those of the agent's own scorecards."""
    scores = [sample_sql("score"), rate_sql("passed"), rate_sql("vetoed")]
    parts = [sample_sql(f"CAST(round(dimensions[{number + 1}] * 100) AS BIGINT)") for number in range(dimensions)]
    for key, row in _grouped(tables, "conv WHERE scored", scores, by_agent=False):
        _keep_scores(measured.of(*key), row)
    for key, row in _grouped(tables, "card", scores):
        _keep_scores(measured.of(*key), row)
    for by_agent in (False, True):
        for key, row in _grouped(tables, "card", parts, by_agent=by_agent):
            measured.of(*key).dimensions = [Sample(*row[at : at + 3]) for at in range(0, len(row), 3)]


def _keep_scores(mine: Measures, row: Sequence[int]) -> None:
    mine.scored = row[0]
    mine.score, mine.passed, mine.vetoed = Sample(*row[:3]), Rate(*row[3:5]), Rate(*row[5:7])


def _count_results(tables: Tables, measured: Measured) -> None:
    """Of conversations; an agent's are those that the agent is responsible for."""
    columns = [
        rate_sql("csat >= 4", "csat"),
        rate_sql("resolved"),
        rate_sql("NOT returned", "returned"),
        rate_sql("complained"),
        sample_sql("stars"),
        sample_sql("handle"),
    ]
    for by_agent in (False, True):
        source = "conv LEFT JOIN visit USING (key) LEFT JOIN complaint USING (key) WHERE scored"
        for key, row in _grouped(tables, source, columns, by_agent=by_agent):
            mine = measured.of(*key)
            mine.csat, mine.resolved, mine.fcr, mine.complaints = (Rate(*row[at : at + 2]) for at in (0, 2, 4, 6))
            mine.stars, mine.handle = Sample(*row[8:11]), _times(row[11:14])


def _count_compliance(tables: Tables, measured: Measured) -> None:
    """Verdicts of one conversation are no independent cases, so the sums are over conversations."""
    columns = [
        "count(*)",
        "sum(passed)",
        "sum(judged)",
        "sum(passed * passed)",
        "sum(passed * judged)",
        "sum(judged * judged)",
    ]
    for by_agent, bearer in _BEARERS.items():
        source = f"(SELECT {bearer}, sum(passed) AS passed, sum(judged) AS judged FROM judged GROUP BY {bearer})"
        for key, row in _grouped(tables, source, columns, by_agent=by_agent):
            measured.of(*key).compliance = Ratio(*row)


def _times(row: Sequence[int]) -> Sample:
    """A sample of milliseconds, shown as seconds."""
    return Sample(row[0], row[1], row[2], 1000)


_BEARERS = {False: "side, key", True: "side, key, agent"}


def _count_waits(tables: Tables, measured: Measured, first_target_s: float) -> None:
    """Of conversations for the team; of conversation and who answered for agents. Each counts once, however long."""
    target_ms = round(first_target_s * 1000)
    columns = [
        sample_sql("first_ms"),
        sample_sql("mean_ms"),
        sample_sql("longest_ms"),
        rate_sql(f"first_ms <= {target_ms}", "first_ms"),
    ]
    for by_agent, bearer in _BEARERS.items():
        source = (
            f"(SELECT {bearer}, max(ms) FILTER (first) AS first_ms, (2 * sum(ms) + count(*)) // (2 * count(*)) AS mean_ms, "
            f"max(ms) AS longest_ms FROM wait GROUP BY {bearer})"
        )
        for key, row in _grouped(tables, source, columns, by_agent=by_agent):
            mine = measured.of(*key)
            mine.first, mine.mean, mine.longest = (_times(row[at : at + 3]) for at in (0, 3, 6))
            mine.in_time = Rate(*row[9:11])


def _count_items(tables: Tables, measured: Measured) -> None:
    rows = tables.connection.execute(
        "SELECT side, v.agent, rule_id, count(*) FILTER (verdict = 'pass'), count(*) FILTER (verdict = 'fail'), "
        "coalesce(sum(CAST(round((max_points - points) * 100) AS BIGINT)) FILTER (verdict = 'fail'), 0) "
        f"FROM {tables.files('verdicts')} v JOIN conv USING (key) GROUP BY ALL"
    ).fetchall()
    for side, agent, rule, passed, failed, lost in rows:
        measured.of(side, agent).items[rule] = ItemCount(passed, failed, lost)
        team = measured.of(side).items
        sums = team.get(rule, ItemCount())
        team[rule] = ItemCount(sums.passed + passed, sums.failed + failed, sums.lost + lost)


_DISTRIBUTIONS = {
    "first_response": "SELECT side, agent, ms FROM wait WHERE first",
    "response": "SELECT side, agent, ms FROM wait",
    "longest_wait": "SELECT {bearer}, max(ms) AS ms FROM wait GROUP BY {bearer}",
    "handle_time": "SELECT side, agent, handle AS ms FROM conv WHERE scored AND handle IS NOT NULL",
}
"""The milliseconds of each distribution; what ``bearer`` counts once is a conversation, for agents their part of it."""


def _count_spread(tables: Tables, measured: Measured, name: str) -> None:
    edges = EDGES[name]
    steps = " ".join(f"WHEN ms < {edge * 1000} THEN {number}" for number, edge in enumerate(edges[1:]))
    bins = [f"count(*) FILTER (bin = {number})" for number in range(len(edges))]
    for by_agent, bearer in _BEARERS.items():
        values = _DISTRIBUTIONS[name].format(bearer=bearer)
        source = f"(SELECT *, CASE {steps} ELSE {len(edges) - 1} END AS bin FROM ({values}))"
        columns = [*bins, "quantile_disc(ms, [0.5, 0.9, 0.95])"]
        for key, row in _grouped(tables, source, columns, by_agent=by_agent):
            measured.of(*key).spreads[name] = Spread(list(row[:-1]), tuple(row[-1]))


def _grouped(
    tables: Tables, source: str, columns: Sequence[str], *, by_agent: bool = True
) -> Iterator[tuple[Key, Sequence[Any]]]:
    """The columns of each side (and agent who is one), from the rows of ``source``."""
    group = "side, agent" if by_agent else "side, NULL"
    rows = tables.connection.execute(f"SELECT {group}, {', '.join(columns)} FROM {source} GROUP BY ALL").fetchall()
    for side, agent, *counts in rows:
        if agent is not None or not by_agent:
            yield (side, agent), counts


def sample_sql(value: str) -> str:
    """SQL for the count, sum and sum of squares of a whole number."""
    return (
        f"count({value}), coalesce(sum(CAST({value} AS HUGEINT)), 0), "
        f"coalesce(sum(CAST({value} AS HUGEINT) * {value}), 0)"
    )


def rate_sql(condition: str, known: str | None = None) -> str:
    """SQL for how often a condition holds, and how often it is known."""
    return f"count(*) FILTER ({condition}), count({known or condition})"
