"""What one message must hold, as alternatives: some of these patterns and none of those.

SCA joins operators within a sentence; a condition of ours finds patterns and lets guards excuse them. Alternatives
carry every ``||``, guards every ``!``, and two wanted things in one message become one regex, in either order.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_scorer.model.patterns import Extent, Guard, Literal, Near, PatternRef, Regex

MOST_ALTERNATIVES = 60


class NoEquivalentError(Exception):
    """There is no way to say it in our rules; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message that holds one of ``some`` (anything, when empty) and none of ``none``."""

    some: tuple[PatternRef, ...] = ()
    none: tuple[PatternRef, ...] = ()


Sentences = tuple[Sentence, ...]
"""A message is one of these. No alternative: no message is."""


def guards(sentence: Sentence) -> tuple[Guard, ...]:
    """The guards that excuse a hit of ``some`` in a message with any of ``none``."""
    if not sentence.none:
        return ()
    # Without patterns the hit is the whole message, which every pattern in it overlaps.
    return (Near(sentence.none, Extent(0, "message")),) if sentence.some else sentence.none


def either(parts: Iterable[Sentences]) -> Sentences:
    """Messages that one of the parts describes."""
    found = tuple(dict.fromkeys(itertools.chain.from_iterable(parts)))
    plain = tuple(pattern for sentence in found if not sentence.none and sentence.some for pattern in sentence.some)
    merged = (Sentence(tuple(dict.fromkeys(plain))),) if plain else ()
    return (*merged, *(sentence for sentence in found if sentence.none or not sentence.some))


def both(parts: Sequence[Sentences]) -> Sentences:
    """Messages that all parts describe. Raises NoEquivalentError."""
    result: Sentences = (Sentence(),)
    for part in parts:
        if len(result) * len(part) > MOST_ALTERNATIVES:
            raise NoEquivalentError("its operators combine in too many ways")
        result = either([(_meet(one, other),) for one in result for other in part])
    return result


def neither(part: Sentences) -> Sentences:
    """Messages that the part does not describe. Raises NoEquivalentError."""
    denied = []
    for sentence in part:
        ways = [Sentence((), sentence.some)] if sentence.some else []
        denied.append(tuple(ways + ([Sentence(sentence.none)] if sentence.none else [])))
    return both(denied)


def _meet(one: Sentence, other: Sentence) -> Sentence:
    none = tuple(dict.fromkeys((*one.none, *other.none)))
    if not one.some or not other.some or one.some == other.some:
        return Sentence(one.some or other.some, none)
    return Sentence((together([one.some, other.some]),), none)


def together(groups: Sequence[Sequence[PatternRef]], gap: str = ".*") -> Regex:
    """One regex for a pattern of each group, in any order, within one line. Raises NoEquivalentError."""
    choices = [f"(?:{'|'.join(map(_as_regex, group))})" for group in groups]
    orders = list(itertools.islice(itertools.permutations(choices), MOST_ALTERNATIVES + 1))
    if len(orders) > MOST_ALTERNATIVES:
        raise NoEquivalentError(f"{len(groups)} things in one message can stand in too many orders")
    return Regex("|".join(gap.join(order) for order in orders))


def _as_regex(pattern: PatternRef) -> str:
    if isinstance(pattern, Literal):
        return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", pattern.text)
    if isinstance(pattern, Regex):
        return f"(?:{pattern.regex})"
    raise NoEquivalentError("a phrase that is found by similarity cannot be joined with another test of the message")
