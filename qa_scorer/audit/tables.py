"""The conversations of an audit as tables in DuckDB: what is audited is side 0, what it is compared with side 1.

Figures are whole numbers there (hundredths of points, milliseconds), so that sums do not depend on the order of rows.

- ``conv``: one row per conversation: side, part, key, conversation_id, agent, customer, group, began, started_ms,
  messages, score, grade, passed, vetoed, scored, skip_reason, handle, csat, stars, resolved
- ``card``: one row per scored conversation and agent: side, key, agent, score, passed, vetoed, dimensions, agent_messages
- ``judged``: one row per conversation and agent: side, key, agent, and how many rules passed, were judged, and told of a
  complaint
- ``complaint``: key, complained: conversations of which it is known whether the customer complained
- ``wait``: one row per wait in business hours of a scored conversation: side, key, agent, first, ms; ``outside`` counts
  the others
- ``visit``: key, returned (null: cannot be known): whether the same customer came back in time
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from qa_scorer.audit.model import Period
from qa_scorer.audit.period import months_of
from qa_scorer.audit.settings import Settings
from qa_scorer.history.database import count, listed, literal, parquet
from qa_scorer.history.manifest import Manifest, Part

_DAY_MS = 86_400_000
_UNDATED_COUNT = ("month", "quarter", "year")  # kinds that conversations known by their month only are part of
_LONGEST_WAIT_DAYS = 366
_PLACEHOLDER = (20, 0.01)
"""A customer's name on more conversations than both this many and this share of all is no customer's name."""


_COMPLAINT_COLUMNS = (
    "complaint", "complaints", "complained", "is_complaint", "iscomplaint", "投诉", "是否投诉", "有无投诉", "客户投诉",
    "是否客诉", "客诉", "投诉标记", "是否有投诉", "投诉次数", "投訴", "是否投訴",
)  # fmt: skip
_NO = (
    "0", "0.0", "否", "无", "無", "没有", "未投诉", "未投訴", "无投诉", "没有投诉", "没投诉", "不是",
    "null", "nan", "no", "n", "false", "none", "-", "—", "/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """The conversations of a period, of one group or all."""

    period: Period
    group: str | None

    def chooses(self, began: str) -> str:
        """The SQL condition on ``began``, a local time or null, and ``group``."""
        following = self.period.last + timedelta(days=1)
        inside = f"{began} >= DATE '{self.period.first}' AND {began} < DATE '{following}'"
        if self.period.kind in _UNDATED_COUNT:
            inside = f"({inside} OR {began} IS NULL)"
        return inside if self.group is None else f'{inside} AND "group" = {literal(self.group)}'


class Tables:
    """The tables above, made in ``connection`` from the parts of ``history`` that ``digest`` judged.

    ``complaint_rules`` are the ids of rules that apply where a customer complains. ``complaints`` says what tells of
    complaints: ``column``, ``rules``, or None.
    """

    def __init__(
        self, connection: DuckDBPyConnection, history: Path, manifest: Manifest, digest: str, settings: Settings,
        sides: list[Side], complaint_rules: Sequence[str],
    ) -> None:  # fmt: skip
        self.connection = connection
        self.sides = sides
        self.history = history
        self.manifest = manifest
        self.digest = digest
        self.settings = settings
        self.parts = [manifest.parts_of(months_of(side.period), digest) for side in sides]
        self._make_conversations()
        connection.execute(
            "CREATE TEMP VIEW card AS SELECT side, key, c.agent, CAST(round(c.score * 100) AS BIGINT) AS score, "
            f"c.passed, c.vetoed, c.dimensions, c.agent_messages FROM {self.files('scorecards')} c JOIN conv USING (key)"
        )
        self._make_waits()
        self._make_visits()
        self._make_judged(complaint_rules)
        self.complaints = self._make_complaints(complaint_rules)

    def files(self, table: str, side: int | None = None) -> str:
        """SQL that reads a table of every part (of one side); its rows of other periods must be left out by joining
        ``conv``."""
        sides = self.parts if side is None else [self.parts[side]]
        parts = list(dict.fromkeys(part for own in sides for part in own)) or [self.manifest.parts[0]]
        return self._read(parts, table)

    def other_rulebooks(self, side: int) -> set[str]:
        """Digests of rulebooks other than the audited one that judged something in the months of a side."""
        return {part.digest for part in self.manifest.parts_of(months_of(self.sides[side].period))} - {self.digest}

    def _read(self, parts: list[Part], table: str) -> str:
        return parquet(self.history / part.path / f"{table}.parquet" for part in parts)

    def _make_conversations(self) -> None:
        self.connection.execute(
            "CREATE TEMP TABLE conv (side INT, part INT, key BIGINT, conversation_id VARCHAR, agent VARCHAR, "
            'customer VARCHAR, "group" VARCHAR, began TIMESTAMP, started_ms BIGINT, messages INT, score BIGINT, '
            "grade VARCHAR, passed BOOL, vetoed BOOL, scored BOOL, skip_reason VARCHAR, handle BIGINT, csat DOUBLE, "
            "stars BIGINT, resolved BOOL)"
        )
        for number, (side, parts) in enumerate(zip(self.sides, self.parts, strict=True)):
            for place, part in enumerate(parts):
                self.connection.execute(
                    f'INSERT INTO conv SELECT {number}, {place}, key, conversation_id, agent, customer, "group", '
                    "began, epoch_ms(started_at), messages, CAST(round(score * 100) AS BIGINT), grade, passed, vetoed, "
                    "scored, skip_reason, CAST(round(handle_s * 1000) AS BIGINT), csat, "
                    "CAST(round(csat * 100) AS BIGINT), resolved "
                    f"FROM {self._read([part], 'conversations')} WHERE {side.chooses('began')}"
                )

    def _make_waits(self) -> None:
        """Business milliseconds of each wait: those of the calendar before its end less those before its begin."""
        calendar = self._calendar()
        self.connection.register("calendar", calendar)
        last = calendar["day"][-1].as_py()
        self.connection.execute(
            f"""
            CREATE TEMP TABLE timed AS
            WITH placed AS (
                SELECT side, key, w.agent, w.first,
                    epoch_ms(w.begins_at) + epoch_ms(began) - started_ms AS begins, begins + w.wait_ms AS ends,
                    begins // {_DAY_MS} AS begin_day, least(ends // {_DAY_MS}, {last}) AS end_day
                FROM {self.files("waits")} w JOIN conv USING (key) WHERE scored AND w.wait_ms IS NOT NULL
            )
            SELECT side, key, agent, first, {_open_before("z", "ends")} - {_open_before("a", "begins")} AS ms,
                {_is_open("a", "begins")} AS inside
            FROM placed JOIN calendar a ON a.day = begin_day JOIN calendar z ON z.day = end_day
            """
        )
        self.connection.execute("CREATE TEMP VIEW wait AS SELECT * FROM timed WHERE inside")
        self.connection.execute("CREATE TEMP VIEW outside AS SELECT * FROM timed WHERE NOT inside")

    def _calendar(self) -> pa.Table:
        """Every day that a wait may begin or end on: its number since 1970, the open milliseconds before it, and its
        two open stretches."""
        first = min(side.period.first for side in self.sides) - timedelta(days=1)
        last = max(side.period.last for side in self.sides) + timedelta(days=_LONGEST_WAIT_DAYS)
        rows, before = [], 0
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            shifts = self.settings.shifts() if self.settings.open_on(day) else ((0, 0), (0, 0))
            rows.append(((day - date(1970, 1, 1)).days, before, *shifts[0], *shifts[1]))
            before += sum(closes - opens for opens, closes in shifts)
        names = ("day", "before", "opens", "closes", "opens_again", "closes_again")
        return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))

    def _make_visits(self) -> None:
        """Whether customers came back: over all that is kept of the days in question, by whatever rules."""
        days = self.settings.fcr_days
        months = {month for side in self.sides for month in _months_until(side.period, days)}
        parts = self.manifest.parts_of(months) or [self.manifest.parts[0]]
        least, share = _PLACEHOLDER
        self.connection.execute(
            f"""
            CREATE TEMP TABLE visit AS
            WITH every AS (
                SELECT key, min(customer) AS customer, min("group") AS "group", min(began) AS began,
                    min(began) + to_milliseconds(CAST(round(coalesce(min(handle_s), 0) * 1000) AS BIGINT)) AS ended
                FROM {self._read(parts, "conversations")} WHERE began IS NOT NULL GROUP BY key
            ), named AS (
                SELECT * FROM every WHERE customer <> '' QUALIFY count(*) OVER (PARTITION BY customer)
                    <= greatest({least}, {share} * (SELECT count(*) FROM every))
            ), followed AS (
                SELECT key, ended + INTERVAL {days} DAYS AS until,
                    lead(began) OVER (PARTITION BY customer, "group" ORDER BY began, key) AS following
                FROM named
            )
            SELECT key, CASE WHEN following <= until THEN true
                WHEN until <= (SELECT max(began) FROM every) THEN false END AS returned
            FROM followed
            """
        )

    def _make_judged(self, complaint_rules: Sequence[str]) -> None:
        self.connection.execute(
            "CREATE TEMP TABLE judged AS SELECT side, key, v.agent, count(*) FILTER (verdict = 'pass') AS passed, "
            f"count(*) AS judged, count(*) FILTER (rule_id IN ({listed(complaint_rules)})) AS complaints "
            f"FROM {self.files('verdicts')} v JOIN conv USING (key) WHERE verdict IN ('pass', 'fail') GROUP BY ALL"
        )

    def _make_complaints(self, complaint_rules: Sequence[str]) -> str | None:
        """From the export's column; without one, from the rules. A column that never says no marks complaints only, and
        what it leaves blank is none."""
        names = (self.settings.complaint.lower(),) if self.settings.complaint else _COMPLAINT_COLUMNS
        self.connection.execute(
            f"CREATE TEMP TABLE said AS SELECT key, bool_or(lower(trim(value)) NOT IN ({listed(_NO)})) AS complained "
            f"FROM {self.files('metadata')} JOIN conv USING (key) "
            f"WHERE lower(trim(name)) IN ({listed(names)}) AND trim(value) <> '' GROUP BY key"
        )
        if count(self.connection, "said"):
            said_no = count(self.connection, "said WHERE NOT complained")
            everyone = "said" if said_no else "conv LEFT JOIN said USING (key)"
            self.connection.execute(
                f"CREATE TEMP VIEW complaint AS SELECT key, coalesce(complained, false) AS complained FROM {everyone}"
            )
            return "column"
        self.connection.execute(
            "CREATE TEMP VIEW complaint AS SELECT key, sum(complaints) > 0 AS complained FROM judged "
            f"WHERE {'true' if complaint_rules else 'false'} GROUP BY key"
        )
        return "rules" if complaint_rules else None


def _months_until(period: Period, days: int) -> set[str]:
    after = Period("", "", period.last, period.last + timedelta(days=days))
    return months_of(period) | months_of(after)


def _open_before(calendar: str, ms: str) -> str:
    """SQL: the open milliseconds of the calendar before this local time."""
    time = f"{ms} - {calendar}.day * {_DAY_MS}"
    return (
        f"({calendar}.before + greatest(0, least({time}, {calendar}.closes) - {calendar}.opens)"
        f" + greatest(0, least({time}, {calendar}.closes_again) - {calendar}.opens_again))"
    )


def _is_open(calendar: str, ms: str) -> str:
    """SQL: whether this local time of the calendar's day is open."""
    time = f"{ms} - {calendar}.day * {_DAY_MS}"
    return (
        f"(({time} >= {calendar}.opens AND {time} < {calendar}.closes)"
        f" OR ({time} >= {calendar}.opens_again AND {time} < {calendar}.closes_again))"
    )
