"""Roles, verdicts and evidence kinds, with the integer codes that columns hold."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """Who speaks. ``BOT`` and ``SYSTEM`` are never an agent's words."""

    AGENT = 0
    CUSTOMER = 1
    BOT = 2
    SYSTEM = 3


ROLE_NAMES: tuple[str, ...] = tuple(role.name.lower() for role in Role)


class Kind(IntEnum):
    """What a message is. Only ``TEXT`` is judged as words; the others still count as a reply in time."""

    TEXT = 0
    MEDIA = 1
    WITHDRAWN = 2
    NOTE = 3
    EVENT = 4


KIND_NAMES: tuple[str, ...] = tuple(kind.name.lower() for kind in Kind)


class Verdict(IntEnum):
    """``ABSENT``: the rule does not concern this agent in this conversation (no row in the tables)."""

    ABSENT = 0
    PASS = 1
    FAIL = 2
    NOT_APPLICABLE = 3


VERDICT_NAMES: tuple[str, ...] = tuple(verdict.name.lower() for verdict in Verdict)


class EvidenceKind(IntEnum):
    """``HIT``: text that decided. ``SEARCHED``: a message of the scope that was searched in vain.
    ``EXCUSED``: a hit that a guard forgave. ``NEAR_MISS``: text that almost decided. ``TRIGGER``: what made
    the rule apply."""

    HIT = 0
    SEARCHED = 1
    EXCUSED = 2
    NEAR_MISS = 3
    TRIGGER = 4


EVIDENCE_NAMES: tuple[str, ...] = tuple(kind.name.lower() for kind in EvidenceKind)


class Responsible(StrEnum):
    """Whose verdict it is when several agents share a conversation."""

    OPENER = "opener"
    CLOSER = "closer"
    SPEAKER = "speaker"
    ANSWERER = "answerer"
