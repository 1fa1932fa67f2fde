"""The audit of a period, from a history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qa_scorer import __version__
from qa_scorer.audit import coverage as cover
from qa_scorer.audit.agents import Standings, agent_audits, costly, dearest
from qa_scorer.audit.figures import distributions, levelled, trending
from qa_scorer.audit.measures import measure
from qa_scorer.audit.model import Against, Audit, Method, Period
from qa_scorer.audit.period import days_of, months_of
from qa_scorer.audit.quotes import Quotes
from qa_scorer.audit.settings import Settings
from qa_scorer.audit.statistics import ERROR_RATE, Shrinkage
from qa_scorer.audit.tables import Side, Tables
from qa_scorer.audit.team import problems, team_dimensions, team_items, team_layers, vetoes
from qa_scorer.audit.trend import trend
from qa_scorer.errors import InputError
from qa_scorer.history.database import MEMORY_MB, count, database
from qa_scorer.history.manifest import Manifest, read_manifest, rules_path
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import load

_COMPLAINTS = "F6"
"""The item of the standard whose rules apply where a customer complains."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a period is compared with: another period, or a group in the same one."""

    period: Period
    group: str | None = None

    @property
    def kind(self) -> str:
        """``period`` or ``group``."""
        return "period" if self.group is None else "group"


def build_audit(
    history: Path, period: Period, against: Compared | None = None, group: str | None = None,
    settings: Settings | None = None, *, digest: str | None = None, threads: int | None = None,
    memory_mb: int = MEMORY_MB,
) -> Audit:  # fmt: skip
    """The audit of ``period`` (of one ``group`` or all), compared with ``against``.

    ``digest`` begins that of the rulebook whose scores count; by default it is the one that last judged something of
    the period. Raises InputError when there is no history or rulebook as named, OutputError when the machine cannot
    hold it.
    """
    manifest = read_manifest(history)
    settings = settings or Settings()
    chosen = _rulebook_of(manifest, period, digest)
    rulebook = load([rules_path(history, chosen)])
    sides = [Side(period, group)]
    if against is not None:
        sides.append(Side(against.period, group if against.group is None else against.group))
    with database(threads, memory_mb) as connection:
        complaint_rules = [rule.id for rule in rulebook.rules if _COMPLAINTS in rule.standard]
        tables = Tables(connection, history, manifest, chosen, settings, sides, complaint_rules)
        compared = _compared_with(tables, against) if against is not None else None
        return _audit(tables, rulebook, compared)


def _rulebook_of(manifest: Manifest, period: Period, digest: str | None) -> str:
    """The digest of the rulebook to audit by."""
    if digest is not None:
        found = [known for known in manifest.rulebooks if known.startswith(digest.lower())]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{name[:12]} ({title})" for name, title in sorted(manifest.rulebooks.items()))
        raise InputError(f"{digest!r} names {'no' if not found else 'more than one'} rulebook of the history: {known}")
    inside = {part.digest for part in manifest.parts_of(months_of(period))}
    latest = [run.digest for run in manifest.runs]
    return next((known for known in reversed(latest) if known in inside), latest[-1])


def _compared_with(tables: Tables, against: Compared) -> Against:
    """What side 1 holds, and why there is nothing to compare with if so."""
    conversations, scored = (count(tables.connection, f"conv WHERE side = 1{more}") for more in ("", " AND scored"))
    elsewhere = tables.other_rulebooks(1)
    reason = None if scored else "rulebook" if elsewhere and not conversations else "empty"
    return Against(against.kind, against.period, against.group, conversations, scored, scored > 0, reason)


def _audit(tables: Tables, rulebook: Rulebook, against: Against | None) -> Audit:
    settings, period = tables.settings, tables.sides[0].period
    target = settings.targets["first_response"]
    measured = measure(tables, len(rulebook.dimensions), target)
    comparable = against is not None and against.comparable
    now, before = measured.of(0), measured.of(1) if comparable else None
    total = rulebook.scoring.total
    failed = cover.failures(tables)
    standings = Standings(measured, rulebook, settings, compared=comparable)
    focus = {name: dearest(rulebook, measures) for name, measures in standings.agents.items()}
    quotes = Quotes(
        tables,
        rulebook,
        focus=[(name, cost.rule.id) for name, costs in focus.items() for cost in costs],
        problems=[rule.id for rule in rulebook.rules if rule.id in failed and costly(rule)],
        vetoes=[rule.id for rule in rulebook.rules if rule.id in failed and rule.veto],
    )
    histogram = cover.histogram(tables, 0, total)
    histogram_before = cover.histogram(tables, 1, total) if comparable else None
    layers, items = team_layers(rulebook, now, before, settings), team_items(rulebook, now, before, settings)
    return Audit(
        version=__version__,
        language=rulebook.language,
        rulebook=rulebook.name,
        digest=tables.digest,
        total=total,
        pass_mark=rulebook.scoring.pass_mark,
        period=period,
        group=tables.sides[0].group,
        against=against,
        coverage=cover.coverage(tables),
        layers=layers,
        trend=trend(tables, rulebook.scoring),
        grades=cover.grades(tables, rulebook),
        histogram=histogram,
        histogram_before=histogram_before,
        histogram_level=levelled(histogram_before, histogram) if histogram_before else None,
        dimensions=team_dimensions(rulebook, now, before, settings),
        items=items,
        rising=trending(items, "rising"),
        falling=trending(items, "falling"),
        problems=problems(rulebook, now, before, items, failed, quotes),
        responses=distributions(now, before, target),
        volume=cover.volume(tables),
        vetoes=vetoes(rulebook, now, layers, failed, quotes),
        agents=agent_audits(standings, focus, quotes, cover.groups(tables)),
        excellent=quotes.excellent(),
        method=_method(tables, standings.shrinkage),
    )


def _method(tables: Tables, shrinkage: Shrinkage | None) -> Method:
    settings, days = tables.settings, set(days_of(tables.sides[0].period))
    return Method(
        confidence=0.95,
        mean_interval="t",
        rate_interval="wilson",
        correction="holm",
        error_rate=ERROR_RATE,
        least_to_rank=settings.least_to_rank,
        shrinkage="empirical_bayes",
        team_mean=shrinkage.mean if shrinkage else None,
        between_sd=shrinkage.between if shrinkage else None,
        within_sd=shrinkage.within if shrinkage else None,
        zone=tables.manifest.zone,
        hours=settings.hours,
        weekdays=settings.weekdays,
        holidays=tuple(sorted(days & settings.holidays)),
        workdays=tuple(sorted(days & settings.workdays)),
        fcr_days=settings.fcr_days,
        first_response_target=settings.targets["first_response"],
        complaints=tables.complaints,
    )
