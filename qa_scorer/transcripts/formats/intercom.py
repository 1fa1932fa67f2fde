"""Intercom conversations: the first message stands in ``source``, the rest in ``conversation_parts``.

``author.type`` user or lead is the customer, admin the agent, bot the robot; ``note`` parts are internal; bodies are
HTML; ``conversation_rating`` is the satisfaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.formats.nested import read_records
from qa_scorer.transcripts.notations import html_to_text
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part


def recognise(part: Part, options: ReadOptions) -> Match | None:  # noqa: ARG001 - the signature is Format's
    """Records with ``source`` and ``conversation_parts``."""
    found = any(True for record in part.sample_records()[:50] for _ in _conversations(record))
    return Match(0.97, ("source and conversation_parts",)) if found else None


def _conversations(record: Any) -> Iterator[Mapping[str, Any]]:
    """The conversations in a record: itself, or those of a list page."""
    if not isinstance(record, Mapping):
        return
    if isinstance(record.get("source"), Mapping) and "conversation_parts" in record:
        yield record
    inner = record.get("conversations")
    for element in inner if isinstance(inner, list) else ():
        yield from _conversations(element)


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:
    """One row per part, the source first."""
    records = ((number, _uniform(one)) for number, record in part.records(log) for one in _conversations(record))
    return read_records(records, options, log)


def _uniform(conversation: Mapping[str, Any]) -> dict[str, Any]:
    """The conversation with its source as the first of its parts."""
    parts = conversation["conversation_parts"]
    parts = parts.get("conversation_parts", []) if isinstance(parts, Mapping) else parts
    source = conversation["source"]
    first = {**source, "part_type": "comment", "created_at": source.get("created_at", conversation.get("created_at"))}
    messages = []
    for message in (first, *parts):
        body = message.get("body")
        messages.append({**message, "id": message.get("id"), "body": html_to_text(body).strip() if body else body})
    kept = {
        key: value for key, value in conversation.items() if key not in ("source", "conversation_parts", "created_at")
    }
    return {**kept, "messages": messages}


FORMAT = Format("intercom", "Intercom conversations", recognise, read, __name__)
