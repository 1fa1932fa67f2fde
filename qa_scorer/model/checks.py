"""The parameters of every check, one dataclass each. The verdicts are made in ``qa_scorer.checks``.

A key of a rule in YAML has the name of the field here (``except`` for ``except_``); a condition's keys (``where``,
``any``, ``except``) stand directly in the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from qa_scorer.model.limits import Amount, Between, Form, Inside, Percent, Share, TimeZone
from qa_scorer.model.patterns import Condition, ConditionTree, Extent, Field, Guard, PatternRef, Scope


@dataclass(frozen=True, slots=True)
class Require:
    """Pass when the condition holds."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Forbid:
    """Fail when the condition holds; every unexcused hit is a finding."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Count:
    """Pass when the number of hits is within bounds, in all or per message or per 100 characters."""

    condition: Condition
    at_least: Amount | None = None
    at_most: Amount | None = None
    per: Literal["conversation", "message", "100 characters"] = "conversation"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Pass when hits of the condition make up the share ``at_least`` … ``at_most`` (0–1) of those and ``of`` together.

    Not applicable below ``min_hits`` in all.
    """

    condition: Condition
    of: tuple[PatternRef, ...]
    at_least: Share | None = None
    at_most: Share | None = None
    min_hits: Annotated[int, Between(1)] = 1


@dataclass(frozen=True, slots=True)
class Follow:
    """When ``when`` holds in a message, ``then`` must hold within the extent after it; else not applicable.

    With ``each`` every trigger needs its answer; without, one answered trigger is enough.
    """

    when: Condition
    then: Condition
    within: Annotated[Extent, Inside("then")] = Extent(1, "message")
    each: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Pass when the first hit of ``first`` comes no later than the first hit of ``then``; not applicable without ``then``."""

    first: Condition
    then: Condition


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of waiting. Full points up to ``full``, half up to ``half``, a quarter up to ``none``, nothing beyond.

    A wait that follows a message of ``hold`` counts only beyond ``hold_extra`` seconds. ``hours`` leaves out waits
    that begin outside them (in ``zone``). A wait does not begin with a message that ``ignore`` hits, such as a mere
    thank-you. Not applicable without timestamps.
    """

    measure: Literal["first_response", "mean_response", "longest_wait", "handle_time"]
    full: Amount
    half: Amount | None = None
    none: Amount | None = None
    hold: tuple[PatternRef, ...] = ()
    hold_extra: Amount = 0.0
    ignore: tuple[PatternRef, ...] = ()
    hours: Annotated[str, Form(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", "09:00-22:00")] | None = None
    zone: Annotated[str, TimeZone()] = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Length:
    """Pass when at least ``share`` of the scope's messages (or sentences) have between ``at_least`` and ``at_most`` characters."""

    scope: Scope = Scope()
    unit: Literal["message", "sentence"] = "message"
    at_least: Annotated[int, Between(0)] | None = None
    at_most: Annotated[int, Between(1)] | None = None
    share: Share = 1.0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Fail when one text is sent ``times`` or more times, two texts being one from ``similarity`` (0–100) on.

    Texts under ``min_characters`` and those that a pattern of ``except`` hits are left out.
    """

    scope: Scope = Scope()
    times: Annotated[int, Between(2)] = 3
    similarity: Percent = 90.0
    min_characters: Annotated[int, Between(1)] = 8
    except_: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Pass when an agent message restates in other words what the customer told, and asks for confirmation (B3).

    ``any`` holds the confirming forms, ``need`` what a customer says that calls for restating (anything, if left out;
    where he says nothing of the kind, a try is judged and its absence is not), ``beyond`` the calls, thanks and courtesies
    that are no need however long. ``overlap`` is the least number of shared content words; ``echo`` the similarity (0–100)
    from which on it is a mere copy.
    """

    any: tuple[PatternRef, ...]
    need: tuple[PatternRef, ...] = ()
    beyond: tuple[PatternRef, ...] = ()
    except_: tuple[Guard, ...] = ()
    overlap: Annotated[int, Between(1)] = 2
    echo: Percent = 88.0


@dataclass(frozen=True, slots=True)
class Entity:
    """Fail when a message of the scope tells an entity of ``kinds``, unless the customer gave the same before (H1)."""

    kinds: tuple[Literal["mobile", "id_card", "bank_card", "email", "url", "wechat", "qq", "address"], ...]
    scope: Scope = Scope()
    except_: tuple[Guard, ...] = ()
    unless_given: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Pass when the customer's last question is followed by an agent message that says more than courtesies (G4).

    ``any`` recognises a question; ``beyond`` are the courtesies that do not count as content; ``at_least`` is the
    number of characters that must remain.
    """

    any: tuple[PatternRef, ...]
    beyond: tuple[PatternRef, ...] = ()
    except_: tuple[Guard, ...] = ()
    at_least: Annotated[int, Between(1)] = 1


@dataclass(frozen=True, slots=True)
class Metadata:
    """Pass when the export's column fulfils the comparison; not applicable where the export is silent."""

    field: Field


@dataclass(frozen=True, slots=True)
class Logic:
    """Pass when every condition of ``of`` holds (check ``all``), when one does (``any``), or when none does (``not``)."""

    tree: ConditionTree


Check = (
    Require
    | Forbid
    | Count
    | Ratio
    | Follow
    | Order
    | Timing
    | Length
    | Repeat
    | Paraphrase
    | Entity
    | Answer
    | Metadata
    | Logic
)

CHECKS: dict[str, type] = {
    "require": Require,
    "forbid": Forbid,
    "count": Count,
    "ratio": Ratio,
    "follow": Follow,
    "order": Order,
    "timing": Timing,
    "length": Length,
    "repeat": Repeat,
    "paraphrase": Paraphrase,
    "entity": Entity,
    "answer": Answer,
    "metadata": Metadata,
    "all": Logic,
    "any": Logic,
    "not": Logic,
}
"""What stands behind ``check:`` in a rule. A new check is one line here, its dataclass above, one module in ``checks/``."""
