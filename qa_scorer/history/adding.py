"""Filing runs in a history, so that nothing is there twice.

What a new run replaces, among the runs under the same rules: (1) every earlier run whose files are all among its own,
byte for byte, whatever options they were read with; (2) every single conversation that it holds too (``identity``).
Runs under other rules are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from qa_scorer.history.database import count, database, literal, parquet, write_query
from qa_scorer.history.identity import identify
from qa_scorer.history.manifest import Manifest, Part, Privacy, Run, changing, commit, part_path, rules_path
from qa_scorer.history.waits import WAITS, waits_of

TABLES = ("conversations", "scorecards", "verdicts", "evidence", "messages", "waits", "metadata")
"""What a part holds: a run's tables with the conversation's ``key`` for its id, and the waits."""
_REJECTS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """A rulebook as the history keeps it: ``text`` is one rule file."""

    digest: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Filing:
    """Tables to file: those of a ``run`` in the folder ``data``.

    ``whole``: they are all that the run has, so they replace earlier runs of its files. Conversations without times
    go to ``undated_month``.
    """

    data: Path
    run: Run
    whole: bool = True
    undated_month: str | None = None


def add_run(data: Path, history: Path, rules: str, undated_month: str | None = None) -> Manifest:
    """File the tables of a run (the folder ``data`` that ``score`` wrote) in ``history`` and return its new state.

    ``rules`` is the run's rulebook as one rule file. Conversations without times go to ``undated_month`` (``2026-10``).
    Raises OutputError; the history is then what it was before.
    """
    said = json.loads((data / "run.json").read_text(encoding="utf-8"))
    rulebook = Rules(said["rulebook"]["digest"], said["rulebook"]["name"], rules)
    filing = Filing(data, _run(said, data), undated_month=undated_month)
    return file_runs(history, Manifest(said["options"]["tz"], privacy=Privacy(**said["privacy"])), [filing], rulebook)


def file_runs(history: Path, begin: Manifest, filings: Sequence[Filing], rules: Rules) -> Manifest:
    """File runs under ``rules`` in one change; ``begin`` is the state of a history which begins now. Raises OutputError."""
    with changing(history, begin) as old, database() as connection:
        known = [identify(entry.data / "conversations.parquet", old.zone, entry.undated_month) for entry in filings]
        connection.register("arriving", pa.concat_tables([table.select(["key"]) for table in known]))
        parts: list[Part] = []
        for part in old.parts:
            if part.digest != rules.digest:
                parts.append(part)
            elif not any(_replaces(filing, old, part) for filing in filings):
                parts += _without_arriving(connection, history, part, old.change + 1)
        for filing, table in zip(filings, known, strict=True):
            parts += _write_parts(connection, history, filing, table, old.change + 1)
        _write_rules(rules_path(history, rules.digest), rules.text)
        new = replace(
            old,
            runs=_runs(old, [filing.run for filing in filings], parts),
            parts=tuple(parts),
            rulebooks={**old.rulebooks, rules.digest: rules.name},
        )
        return commit(history, old, new)


def _run(said: dict[str, Any], data: Path) -> Run:
    """What the run's manifest says of it."""
    inputs = tuple(sorted({entry["sha256"] for entry in said["inputs"]}))
    counts = said["counts"]
    rejects = pq.read_table(data / "rejects.parquet").slice(0, _REJECTS_KEPT).to_pylist()
    return Run(
        id=hashlib.sha256(" ".join(inputs).encode()).hexdigest(),
        digest=said["rulebook"]["digest"],
        version=said["version"],
        inputs=inputs,
        counts={
            "files": len(said["inputs"]),
            **{name: counts[name] for name in ("rows_read", "messages", "rejected", "conversations")},
            "dropped": sum(counts["dropped"].values()),
        },
        rejects=tuple((row["source"], row["row"] or 0, row["reason"]) for row in rejects),
    )


def _runs(old: Manifest, new: Sequence[Run], parts: Sequence[Part]) -> tuple[Run, ...]:
    """The runs that have parts, each once, the new ones last."""
    every = {(run.id, run.digest): run for run in (*old.runs, *new)}
    latest = {(run.id, run.digest) for run in new}
    present = {(part.run, part.digest) for part in parts}
    return tuple(every[name] for name in sorted(every, key=lambda name: name in latest) if name in present)


def _replaces(filing: Filing, old: Manifest, part: Part) -> bool:
    """Whether the part's run read nothing that the new one has not read."""
    earlier = next(run for run in old.runs if (run.id, run.digest) == (part.run, part.digest))
    return filing.whole and set(earlier.inputs) <= set(filing.run.inputs)


def _without_arriving(connection: DuckDBPyConnection, history: Path, part: Part, change: int) -> list[Part]:
    """The part without the conversations that arrive: itself, a smaller one, or none."""
    conversations = parquet([history / part.path / "conversations.parquet"])
    left = count(connection, f"{conversations} ANTI JOIN arriving USING (key)")
    if left == part.conversations or not left:
        return [part] if left else []
    smaller = replace(part, path=part_path(part.month, part.digest, part.run, change), conversations=left)
    folder = _new_folder(history, smaller)
    for table in TABLES:
        rows = parquet([history / part.path / f"{table}.parquet"])
        write_query(connection, f"SELECT * FROM {rows} ANTI JOIN arriving USING (key)", folder / f"{table}.parquet")
    return [smaller]


def _write_parts(
    connection: DuckDBPyConnection, history: Path, filing: Filing, known: pa.Table, change: int
) -> list[Part]:
    """The run's conversations, a part a month."""
    run = filing.run
    connection.register("known", known)
    messages = filing.data / "messages.parquet"
    connection.register("waiting", pa.RecordBatchReader.from_batches(WAITS, _waits(messages)))
    connection.execute("CREATE OR REPLACE TEMP TABLE waits AS FROM waiting")
    parts = []
    for entry in sorted(known["month"].value_counts().to_pylist(), key=lambda entry: str(entry["values"])):
        month = entry["values"]
        part = Part(run.id, run.digest, month, part_path(month, run.digest, run.id, change), entry["counts"])
        folder = _new_folder(history, part)
        mine = f"JOIN known USING (conversation_id) WHERE month = {literal(month)}"
        for table in TABLES:
            rows = "waits" if table == "waits" else parquet([filing.data / f"{table}.parquet"])
            columns = "key, began, t.*" if table == "conversations" else "key, t.* EXCLUDE (conversation_id)"
            write_query(connection, f"SELECT {columns} FROM {rows} t {mine}", folder / f"{table}.parquet")
        parts.append(part)
    return parts


def _waits(messages: Path) -> Iterator[pa.RecordBatch]:
    for table in waits_of(messages):
        yield from table.to_batches()


def _new_folder(history: Path, part: Part) -> Path:
    """The part's folder. Files that lie there are of an interrupted change and will be written anew."""
    folder = history / part.path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_rules(path: Path, text: str) -> None:
    """Before the manifest names them; the same rules are the same file, so nobody misses what was there."""
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
