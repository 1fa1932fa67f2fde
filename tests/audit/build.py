"""Histories in one line: chats in the chat notation, at chosen times, judged by four small rules."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from qa_scorer.audit.build import Compared, build_audit
from qa_scorer.audit.model import AgentAudit, Audit
from qa_scorer.audit.period import parse_period
from qa_scorer.audit.settings import Settings
from qa_scorer.engines import run
from qa_scorer.history import add_run
from qa_scorer.results.metadata import metadata_table
from qa_scorer.results.summary import Figure
from qa_scorer.results.writing import ResultsWriter
from qa_scorer.rulebook import load
from qa_scorer.transcripts.script import batch_of, parse_script
from qa_scorer.transcripts.table import REJECTS

RULES = """
version: 1
name: 小标准
dimensions:
  opening: {name: 接待, points: 10}
  wording: {name: 用语, points: 10}
rules:
  - {id: greet, title: 问候, dimension: opening, check: require, where: {role: agent}, any: [您好], points: 8, advice: 先问候}
  - {id: closing, title: 道别, dimension: opening, check: require, where: {role: agent}, any: [再见], points: 2}
  - {id: blame, title: 推诿, dimension: wording, check: forbid, where: {role: agent}, any: [不归我管], deduct: 10, cap: 20}
  - {id: insult, title: 辱骂, dimension: wording, check: forbid, where: {role: agent}, any: [滚], veto: true}
"""
GOOD = "客: 在吗\n服[{}] +20s: 您好，再见"
POOR = "客: 在吗\n服[{}] +20s: 什么事，不归我管"
_NOTATION_START = 1_767_229_200_000


@dataclass(frozen=True)
class Chat:
    """A conversation that begins at ``at`` (Shanghai; None: without times); ``known`` are csat, customer, group …"""

    script: str
    at: str | None = "2026-10-10 10:00:00"
    known: dict[str, Any] = field(default_factory=dict)


def many(script: str, agents: Sequence[str], each: int, month: str = "2026-10") -> list[Chat]:
    """``each`` conversations of every agent, spread over the days of a month."""
    return [
        Chat(script.format(agent), f"{month}-{number % 28 + 1:02} 10:{place % 60:02}:{number % 60:02}")
        for place, agent in enumerate(agents)
        for number in range(each)
    ]


def keep(history: Path, chats: Sequence[Chat], *, undated_month: str | None = None, tz: str = "Asia/Shanghai") -> None:
    """File the chats as one run."""
    rules = history.parent / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    rulebook = load([rules])
    said = []
    for number, chat in enumerate(chats):
        messages = parse_script(chat.script)
        for message in messages:
            if chat.at is None:
                message.time_ms = None
            else:
                begin = datetime.fromisoformat(chat.at).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
                passed = (message.time_ms or _NOTATION_START) - _NOTATION_START
                message.time_ms = round(begin.timestamp() * 1000) + passed
        said.append((f"c{number}", messages))
    batch = batch_of(said, [chat.known for chat in chats])
    with TemporaryDirectory() as folder, ResultsWriter(Path(folder) / "out") as writer:
        for scored in run(iter([batch]), rulebook):
            writer.write(scored)
        counts = {"rows_read": 9, "messages": 8, "rejected": 1, "conversations": len(chats), "dropped": {}}
        writer.close_tables(
            REJECTS.empty_table(),
            {
                "rulebook": {"digest": rulebook.digest, "name": rulebook.name},
                "inputs": [{"sha256": hashlib.sha256(repr(chats).encode()).hexdigest()}],
                "counts": counts,
                "options": {"tz": tz},
                "privacy": {"masked": True, "pseudonyms": None},
            },
        )
        writer.add_table("metadata", metadata_table(batch.conversations))
        writer.commit()
        add_run(Path(folder) / "out" / "data", history, RULES, undated_month)


def audit_of(
    folder: Path, chats: Sequence[Chat], settings: Settings | None = None, *, period: str = "2026-10",
    against: str | None = None, group: str | None = None, undated_month: str | None = None,
) -> Audit:  # fmt: skip
    """The audit of a period of a history that holds these chats."""
    keep(folder / "history", chats, undated_month=undated_month)
    month = parse_period(period)
    compared = None
    if against is not None:
        other = against.removeprefix("group:")
        compared = Compared(month, other) if other != against else Compared(parse_period(against))
    return build_audit(folder / "history", month, compared, group, settings, threads=1)


def figure(of: Audit | AgentAudit, name: str) -> Figure:
    """A metric's figure."""
    return next(metric.figure for layer in of.layers for metric in layer.metrics if metric.id == name)


def agent(audit: Audit, name: str) -> AgentAudit:
    """One agent of the audit."""
    return next(entry for entry in audit.agents if entry.agent == name)
