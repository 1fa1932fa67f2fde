"""What an audit stands on: conversations and what is known of them, runs and rulebooks, volume, grades and vetoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qa_scorer.audit.model import Coverage, DayVolume, RulebookNote, RunNote, VetoRule, Volume
from qa_scorer.audit.period import days_of, months_of
from qa_scorer.audit.statistics import Rate
from qa_scorer.audit.tables import Tables
from qa_scorer.history.database import count, parquet
from qa_scorer.history.manifest import Run
from qa_scorer.model.rules import Rulebook

_BINS = 20


def coverage(tables: Tables) -> Coverage:
    """Of side 0."""
    row = _one(
        tables,
        "SELECT count(*), count(*) FILTER (scored), count(*) FILTER (skip_reason = 'too_short'), "
        "count(*) FILTER (skip_reason = 'no_agent'), coalesce(sum(messages), 0), count(began), count(csat), "
        "count(resolved), count(*) FILTER (customer <> '') FROM conv WHERE side = 0",
    )
    conversations, scored, too_short, no_agent, messages = row[:5]
    dated, rated, resolved, customers = (Rate(known, conversations).figure() for known in row[5:])
    agents = _one(tables, "SELECT count(DISTINCT agent) FROM card WHERE side = 0")[0]
    waits, outside = (count(tables.connection, f"{name} WHERE side = 0") for name in ("wait", "outside"))
    return Coverage(
        conversations,
        scored,
        too_short,
        no_agent,
        messages,
        agents,
        dated,
        rated,
        resolved,
        customers,
        waits,
        outside,
        _rulebooks(tables),
        _runs(tables),
        tables.manifest.privacy.masked,
        tables.manifest.privacy.pseudonyms is not None,
    )


def _rulebooks(tables: Tables) -> tuple[RulebookNote, ...]:
    """Every rulebook that judged something of side 0, the audited one first."""
    side, digest, notes = tables.sides[0], tables.digest, []
    names = tables.manifest.rulebooks
    for other, name in sorted(names.items(), key=lambda entry: (entry[0] != digest, entry[1], entry[0])):
        parts = tables.manifest.parts_of(months_of(side.period), other)
        if parts:
            files = parquet(tables.history / part.path / "conversations.parquet" for part in parts)
            number = count(tables.connection, f"{files} WHERE {side.chooses('began')}")
            if number or other == digest:
                notes.append(RulebookNote(name, other, number, other == digest))
    return tuple(notes)


def _runs(tables: Tables) -> tuple[RunNote, ...]:
    """The runs that side 0's conversations come from, the latest last."""
    rows = tables.connection.execute("SELECT part, count(*) FROM conv WHERE side = 0 GROUP BY part").fetchall()
    counts: dict[tuple[str, str], int] = {}
    for place, number in rows:
        part = tables.parts[0][place]
        counts[part.run, part.digest] = counts.get((part.run, part.digest), 0) + number
    return tuple(
        _note(run, counts[run.id, run.digest]) for run in tables.manifest.runs if (run.id, run.digest) in counts
    )


def _note(run: Run, conversations: int) -> RunNote:
    told = {name: run.counts[name] for name in ("files", "rows_read", "messages", "rejected", "dropped")}
    return RunNote(run=run.id, conversations=conversations, rejects=run.rejects, **told)


def volume(tables: Tables) -> Volume:
    """When the conversations of side 0 began."""
    rows = tables.connection.execute(
        "SELECT CAST(began AS DATE), count(*), count(score), coalesce(sum(score), 0) FROM conv "
        "WHERE side = 0 AND began IS NOT NULL GROUP BY ALL"
    ).fetchall()
    by_day = {day: (number, total / scored / 100 if scored else None) for day, number, scored, total in rows}
    week = [[0] * 24 for _ in range(7)]
    for weekday, hour, number in tables.connection.execute(
        "SELECT isodow(began), hour(began), count(*) FROM conv WHERE side = 0 AND began IS NOT NULL GROUP BY ALL"
    ).fetchall():
        week[weekday - 1][hour] = number
    days = tuple(
        DayVolume(day, *by_day.get(day, (0, None)), not tables.settings.open_on(day))
        for day in days_of(tables.sides[0].period)
    )
    return Volume(
        days if by_day else (),
        tuple(sum(day[hour] for day in week) for hour in range(24)),
        tuple(tuple(day) for day in week),
        _one(tables, "SELECT count(*) FROM conv WHERE side = 0 AND began IS NULL")[0],
    )


def grades(tables: Tables, rulebook: Rulebook) -> tuple[tuple[str, int], ...]:
    """Scored conversations of side 0 by grade, best first."""
    rows = tables.connection.execute(
        "SELECT grade, count(*) FROM conv WHERE side = 0 AND scored GROUP BY grade"
    ).fetchall()
    counts = dict(rows)
    return tuple((name, counts.get(name, 0)) for name, _ in rulebook.scoring.grades)


def histogram(tables: Tables, side: int, total: float) -> tuple[int, ...]:
    """Scored conversations by score, in twenty steps."""
    rows = tables.connection.execute(
        f"SELECT least({_BINS - 1}, greatest(0, CAST(floor(score * {_BINS} / {total * 100}) AS INT))), count(*) "
        f"FROM conv WHERE side = {side} AND scored GROUP BY ALL"
    ).fetchall()
    counts = dict(rows)
    return tuple(counts.get(number, 0) for number in range(_BINS))


def failures(tables: Tables) -> dict[str, tuple[int, int]]:
    """By rule: the conversations of side 0 in which it failed, and the agents who failed it."""
    rows = tables.connection.execute(
        f"SELECT rule_id, count(DISTINCT key), count(DISTINCT v.agent) FROM {tables.files('verdicts', 0)} v "
        "JOIN conv USING (key) WHERE side = 0 AND verdict = 'fail' GROUP BY rule_id"
    ).fetchall()
    return {rule: (conversations, agents) for rule, conversations, agents in rows}


def veto_rules(rulebook: Rulebook, failed: Mapping[str, tuple[int, int]]) -> tuple[VetoRule, ...]:
    """The veto rules that were broken, the most frequent first."""
    made = [
        VetoRule(rule.id, rule.title, *failed[rule.id]) for rule in rulebook.rules if rule.veto and rule.id in failed
    ]
    return tuple(sorted(made, key=lambda entry: -entry.conversations))


def _one(tables: Tables, query: str) -> Sequence[Any]:
    row: Sequence[Any] = tables.connection.execute(query).fetchall()[0]
    return row


def groups(tables: Tables) -> dict[str, str]:
    """The group of each agent of side 0: where most of the agent's conversations were."""
    rows = tables.connection.execute(
        'SELECT c.agent, "group" FROM card c JOIN conv USING (side, key) WHERE side = 0 AND "group" IS NOT NULL '
        'GROUP BY c.agent, "group" QUALIFY row_number() OVER (PARTITION BY c.agent ORDER BY count(*) DESC, "group") = 1'
    ).fetchall()
    return dict(rows)
