"""Patterns, guards, scopes and conditions: what to find, where to look, and when a find does not count."""

from __future__ import annotations

import typing
from dataclasses import dataclass, field

from qa_scorer.model.limits import Between, Percent
from qa_scorer.model.words import Role


@dataclass(frozen=True, slots=True)
class Literal:
    """Text to find anywhere. Width, case, traditional forms and inserted noise do not hide it."""

    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """Text to find as whole words of the segmented message: ``请`` is not in 申请."""

    word: str


@dataclass(frozen=True, slots=True)
class Regex:
    """An RE2 expression, searched in the normalised text of one message at a time.

    One that is ``tried`` is known to be read by RE2, as all that ship are: it is compiled when it is first needed.
    """

    regex: str
    tried: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A phrase and its near variants: RapidFuzz ``partial_ratio`` of at least ``min`` (0–100)."""

    fuzzy: str
    min: Percent = 85.0


@dataclass(frozen=True, slots=True)
class ListRef:
    """``$name``: the patterns of a named list."""

    name: str


Pattern = Literal | Word | Regex | Fuzzy
PatternRef = Pattern | ListRef


@dataclass(frozen=True, slots=True)
class Extent:
    """A distance such as ``2 messages``, ``1 turn`` or ``30 seconds``."""

    count: float
    unit: str  # "message" | "turn" | "second"


@dataclass(frozen=True, slots=True)
class Quoted:
    """The hit stands inside quotation or title marks (“”「」《》); with ``customer`` the customer must have said it too."""

    quoted: typing.Literal["any", "customer"] = "any"


@dataclass(frozen=True, slots=True)
class Negated:
    """A negation (不, 没, 别, 不能, 不敢 …) stands in the same clause, at most ``within`` characters before the hit."""

    negated: bool = True
    within: typing.Annotated[int, Between(1)] = 4


@dataclass(frozen=True, slots=True)
class Near:
    """One of the patterns stands in the hit's message or within the extent after it, said by the same role."""

    near: tuple[PatternRef, ...]
    within: Extent = Extent(0, "message")


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody of the role used the hit's words earlier in the conversation: a term that the customer knows is no jargon."""

    said: Role = Role.CUSTOMER


Guard = PatternRef | Quoted | Negated | Near | Said


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages are looked at. ``first``/``last`` count messages or turns *of the role* in the conversation."""

    role: tuple[Role, ...] = (Role.AGENT,)
    first: Extent | None = None
    last: Extent | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds for a conversation when a pattern of ``any`` stands in the scope, unexcused by ``except_``.

    Conditions combine with ``AllOf``, ``AnyOf`` and ``Not``.
    """

    any: tuple[PatternRef, ...] = ()
    scope: Scope = Scope()
    except_: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    all: tuple[ConditionTree, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    any: tuple[ConditionTree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    negate: ConditionTree


@dataclass(frozen=True, slots=True)
class Field:
    """A condition on a column of the export: ``field`` compared by ``op`` with ``value``."""

    field: str
    op: typing.Literal["=", "!=", "<", "<=", ">", ">=", "in", "present"] = "="
    value: str | float | bool | tuple[str, ...] | None = None


ConditionTree = Condition | AllOf | AnyOf | Not | Field
