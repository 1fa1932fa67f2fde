"""The team as a whole beside its own past: figures, dimensions, items, problems and vetoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa_scorer.audit.agents import costly
from qa_scorer.audit.coverage import veto_rules
from qa_scorer.audit.figures import change, items, layers, marked, metrics, weighed
from qa_scorer.audit.measures import ItemCount, Measures
from qa_scorer.audit.model import AuditProblem, Change, DimensionRow, Item, Layer, Vetoes
from qa_scorer.audit.quotes import Quotes
from qa_scorer.audit.settings import Settings
from qa_scorer.model.rules import Rulebook
from qa_scorer.results.summary import Figure, Problem

Failed = Mapping[str, tuple[int, int]]
"""By rule: conversations in which it failed, and agents who failed it."""


def team_layers(rulebook: Rulebook, now: Measures, before: Measures | None, settings: Settings) -> tuple[Layer, ...]:
    """The team's figures; ``before`` is None when there is nothing to compare with."""
    wanted = metrics(rulebook.scoring, settings)
    past = before or Measures()
    differences = {
        metric.id: weighed(metric.of(now), metric.of(past), settings.least_to_rank, metric.widest) for metric in wanted
    }
    return layers(wanted, now, before, differences, marked(differences), {})


def team_dimensions(
    rulebook: Rulebook, now: Measures, before: Measures | None, settings: Settings
) -> tuple[DimensionRow, ...]:
    """The dimensions, in the rulebook's order."""
    past = before.dimensions if before is not None else now.dimensions
    differences = {
        entry.id: weighed(sample, earlier, settings.least_to_rank, 100.0)
        for entry, sample, earlier in zip(rulebook.dimensions, now.dimensions, past, strict=True)
    }
    marks = marked(differences)
    return tuple(
        DimensionRow(
            entry.id,
            entry.name,
            sample.figure(least=0, most=100),
            None
            if before is None
            else change(differences[entry.id], earlier.figure(least=0, most=100), entry.id in marks, 1),
        )
        for entry, sample, earlier in zip(rulebook.dimensions, now.dimensions, past, strict=True)
    )


def team_items(rulebook: Rulebook, now: Measures, before: Measures | None, settings: Settings) -> tuple[Item, ...]:
    """Compliance with every rule, in the rulebook's order."""
    past = before or Measures()
    differences = {
        rule.id: weighed(
            now.items.get(rule.id, ItemCount()).compliance,
            past.items.get(rule.id, ItemCount()).compliance,
            settings.least_to_rank,
        )
        for rule in rulebook.rules
    }
    return items(rulebook.rules, now, before, differences, marked(differences))


def problems(
    rulebook: Rulebook, now: Measures, before: Measures | None, made: Sequence[Item], failed: Failed, quotes: Quotes
) -> tuple[AuditProblem, ...]:
    """Rules that failed and cost something, by points lost per scored conversation; a veto weighs the whole total."""
    found = []
    for rule, item in zip(rulebook.rules, made, strict=True):
        if not costly(rule) or rule.id not in failed:
            continue
        counted = now.items[rule.id]
        rate = counted.compliance.missed
        lost = rulebook.scoring.total * failed[rule.id][0] if rule.veto else counted.lost / 100
        problem = Problem(
            rule.id,
            rule.title,
            item.standard,
            rule.dimension,
            failed[rule.id][0],
            rate.figure(),
            lost / now.scored,
            rule.advice,
            quotes.problem(rule.id),
        )
        changed = None
        if before is not None:
            changed = _of_failing(item.change, before.items.get(rule.id, ItemCount()).compliance.missed.figure())
        found.append(AuditProblem(problem, changed, failed[rule.id][1]))
    return tuple(sorted(found, key=lambda entry: -entry.problem.lost))


def _of_failing(change: Change | None, before: Figure) -> Change | None:
    """The change of a failure rate, from that of compliance."""
    if change is None:
        return None
    low, high = (None if bound is None else -bound for bound in (change.high, change.low))
    return replace(change, before=before, difference=-change.difference, low=low, high=high)


def vetoes(rulebook: Rulebook, now: Measures, team: Sequence[Layer], failed: Failed, quotes: Quotes) -> Vetoes:
    """Broken veto rules; their rate and its change are a figure of the team."""
    rate = next(metric for layer in team for metric in layer.metrics if metric.id == "veto_rate")
    return Vetoes(now.vetoed.hits, rate.figure, rate.change, veto_rules(rulebook, failed), quotes.cases())
