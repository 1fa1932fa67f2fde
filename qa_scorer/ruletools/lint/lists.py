"""Patterns that find nothing, or nothing more, and lists that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from qa_scorer.model.patterns import AllOf, AnyOf, Condition, ListRef, Literal, Not, Regex
from qa_scorer.model.rules import Rule
from qa_scorer.ruletools.describe import parts_of
from qa_scorer.ruletools.lint.findings import Findings, text_of
from qa_scorer.ruletools.lint.words import bare


def patterns(findings: Findings) -> None:
    """Q303, Q304: what normalisation erases, and what a shorter text of the same list finds too."""
    for pattern, place in findings.own_patterns():
        if not isinstance(pattern, Regex) and not bare(text_of(pattern)):
            findings.report("Q303", f"{text_of(pattern)!r} holds nothing but blanks, punctuation or emoji", place,
                            help="Signs can be found with a regex: {regex: '!!'}.")  # fmt: skip
    excepted = {ref.name for rule in findings.rulebook.rules for ref in _exceptions(rule) if isinstance(ref, ListRef)}
    for name, entry in findings.rulebook.lists.items():
        if name in excepted:
            continue  # a longer exception forgives more
        literal = [
            (p.text, place) for p, place in zip(entry.patterns, entry.places, strict=True) if isinstance(p, Literal)
        ]
        forms = [bare(text) for text, _ in literal]
        for (text, place), form in zip(literal, forms, strict=True):
            shorter = _covering(form, forms)
            if shorter is not None and findings.own(place):
                findings.report("Q304", f"{text} is found by {literal[shorter][0]} of the same list", place,
                                help="Leave it out.")  # fmt: skip


def _covering(form: str, forms: list[str]) -> int | None:
    for number, other in enumerate(forms):
        if other and other != form and other in form:
            return number
    return None


def unused(findings: Findings) -> None:
    """Q207: lists that no rule names."""
    used = {node.name for rule in findings.rulebook.rules for node in parts_of(rule) if isinstance(node, ListRef)}
    for name in findings.rulebook.lists:
        place = findings.reading.places["list", name]
        if name not in used and findings.own(place):
            findings.report("Q207", f"no rule uses ${name}", place)


def never_counts(findings: Findings) -> None:
    """Q305: texts that an exception stands in, so that each hit is forgiven."""
    for rule, place in findings.own_rules():
        for condition in conditions(rule):
            spared = [p.text for p, _ in findings.opened(condition.except_, place) if isinstance(p, Literal)]
            excused = [form for form in map(bare, spared) if form]
            if not excused:
                continue
            wanted = [(p.text, where) for p, where in findings.opened(condition.any, place) if isinstance(p, Literal)]
            for text, where in wanted:
                inside = next((spare for spare in excused if spare in bare(text)), None)
                if inside and findings.own(where):
                    findings.report(
                        "Q305", f"{text} never counts in {rule.id}: the exception {inside} stands in it", where
                    )


def conditions(node: object) -> Iterator[Condition]:
    """All conditions anywhere in a rule."""
    if isinstance(node, Condition):
        yield node
    elif isinstance(node, Rule):
        for part in (node.when, *(getattr(node.check, name) for name in type(node.check).__dataclass_fields__)):
            yield from conditions(part)
    elif isinstance(node, (AllOf, AnyOf)):
        for branch in node.all if isinstance(node, AllOf) else node.any:
            yield from conditions(branch)
    elif isinstance(node, Not):
        yield from conditions(node.negate)


def _exceptions(rule: Rule) -> Iterator[object]:
    yield from getattr(rule.check, "except_", ())
    for condition in conditions(rule):
        yield from condition.except_
