"""The chat notation of rule tests: one message a line, ``客: …`` or ``服: …``.

::

    客: 在吗
    服[小美] +12s: 您好，在的
    机: 机器人回复        系: 系统提示
    服 (image): [图片]

``客``/``C`` is the customer, ``服``/``A`` the agent, ``机``/``B`` the bot, ``系``/``S`` the system. ``[name]`` names
an agent, ``+12s`` is the time since the first message (also ``+3m``, ``+1h``), ``(media)``, ``(withdrawn)``,
``(note)`` or ``(event)`` the kind. A line that does not begin so continues the message above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_scorer.errors import InputError
from qa_scorer.model.words import Kind, Role

_LINE = re.compile(
    r"^\s*(?P<role>[客服机系CABS])(?:\[(?P<name>[^\]]*)\])?\s*(?:\+(?P<time>\d+(?:\.\d+)?)(?P<unit>[smh]))?"
    r"\s*(?:\((?P<kind>[a-z]+)\))?\s*[:：]\s?(?P<text>.*)$"
)
_ROLES = {
    "客": Role.CUSTOMER, "C": Role.CUSTOMER, "服": Role.AGENT, "A": Role.AGENT,
    "机": Role.BOT, "B": Role.BOT, "系": Role.SYSTEM, "S": Role.SYSTEM,
}  # fmt: skip
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_START_MS = 1_767_229_200_000  # 2026-01-01 09:00 in Shanghai


@dataclass(slots=True)
class Message:
    """One message of a chat that is built in Python. ``time_ms`` is epoch milliseconds, UTC."""

    role: Role
    text: str
    sender: str = ""
    time_ms: int | None = None
    kind: Kind = Kind.TEXT


def parse_script(script: str) -> list[Message]:
    """Read the chat notation. Raises InputError when the first line names no speaker or a kind is unknown."""
    messages: list[Message] = []
    for number, line in enumerate(script.splitlines(), start=1):
        found = _LINE.match(line)
        if found is None:
            if not line.strip():
                continue
            if not messages:
                raise InputError(
                    f"line {number} of the chat: expected 客:, 服:, 机: or 系:, found {line.strip()[:20]!r}"
                )
            messages[-1].text += "\n" + line
            continue
        role = _ROLES[found["role"]]
        kind = (found["kind"] or "text").upper()
        if kind not in Kind.__members__:
            allowed = ", ".join(member.name.lower() for member in Kind)
            raise InputError(f"line {number} of the chat: kind ({found['kind']}) is unknown; use one of {allowed}")
        time = None
        if found["time"] is not None:
            time = _START_MS + round(float(found["time"]) * _SECONDS[found["unit"]] * 1000)
        sender = found["name"] or ("客服" if role is Role.AGENT else "")
        messages.append(Message(role, found["text"], sender, time, Kind[kind]))
    return messages
