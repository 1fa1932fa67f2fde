"""企业微信会话存档: JSON Lines of messages with ``msgid``, ``action``, ``from``, ``tolist``, ``msgtime`` and a body
named by ``msgtype``.

External contacts (``wo…``, ``wm…``) are customers, ``wb…`` robots, all others agents. There is no session id:
conversations are parted by customer and day or by ``--gap``, group chats by ``roomid``. A ``recall`` marks the
message it recalls as withdrawn; ``switch`` is a log entry, dropped and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.containers.jsonfile import rows_table
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Log, Part, RawTable
from qa_scorer.transcripts.roles import is_external

_ROWS = 20_000
_COLUMNS = ColumnMap(
    {
        f.MESSAGE_ID: "msgid", f.SENDER: "from", f.CUSTOMER: "customer", f.CONVERSATION: "roomid", f.TIME: "msgtime",
        f.TYPE: "msgtype", f.TEXT: "text", f.WITHDRAWN: "recalled",
    },
    confidence=0.97,
)  # fmt: skip


def recognise(part: Part, options: ReadOptions) -> Match | None:  # noqa: ARG001 - the signature is Format's
    """Records with msgid, action and msgtime."""
    records = part.sample_records() or []
    archived = sum(1 for record in records[:200] if _is_archived(record))
    return (
        Match(0.97, ("msgid, action, from, tolist, msgtime",))
        if records and archived >= 0.5 * len(records[:200])
        else None
    )


def _is_archived(record: Any) -> bool:
    return (
        isinstance(record, Mapping)
        and "msgid" in record
        and "action" in record
        and ("tolist" in record or "user" in record)
    )


def read(part: Part, options: ReadOptions, log: Log) -> Iterator[Mapped]:  # noqa: ARG001 - the signature is Format's
    """One row per message. A first pass over the file collects what is recalled later."""
    quiet = Log(part.name)
    recalled = {
        str(record["revoke"].get("pre_msgid"))
        for _, record in part.records(quiet)
        if isinstance(record, Mapping) and isinstance(record.get("revoke"), Mapping)
    }
    rows: list[dict[str, str | None]] = []
    places: list[int] = []
    for number, record in part.records(log):
        if not _is_archived(record):
            log.reject(number, "not an archived message: msgid, action, from and tolist are expected", str(record))
            continue
        if record["action"] != "send":
            log.drop("recall or switch entry")
            continue
        rows.append(_row(record, recalled))
        places.append(number)
        if len(rows) >= _ROWS:
            yield Mapped(RawTable(rows_table(rows), np.array(places, dtype=np.int64)), _COLUMNS)
            rows, places = [], []
    if rows:
        yield Mapped(RawTable(rows_table(rows), np.array(places, dtype=np.int64)), _COLUMNS)


def _row(record: Mapping[str, Any], recalled: set[str]) -> dict[str, str | None]:
    sender = str(record.get("from", ""))
    everyone = [sender, *map(str, record.get("tolist") or [])]
    kind = str(record.get("msgtype", ""))
    body = record.get(kind)
    return {
        "msgid": str(record["msgid"]),
        "from": sender,
        "customer": next((name for name in everyone if is_external(name)), None),
        "roomid": str(record.get("roomid") or "") or None,
        "msgtime": str(record.get("msgtime", "")),
        "msgtype": kind,
        "text": _text(body),
        "recalled": "1" if str(record["msgid"]) in recalled else "0",
    }


def _text(body: Any) -> str | None:
    """The words of a message body: text, markdown and mixed messages have them."""
    if not isinstance(body, Mapping):
        return None
    content = body.get("content")
    if isinstance(content, str):
        return content
    items = body.get("item")
    texts = (
        [str(item.get("content", "")) for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    )
    return "\n".join(texts) or body.get("title")


FORMAT = Format("wecom-archive", "企业微信会话存档", recognise, read, __name__)
