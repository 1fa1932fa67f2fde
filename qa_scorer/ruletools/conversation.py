"""A scored conversation, message by message, with what every rule found in it: read from a run's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qa_scorer.errors import InputError
from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES

_ORDER = {"fail": 0, "pass": 1, "not_applicable": 2}


@dataclass(frozen=True, slots=True)
class Mark:
    """Evidence of a rule; ``failed`` says whether the rule failed the agent by it."""

    rule_id: str
    agent: str
    kind: str
    start: int
    end: int
    text: str
    note: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A message with the evidence in it."""

    seq: int
    role: str
    sender: str
    kind: str
    time: str
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """A rule on an agent; ``searched`` are the messages looked at in vain."""

    rule_id: str
    agent: str
    verdict: str
    points: float
    max_points: float
    hits: int
    searched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A conversation of a run. ``digest`` is that of the rulebook that scored it."""

    conversation_id: str
    head: Mapping[str, Any]
    lines: tuple[Line, ...]
    verdicts: tuple[RuleVerdict, ...]
    digest: str


def read_scored(out: Path, conversation_id: str) -> Scored:
    """A conversation of the run in ``out``. Raises InputError when there is no such run or conversation."""
    data = out / "data"
    if not (data / "run.json").is_file():
        raise InputError(
            f"{out} holds no run; run `qa-scorer score EXPORT -o {out}` first, or name its folder with --run"
        )
    head = _rows(data, "conversations", conversation_id)
    if not head:
        raise InputError(f"there is no conversation {conversation_id} in {out}{_meant(data, conversation_id)}")
    verdicts = _rows(data, "verdicts", conversation_id)
    evidence = _rows(data, "evidence", conversation_id)
    failed = {(row["rule_id"], row["agent"]) for row in verdicts if row["verdict"] == "fail"}
    marks: dict[int, list[Mark]] = {}
    searched: dict[tuple[str, str], list[int]] = {}
    for row in evidence:
        key = (row["rule_id"], row["agent"])
        if row["kind"] == "searched":
            searched.setdefault(key, []).append(row["seq"])
        else:
            mark = Mark(
                *key, row["kind"], row["start"], row["end"], row["text"] or "", row["note"] or "", key in failed
            )
            marks.setdefault(row["seq"], []).append(mark)
    run = json.loads((data / "run.json").read_text(encoding="utf-8"))
    zone = ZoneInfo(run["options"]["tz"])
    lines = (_line(row, marks.get(row["seq"], []), zone) for row in _rows(data, "messages", conversation_id))
    told = (
        RuleVerdict(row["rule_id"], row["agent"], row["verdict"], row["points"], row["max_points"], row["hits"],
                    tuple(searched.get((row["rule_id"], row["agent"]), ())))
        for row in verdicts
    )  # fmt: skip
    ordered = sorted(told, key=lambda verdict: (verdict.agent, _ORDER.get(verdict.verdict, 3)))
    return Scored(conversation_id, head[0], tuple(lines), tuple(ordered), run["rulebook"]["digest"])


def _rows(data: Path, name: str, conversation_id: str) -> list[dict[str, Any]]:
    try:
        found = pq.read_table(data / f"{name}.parquet", filters=pc.field("conversation_id") == conversation_id)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{data / name}.parquet cannot be read: {error}; score again") from None
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _meant(data: Path, conversation_id: str) -> str:
    ids = pq.read_table(data / "conversations.parquet", columns=["conversation_id"])["conversation_id"].to_pylist()
    near = [known for known in ids if conversation_id in known][:5] or get_close_matches(conversation_id, ids, 3)
    return (
        f"; did you mean {', '.join(near)}?"
        if near
        else "; the ids stand in its report and in data/conversations.parquet"
    )


def _line(row: Mapping[str, Any], marks: list[Mark], zone: ZoneInfo) -> Line:
    time = row["time"].astimezone(zone).strftime("%H:%M:%S") if row["time"] else ""
    ordered = tuple(sorted(marks, key=lambda mark: (mark.start, mark.rule_id)))
    return Line(
        row["seq"], ROLE_NAMES[row["role"]], row["sender"] or "", KIND_NAMES[row["kind"]], time, row["text"], ordered
    )


def as_json(scored: Scored) -> dict[str, Any]:
    """Everything as plain data."""
    head = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in scored.head.items()}
    return {
        "conversation": head,
        "messages": [asdict(line) for line in scored.lines],
        "verdicts": [asdict(verdict) for verdict in scored.verdicts],
    }
