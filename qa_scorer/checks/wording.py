"""A guard in words, for the evidence."""

from __future__ import annotations

from qa_scorer.model.patterns import (
    Fuzzy,
    Guard,
    ListRef,
    Literal,
    Near,
    Negated,
    PatternRef,
    Quoted,
    Regex,
    Said,
    Word,
)


def pattern_text(pattern: PatternRef) -> str:
    """A pattern as a rule file writes it."""
    match pattern:
        case Literal(text):
            return text
        case Word(word):
            return f"word: {word}"
        case Regex(regex):
            return f"regex: {regex}"
        case Fuzzy(fuzzy, least):
            return f"fuzzy: {fuzzy} ≥ {least:g}"
        case ListRef(name):
            return f"${name}"


def guard_texts(guards: tuple[Guard, ...]) -> tuple[str, ...]:
    """One note for each guard."""
    return tuple(_guard_text(guard) for guard in guards)


def _guard_text(guard: Guard) -> str:
    match guard:
        case Quoted(who):
            return "quoted" if who == "any" else f"quoted: {who}"
        case Said(role):
            return f"said: {role.name.lower()}"
        case Negated():
            return "negated"
        case Near(near, _):
            return "near: " + ", ".join(map(pattern_text, near))
        case _:
            return f"except: {pattern_text(guard)}"
