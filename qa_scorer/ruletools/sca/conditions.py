"""Conditions of SCA: operators over a check range become a tree of conditions, or a check that stands alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from qa_scorer.model.checks import Check
from qa_scorer.model.patterns import AnyOf, Condition, ConditionTree, Extent, Not, Scope
from qa_scorer.model.words import Role
from qa_scorer.ruletools.sca.formula import Both, Either, Formula, FormulaError, Id, Negation, parse
from qa_scorer.ruletools.sca.operators import Reading, read_operator
from qa_scorer.ruletools.sca.reading import CheckRange, ScaCondition
from qa_scorer.ruletools.sca.sentences import NoEquivalentError, Sentences, both, either, guards, neither

_ROLES = {
    "": (Role.AGENT, Role.CUSTOMER), "所有": (Role.AGENT, Role.CUSTOMER), "客服": (Role.AGENT,), "客户": (Role.CUSTOMER,),
}  # fmt: skip


@dataclass
class Part:
    """A condition ready for use. ``bad`` and ``good`` make the check of a rule that is this condition alone."""

    scope: Scope
    tree: ConditionTree | None = None
    sentences: Sentences | None = None
    bad: Callable[[], Check] | None = None
    good: Callable[[], Check] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        """It is a check of its own and nothing else."""
        return self.tree is None or self.bad is not None


def read_condition(condition: ScaCondition, others: Mapping[str, ScaCondition], depth: int = 0) -> Part:
    """What a condition became; one that is anchored to the same sentence is joined with its anchor.

    Raises NoEquivalentError.
    """
    anchor = condition.range.anchor
    if anchor is None:
        scope = scope_of(condition.range)
    else:
        scope = Scope(_role(condition.range))
        if anchor.location == "CURRENT":
            return _in_same_sentence(condition, scope, others, depth)
    readings = _read_operators(condition)
    if len(readings) == 1 and len(condition.operators) == 1 and condition.formula.strip() in ("", *readings):
        return _single(next(iter(readings.values())), scope, condition.range.every)
    for reading in readings.values():
        if reading.sentences is None or reading.bad is not None:
            raise NoEquivalentError("one of its operators is a check of its own and cannot be joined with others")
    sentences = _joined(_formula(condition.formula, list(readings)), readings)
    part = Part(scope, sentences=sentences, notes=[note for reading in readings.values() for note in reading.notes])
    part.tree = _tree(sentences, scope, condition.range.every)
    return part


def _read_operators(condition: ScaCondition) -> dict[str, Reading]:
    if not condition.operators:
        raise NoEquivalentError("it has no operator")
    readings = {}
    for operator in condition.operators:
        try:
            readings[operator.oid] = read_operator(operator)
        except NoEquivalentError as error:
            raise NoEquivalentError(f"operator {operator.oid}: {error}") from None
    return readings


def _formula(text: str, known: list[str]) -> Formula:
    """The formula over operators; without one, all of them must hold."""
    if not text.strip():
        parts: tuple[Formula, ...] = tuple(Id(name) for name in known)
        return parts[0] if len(parts) == 1 else Both(parts)
    try:
        return parse(text)
    except FormulaError as error:
        raise NoEquivalentError(str(error)) from None


def _joined(formula: Formula, readings: Mapping[str, Reading]) -> Sentences:
    if isinstance(formula, Id):
        if formula.name not in readings:
            raise NoEquivalentError(f"its formula names operator {formula.name}, which is not there")
        return readings[formula.name].sentences or ()
    if isinstance(formula, Negation):
        return neither(_joined(formula.part, readings))
    parts = [_joined(part, readings) for part in formula.parts]
    return either(parts) if isinstance(formula, Either) else both(parts)


def _single(reading: Reading, scope: Scope, every: bool) -> Part:
    part = Part(scope, sentences=reading.sentences, notes=reading.notes)
    if every and reading.sentences is None:
        raise NoEquivalentError("its operator cannot be asked of every sentence")
    if reading.bad is not None:
        bad = reading.bad
        part.bad = lambda: bad(scope)
    if reading.good is not None:
        good = reading.good
        part.good = lambda: good(scope)
    if reading.sentences is not None:
        part.tree = _tree(reading.sentences, scope, every)
    elif reading.tree is not None:
        part.tree = reading.tree(scope)
    return part


def _tree(sentences: Sentences, scope: Scope, every: bool) -> ConditionTree:
    """Some message of the scope (or each) is one of the sentences."""
    if every:
        return Not(_tree(neither(sentences), scope, every=False))
    if not sentences:
        raise NoEquivalentError("its formula can never hold")
    trees: list[ConditionTree] = [Condition(one.some, scope, guards(one)) for one in sentences]
    return trees[0] if len(trees) == 1 else AnyOf(tuple(trees))


def _in_same_sentence(condition: ScaCondition, scope: Scope, others: Mapping[str, ScaCondition], depth: int) -> Part:
    anchor = condition.range.anchor
    assert anchor is not None
    if anchor.cid not in others or depth > len(others):
        raise NoEquivalentError(f"it is anchored to condition {anchor.cid}, which is not there")
    first = read_condition(others[anchor.cid], others, depth + 1)
    free = ScaCondition(condition.cid, condition.name, CheckRange(condition.range.role), condition.operators,
                        condition.formula)  # fmt: skip
    second = read_condition(free, others)
    if first.sentences is None or second.sentences is None or first.bad or second.bad or condition.range.every:
        raise NoEquivalentError("two such operators cannot be asked of one sentence")
    if not set(first.scope.role) <= set(scope.role):
        raise NoEquivalentError("one sentence has one speaker: its role and that of its anchor differ")
    sentences = both([first.sentences, second.sentences])
    return Part(first.scope, _tree(sentences, first.scope, every=False), sentences, notes=[*first.notes, *second.notes])


def _role(given: CheckRange) -> tuple[Role, ...]:
    if given.role not in _ROLES:
        raise NoEquivalentError(f"the role {given.role!r} is not known")
    return _ROLES[given.role]


def scope_of(given: CheckRange) -> Scope:
    """The scope of a range without an anchor. Raises NoEquivalentError."""
    role = _role(given)
    start, stop = given.start or 1, given.stop or -1
    if start == 1 and stop == -1:
        return Scope(role)
    if given.absolute and len(role) == 1:
        raise NoEquivalentError("its range counts the sentences of both sides; ours count those of the role")
    if start == 1 and stop > 0:
        return Scope(role, first=Extent(stop, "message"))
    if start < 0 and stop == -1:
        return Scope(role, last=Extent(-start, "message"))
    raise NoEquivalentError(f"a range from {start} to {stop} is neither at the beginning nor at the end")
