"""The team over the last periods: the same few figures of each, from what the audited rules judged of them."""

from __future__ import annotations

from qa_scorer.audit.measures import rate_sql, sample_sql
from qa_scorer.audit.model import Period, TrendPoint
from qa_scorer.audit.period import months_of, previous
from qa_scorer.audit.statistics import Rate, Sample
from qa_scorer.audit.tables import Side, Tables
from qa_scorer.history.database import parquet
from qa_scorer.model.rules import Scoring

MOST = 12


def trend(tables: Tables, scoring: Scoring) -> tuple[TrendPoint, ...]:
    """At most MOST periods that end with that of side 0, the oldest first, from the first of which anything is scored."""
    side = tables.sides[0]
    periods = [side.period]
    while len(periods) < MOST and periods[-1].first.year > 1:
        periods.append(previous(periods[-1]))
    points = [_point(tables, Side(period, side.group), scoring) for period in reversed(periods)]
    first = next((number for number, point in enumerate(points) if point.score.n), len(points))
    return tuple(points[first:])


def _point(tables: Tables, side: Side, scoring: Scoring) -> TrendPoint:
    parts = tables.manifest.parts_of(months_of(side.period), tables.digest)
    if not parts:
        return _made(side.period, scoring, 0, (0,) * 9)
    files = parquet(tables.history / part.path / "conversations.parquet" for part in parts)
    columns = [
        sample_sql("CAST(round(score * 100) AS BIGINT)"), rate_sql("passed"), rate_sql("csat >= 4", "csat"),
        rate_sql("resolved"),
    ]  # fmt: skip
    total, *counts = tables.connection.execute(
        f"SELECT (SELECT count(*) FROM {files} WHERE {side.chooses('began')}), {', '.join(columns)} "
        f"FROM {files} WHERE scored AND {side.chooses('began')}"
    ).fetchall()[0]
    return _made(side.period, scoring, total, tuple(counts))


def _made(period: Period, scoring: Scoring, conversations: int, counts: tuple[int, ...]) -> TrendPoint:
    score = Sample(*counts[:3]).figure(scoring.pass_mark, least=scoring.floor, most=scoring.total)
    passed, csat, resolved = (Rate(*counts[at : at + 2]).figure() for at in (3, 5, 7))
    return TrendPoint(period, conversations, score, passed, csat, resolved)
