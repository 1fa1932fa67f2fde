"""A scored conversation, message by message, with what every rule found in it: read from a run's tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.text import Text

from qa_scorer.errors import InputError
from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES
from qa_scorer.rulebook.diagnostics import printable
from qa_scorer.ruletools.describe import count, table

_SIGNS = {"agent": "服", "customer": "客", "bot": "机", "system": "系"}
_STYLES = {"hit": "green", "excused": "yellow", "near_miss": "yellow", "trigger": "cyan"}
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


def show(scored: Scored, titles: Mapping[str, str], console: Console, only: str | None = None) -> None:
    """Print the conversation; ``titles`` by rule id, ``only`` one rule."""
    console.print(_headline(scored))
    console.print()
    for message in scored.lines:
        marks = [mark for mark in message.marks if only in (None, mark.rule_id)]
        console.print(_message(message, marks))
        for mark in marks:
            console.print(_mark(mark, titles))
    console.print()
    for line in _verdicts(scored, titles, only):
        console.print(line)


def _headline(scored: Scored) -> Text:
    head = scored.head
    text = Text(scored.conversation_id, style="bold")
    if head["score"] is None:
        text.append(f"  not scored ({head['skip_reason']})", "yellow")
    else:
        style = "green" if head["passed"] else "red"
        veto = ", vetoed" if head["vetoed"] else ""
        text.append(f"  {head['score']:g} of {head['max_score']:g}, {head['grade']}{veto}", style)
    text.append(f"  {head['agents']}  {head['source']}", "dim")
    return text


def _message(line: Line, marks: list[Mark]) -> Text:
    sender = f"[{line.sender}]" if line.role == "agent" and line.sender else ""
    kind = "" if line.kind == "text" else f" ({line.kind})"
    text = Text(f"{line.seq + 1:>3} {line.time} " if line.time else f"{line.seq + 1:>3} ", style="dim")
    text.append(f"{_SIGNS[line.role]}{sender}{kind}: ", "cyan")
    at = len(text)
    text.append(printable(line.text.replace("\n", " ")))
    for mark in marks:
        if mark.end > mark.start:
            text.stylize(f"underline {_style(mark)}", at + mark.start, at + mark.end)
    return text


def _style(mark: Mark) -> str:
    return "red" if mark.failed and mark.kind == "hit" else _STYLES[mark.kind]


def _mark(mark: Mark, titles: Mapping[str, str]) -> Text:
    quoted = f" “{printable(mark.text)}”" if mark.text else ""
    note = f" ({mark.note})" if mark.note else ""
    verb = {
        "hit": "fails by" if mark.failed else "found",
        "excused": "forgiven",
        "near_miss": "almost",
        "trigger": "because of",
    }
    words = f"      {mark.rule_id} {titles.get(mark.rule_id, '')}".rstrip()
    return Text(f"{words}: {verb[mark.kind]}{quoted}{note}", style=_style(mark))


def _verdicts(scored: Scored, titles: Mapping[str, str], only: str | None) -> Iterator[Text]:
    """A table of all verdicts, a line each, agent by agent."""
    told = [verdict for verdict in scored.verdicts if only in (None, verdict.rule_id)]
    rows = [("agent", "rule", "title", "verdict", "points", "searched in vain")]
    for verdict in told:
        points = "" if verdict.verdict == "not_applicable" else _points(verdict)
        searched = ", ".join(str(seq + 1) for seq in verdict.searched)
        words = verdict.verdict.replace("_", " ") + (f", {count(verdict.hits, 'hit')}" if verdict.hits else "")
        rows.append((verdict.agent, verdict.rule_id, titles.get(verdict.rule_id, ""), words, points, searched))
    styles = ["dim", *({"fail": "red", "pass": ""}.get(verdict.verdict, "dim") for verdict in told)]
    for line, style in zip(table(rows).splitlines(), styles, strict=True):
        yield Text(line, style)


def _points(row: RuleVerdict) -> str:
    if row.max_points:
        return f"{row.points:g} of {row.max_points:g}"
    return f"{row.points:+g}" if row.points else ""


def as_json(scored: Scored) -> dict[str, Any]:
    """Everything as plain data."""
    head = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in scored.head.items()}
    return {
        "conversation": head,
        "messages": [asdict(line) for line in scored.lines],
        "verdicts": [asdict(verdict) for verdict in scored.verdicts],
    }
