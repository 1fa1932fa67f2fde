"""Which patterns and guards of a rulebook its tests never made fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa_scorer.checks.plan import Plan
from qa_scorer.model.patterns import Guard, Pattern
from qa_scorer.model.rules import Place, Rule, Rulebook
from qa_scorer.ruletools.describe import GUARDS, name_of, parts_of
from qa_scorer.ruletools.testing import TestReport


@dataclass(frozen=True, slots=True)
class Idle:
    """A pattern (or a guard) that no test of the rules that use it made fire."""

    what: str
    rules: tuple[str, ...]
    place: Place | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a rulebook its tests exercise: distinct patterns and guards, and rules with both outcomes tested."""

    total: int
    idle: tuple[Idle, ...]
    untested: tuple[str, ...]

    @property
    def share(self) -> float:
        """0–1; 1 where there is nothing to exercise."""
        return 1 - len(self.idle) / self.total if self.total else 1.0


def measure(rulebook: Rulebook, report: TestReport) -> Coverage:
    """What the tests of a report, all tests of the rulebook, made fire in the chats of each rule's own tests.

    Who extends the builtin rules is measured by what they wrote themselves.
    """
    view = report.recorder
    batch, plan = view.batch, view.plan
    chats: dict[str, list[int]] = {}
    readable = [outcome for outcome in report.outcomes if outcome.got is not None]
    for conversation, outcome in enumerate(readable):
        for rule in outcome.rules:
            chats.setdefault(rule.id, []).append(conversation)
    places: dict[Pattern, Place] = {}
    for entry in rulebook.lists.values():
        places |= zip(entry.patterns, entry.places, strict=True)
    patterns, guards = _uses(rulebook.rules, plan)
    own = [rule for rule in rulebook.rules if _own(rule.place)]
    if own:
        listed = {pattern: rules for pattern, rules in patterns.items() if pattern in places and _own(places[pattern])}
        patterns, guards = _uses(own, plan)
        patterns = {pattern: rules for pattern, rules in patterns.items() if pattern not in places} | listed
    idle: list[Idle] = []
    for pattern, rules in patterns.items():
        allowed = np.isin(batch.conv, [number for rule in rules for number in chats.get(rule.id, [])])
        if not len(view.spans((pattern,), allowed).message):
            place = places.get(pattern, rules[0].place)
            idle.append(Idle(name_of(pattern), tuple(rule.id for rule in rules), place))
    for guard, rules in guards.items():
        tested = {number for rule in rules for number in chats.get(rule.id, [])}
        if not tested & view.forgave.get(guard, set()):
            idle.append(Idle(name_of(guard), tuple(rule.id for rule in rules), rules[0].place))
    untested = tuple(rule.id for rule in own or rulebook.rules if not rule.tests)
    return Coverage(len(patterns) + len(guards), tuple(idle), untested)


def _own(place: Place | None) -> bool:
    return place is None or not place.file.startswith("builtin:")


def _uses(rules: Sequence[Rule], plan: Plan) -> tuple[dict[Pattern, list[Rule]], dict[Guard, list[Rule]]]:
    """Every distinct pattern, and every guard that is none, with the rules that use it."""
    patterns: dict[Pattern, list[Rule]] = {}
    guards: dict[Guard, list[Rule]] = {}
    for rule in rules:
        nodes = tuple(dict.fromkeys(parts_of(rule)))
        for guard in (node for node in nodes if isinstance(node, GUARDS)):
            guards.setdefault(guard, []).append(rule)
        for pattern in dict.fromkeys(plan.expand(node for node in nodes if not isinstance(node, GUARDS))):
            patterns.setdefault(pattern, []).append(rule)
    return patterns, guards
