"""Whole rules of SCA: a formula over conditions becomes the check that passes or fails by it, and the scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qa_scorer.model.checks import Check, Follow, Forbid, Logic, Order, Require
from qa_scorer.model.patterns import AllOf, AnyOf, Condition, ConditionTree, Extent, Not
from qa_scorer.model.rules import Dimension, Rule
from qa_scorer.ruletools.sca.conditions import Part, read_condition
from qa_scorer.ruletools.sca.formula import Both, Either, Formula, FormulaError, Id, Negation, ids, parse
from qa_scorer.ruletools.sca.reading import Anchor, ScaRule, number, whole
from qa_scorer.ruletools.sca.report import Import, Imported, Status
from qa_scorer.ruletools.sca.sentences import NoEquivalentError

_DEDUCT, _UNSCORED = 3, 1
_LEVELS = {0: "重度违规", 1: "中度违规", 2: "轻度违规"}
_FAR = Extent(1000, "message")
_NO_EQUIVALENT = {
    "effectivestarttime": "the dates between which it is in force",
    "effectiveendtime": "the dates between which it is in force",
    "prerid": "the rule that must hit before it",
    "dialogues": "its test dialogues; write them as `tests`",
    "graphflow": "its flow chart",
}


def import_rules(rules: Sequence[ScaRule], unscored: float | None = None) -> Import:
    """Every rule as far as it has an equivalent. ``unscored`` is what to deduct for rules that carry no score."""
    dimensions: dict[str, Dimension] = {}
    taken: set[str] = set()
    imported = tuple(_import(rule, dimensions, taken, unscored) for rule in rules)
    return Import(tuple(dimensions.values()), imported)


def _import(rule: ScaRule, dimensions: dict[str, Dimension], taken: set[str], unscored: float | None) -> Imported:
    title = rule.name or f"SCA 规则 {rule.rid}"
    merit, points = _score(rule.fields)
    notes = _left_behind(rule.fields)
    try:
        check = _check(rule, merit, notes)
    except NoEquivalentError as error:
        return Imported(rule.rid, title, Status.LEFT_OUT, None, (str(error), *notes))
    status = Status.APPROXIMATE if notes else Status.EXACT
    if not points:
        points, status = unscored or 1.0, status if unscored else Status.UNSCORED
        notes.append(f"it carries no score there; it deducts {points:g} here" if unscored else
                     "it carries no score there: give it one and take the comment signs away")  # fmt: skip
    dimension = _dimension(rule.fields)
    dimensions.setdefault(dimension.id, dimension)
    worth: dict[str, Any] = {"bonus": points} if merit else {"deduct": points, "cap": points}
    made = Rule(_id(rule.rid, taken), title, dimension.id, check, reason=_reason(rule), **worth)
    return Imported(rule.rid, title, status, made, tuple(notes))


def _score(fields: Mapping[str, Any]) -> tuple[bool, float]:
    """(a hit is a merit, points); 0 points where it is not scored."""
    kind = whole(fields.get("scoretype"))
    points = abs(number(fields.get("scorenum")) or 0.0)
    if whole(fields.get("rulescoretype")) == _UNSCORED:
        points = 0.0
    return kind is not None and kind != _DEDUCT and points > 0, points


def _left_behind(fields: Mapping[str, Any]) -> list[str]:
    """What of a rule is not imported, in words."""
    notes = [f"left behind: {words}" for name, words in _NO_EQUIVALENT.items() if fields.get(name)]
    if whole(fields.get("scorenumtype")) == 1:
        notes.append("a one-time score there; here it is added or deducted once")
    if whole(fields.get("autoreview")) == 1:
        notes.append("left behind: a person confirms its hits")
    if whole(fields.get("weight")) not in (None, 0, 1):
        notes.append("left behind: its weight")
    return list(dict.fromkeys(notes))


def _dimension(fields: Mapping[str, Any]) -> Dimension:
    categories = fields.get("businesscategorynamelist")
    first = categories[0] if isinstance(categories, list) and categories else ""
    name = str(fields.get("rulecategoryname") or fields.get("scorename") or first or "").strip() or "导入的规则"
    return Dimension(re.sub(r"\W+", "_", name).strip("_") or "sca", name, 100.0)


def _reason(rule: ScaRule) -> str:
    level = _LEVELS.get(-1 if (given := whole(rule.fields.get("level"))) is None else given, "")
    parts = [f"SCA 规则 {rule.rid}", level, str(rule.fields.get("comments") or "")]
    return "；".join(part.strip() for part in parts if part.strip())


def _id(rid: str, taken: set[str]) -> str:
    base = "sca." + re.sub(r"[^-\w.]", "_", rid)
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}.{number}"
    taken.add(name)
    return name


def _check(rule: ScaRule, merit: bool, notes: list[str]) -> Check:
    """The check of a rule. Raises NoEquivalentError."""
    formula = _formula(rule)
    missing = [name for name in ids(formula) if name not in rule.conditions]
    if missing:
        raise NoEquivalentError(f"its formula names condition {missing[0]}, which is not there")
    parts: dict[str, Part] = {}
    for name in ids(formula):
        try:
            parts[name] = read_condition(rule.conditions[name], rule.conditions)
        except NoEquivalentError as error:
            raise NoEquivalentError(f"condition {name}: {error}") from None
        notes += [f"condition {name}: {note}" for note in parts[name].notes]
    anchored = {name: anchor for name in parts if (anchor := _distant_anchor(rule, name)) is not None}
    if anchored:
        return _anchored_check(rule, formula, parts, anchored, merit, notes)
    bare = formula.part if isinstance(formula, Negation) else formula
    if isinstance(bare, Id) and parts[bare.name].alone:
        part = parts[bare.name]
        make = part.good if merit != isinstance(formula, Negation) else part.bad
        if make is None:
            raise NoEquivalentError("its operator is a fault here, and cannot be turned into a merit")
        return make()
    return _by_tree(_tree(formula, parts), merit)


def _formula(rule: ScaRule) -> Formula:
    if not rule.formula.strip() and len(rule.conditions) == 1:
        return Id(next(iter(rule.conditions)))
    try:
        return parse(rule.formula)
    except FormulaError as error:
        raise NoEquivalentError(str(error)) from None


def _tree(formula: Formula, parts: Mapping[str, Part]) -> ConditionTree:
    if isinstance(formula, Id):
        tree = parts[formula.name].tree
        if tree is None or parts[formula.name].alone:
            raise NoEquivalentError(f"condition {formula.name} is a check of its own and cannot be joined with others")
        return tree
    if isinstance(formula, Negation):
        inner = _tree(formula.part, parts)
        return inner.negate if isinstance(inner, Not) else Not(inner)
    trees = tuple(_tree(part, parts) for part in formula.parts)
    return _one_search(trees) if isinstance(formula, Either) else AllOf(trees)


def _one_search(trees: tuple[ConditionTree, ...]) -> ConditionTree:
    """Either of some trees; conditions that look in the same place become one."""
    first = trees[0]
    if all(isinstance(tree, Condition) and tree.any and not tree.except_ for tree in trees):
        conditions = [tree for tree in trees if isinstance(tree, Condition)]
        assert isinstance(first, Condition)
        if all(condition.scope == first.scope for condition in conditions):
            return Condition(tuple(dict.fromkeys(ref for one in conditions for ref in one.any)), first.scope)
    return AnyOf(trees)


def _by_tree(tree: ConditionTree, merit: bool) -> Check:
    """The plainest check that passes (a merit) or fails (a fault) where the tree holds."""
    denied = isinstance(tree, Not)
    inner = tree.negate if isinstance(tree, Not) else tree
    if isinstance(inner, Condition):
        return Require(inner) if merit != denied else Forbid(inner)
    if merit:
        return Logic(tree if isinstance(tree, (AllOf, AnyOf)) else AllOf((tree,)))
    return Logic(Not(AnyOf((tree,))))


def _distant_anchor(rule: ScaRule, name: str) -> Anchor | None:
    anchor = rule.conditions[name].range.anchor
    return None if anchor is None or anchor.location == "CURRENT" else anchor


def _anchored_check(
    rule: ScaRule,
    formula: Formula,
    parts: Mapping[str, Part],
    anchored: Mapping[str, Anchor],
    merit: bool,
    notes: list[str],
) -> Check:
    """``A && !B`` as a fault, or ``A && B`` as a merit, where B stands after (or before) A. Raises NoEquivalentError."""
    if len(anchored) > 1:
        raise NoEquivalentError("several of its conditions are anchored; one check looks after one anchor")
    name, anchor = next(iter(anchored.items()))
    wanted: Formula = Id(name) if merit else Negation(Id(name))
    given = formula.parts if isinstance(formula, Both) else (formula,)
    if wanted not in given or any(part not in (wanted, Id(anchor.cid)) for part in given):
        raise NoEquivalentError(
            "an anchored condition has an equivalent only where it must follow: `A && !B` deducts, or `A && B` adds"
        )
    if anchor.cid not in rule.conditions:
        raise NoEquivalentError(f"condition {name} is anchored to condition {anchor.cid}, which is not there")
    first = parts[anchor.cid] if anchor.cid in parts else read_condition(rule.conditions[anchor.cid], rule.conditions)
    when, then = _condition(first, anchor.cid), _condition(parts[name], name)
    if anchor.hit_time != 0:
        meant = (
            "the first"
            if anchor.hit_time == 1
            else "any or the last"
            if anchor.hit_time < 0
            else f"number {anchor.hit_time}"
        )
        notes.append(
            f"condition {name} looks at one hit of condition {anchor.cid} ({meant}); here one answered hit is enough"
        )
    span = rule.conditions[name].range
    from_start = (span.start or 1) == 1
    stop = span.stop or -1
    if anchor.location == "AFTER" and from_start:
        notes.append("a hit after which the other side says nothing more is not held against anybody")
        return Follow(when, then, Extent(stop, "message") if stop > 0 else _FAR)
    if anchor.location == "BEFORE" and from_start and stop == -1:
        notes.append(f"only the first hits of conditions {name} and {anchor.cid} are compared")
        return Order(then, when)
    raise NoEquivalentError(f"condition {name} looks {anchor.location} its anchor, from {span.start} to {span.stop}")


def _condition(part: Part, name: str) -> Condition:
    if isinstance(part.tree, Condition) and not part.alone:
        return part.tree
    raise NoEquivalentError(f"condition {name} is more than one search, which an anchored check cannot be")
