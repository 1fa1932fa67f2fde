"""Judging what a history keeps by other rules, from the messages in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from qa_scorer.engines import run
from qa_scorer.errors import InputError
from qa_scorer.history.adding import Filing, Rules, file_runs
from qa_scorer.history.database import count, database, parquet, write_query
from qa_scorer.history.manifest import UNDATED, Manifest, Part, read_manifest
from qa_scorer.history.waits import whole_conversations
from qa_scorer.model.rules import Rulebook
from qa_scorer.results.writing import ResultsWriter
from qa_scorer.transcripts.table import CONVERSATIONS, REJECTS, TranscriptBatch


def rescore(history: Path, rulebook: Rulebook, rules: str, months: set[str] | None = None, jobs: int = 1) -> Manifest:
    """Judge by ``rulebook`` every conversation of ``months`` (all without) that it has not judged, in one change.

    What other rules said stays beside it. Where several runs hold a conversation the latest counts. ``rules`` is the
    rulebook as one rule file. Raises InputError when nothing is kept for the months, OutputError.
    """
    manifest = read_manifest(history)
    parts = manifest.parts_of(months)
    if not parts:
        held = ", ".join(sorted({part.month for part in manifest.parts})) or "none"
        raise InputError(
            f"{history}: has no conversations of {', '.join(sorted(months or {'any month'}))}; months: {held}"
        )
    with tempfile.TemporaryDirectory(prefix="qa-scorer-") as folder, database() as connection:
        connection.execute("CREATE TEMP TABLE judged (key BIGINT)")
        for part in parts:
            if part.digest == rulebook.digest:
                connection.execute(f"INSERT INTO judged SELECT key FROM {_table(history, part, 'conversations')}")
        filings = []
        for number, part in enumerate(reversed(parts)):
            aside = Path(folder) / str(number)
            if part.digest != rulebook.digest and _extract(connection, history, part, aside):
                filings.append(_judge(manifest, part, aside, rulebook, jobs))
        if not filings:
            return manifest
        return file_runs(history, manifest, filings, Rules(rulebook.digest, rulebook.name, rules))


def _table(history: Path, part: Part, name: str) -> str:
    return parquet([history / part.path / f"{name}.parquet"])


def _extract(connection: DuckDBPyConnection, history: Path, part: Part, aside: Path) -> bool:
    """Write what is known of the part's conversations that are not judged yet to ``aside``; False when all are."""
    conversations = _table(history, part, "conversations")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT key, conversation_id FROM {conversations} ANTI JOIN judged USING (key)"
    )
    connection.execute("INSERT INTO judged SELECT key FROM wanted")
    if not count(connection, "wanted"):
        return False
    aside.mkdir()
    write_query(connection, f"SELECT c.* FROM {conversations} c SEMI JOIN wanted USING (key)", aside / "known.parquet")
    write_query(
        connection,
        f"SELECT conversation_id, m.* EXCLUDE (key) FROM {_table(history, part, 'messages')} m "
        "JOIN wanted USING (key) ORDER BY conversation_id, seq",
        aside / "messages.parquet",
    )
    write_query(
        connection,
        f"SELECT conversation_id, name, value FROM {_table(history, part, 'metadata')} "
        "JOIN wanted USING (key) ORDER BY conversation_id, name",
        aside / "metadata.parquet",
    )
    return True


def _judge(manifest: Manifest, part: Part, aside: Path, rulebook: Rulebook, jobs: int) -> Filing:
    """Score what was extracted to ``aside``, into tables below it."""
    with ResultsWriter(aside / "out") as writer:
        for batch in run(_batches(aside), rulebook, jobs):
            writer.write(batch)
        writer.close_tables(REJECTS.empty_table(), {})
        writer.add_table("metadata", pq.read_table(aside / "metadata.parquet"))
        writer.commit()
    before = next(entry for entry in manifest.runs if (entry.id, entry.digest) == (part.run, part.digest))
    return Filing(
        aside / "out" / "data",
        replace(before, digest=rulebook.digest),
        whole=False,
        undated_month=None if part.month == UNDATED else part.month,
    )


def _batches(aside: Path) -> Iterator[TranscriptBatch]:
    """The conversations as the reader of exports gave them."""
    known = pq.read_table(aside / "known.parquet")
    ids = known["conversation_id"].combine_chunks()
    extra: dict[str, list[tuple[str, str]]] = {name: [] for name in ids.to_pylist()}
    for row in pq.read_table(aside / "metadata.parquet").to_pylist():
        extra[row["conversation_id"]].append((row["name"], row["value"]))
    column = pa.array(list(extra.values()), CONVERSATIONS.field("extra").type)
    known = known.append_column("extra", column).select(CONVERSATIONS.names)
    for messages in whole_conversations(aside / "messages.parquet"):
        own = messages["conversation_id"].combine_chunks().dictionary
        yield TranscriptBatch(messages, known.take(pc.index_in(own, ids)).cast(CONVERSATIONS))
