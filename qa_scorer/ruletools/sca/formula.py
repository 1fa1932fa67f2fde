"""Formulas over ids, such as ``7&&!(8||9)``: the field ``lambda`` of rules and conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(&&?|\|\|?|!|[()]|\w+)")
_DEEPEST = 50


class FormulaError(ValueError):
    """The formula cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Id:
    """The condition or operator of that id."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    part: Formula


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Formula, ...]


Formula = Id | Negation | Both | Either


def parse(text: str) -> Formula:
    """Read a formula; ``!`` binds closest, then ``&&``, then ``||``. Raises FormulaError."""
    tokens = _tokens(text)
    formula, end = _either(tokens, 0, 0)
    if end < len(tokens):
        raise FormulaError(f"the formula {text!r} goes on after its end, at {tokens[end]!r}")
    return formula


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FormulaError(f"the formula {text!r} holds the unknown sign {text[at:].lstrip()[:1]!r}")
        tokens.append(found[1])
        at = found.end()
    if not tokens:
        raise FormulaError("the formula is empty")
    return tokens


def _either(tokens: list[str], at: int, depth: int) -> tuple[Formula, int]:
    first, at = _both(tokens, at, depth)
    parts = [first]
    while at < len(tokens) and tokens[at] in ("||", "|"):
        part, at = _both(tokens, at + 1, depth)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Either(tuple(parts))), at


def _both(tokens: list[str], at: int, depth: int) -> tuple[Formula, int]:
    first, at = _one(tokens, at, depth)
    parts = [first]
    while at < len(tokens) and tokens[at] in ("&&", "&"):
        part, at = _one(tokens, at + 1, depth)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Both(tuple(parts))), at


def _one(tokens: list[str], at: int, depth: int) -> tuple[Formula, int]:
    if at >= len(tokens):
        raise FormulaError("the formula ends where an id is due")
    if depth > _DEEPEST:
        raise FormulaError(f"the formula is nested more than {_DEEPEST} levels deep")
    token = tokens[at]
    if token == "!":
        part, at = _one(tokens, at + 1, depth + 1)
        return (part.part if isinstance(part, Negation) else Negation(part)), at
    if token == "(":
        part, at = _either(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise FormulaError("a bracket of the formula is not closed")
        return part, at + 1
    if not token[0].isalnum() and token[0] != "_":
        raise FormulaError(f"the formula has {token!r} where an id is due")
    return Id(token), at + 1


def ids(formula: Formula) -> list[str]:
    """All ids, in order, each once."""
    if isinstance(formula, Id):
        return [formula.name]
    parts = (formula.part,) if isinstance(formula, Negation) else formula.parts
    return list(dict.fromkeys(name for part in parts for name in ids(part)))
