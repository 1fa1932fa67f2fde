"""A whole run: exports in, a folder of tables and reports out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.engines import run
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import Role
from qa_scorer.privacy import Pseudonyms, Veil
from qa_scorer.results.agents import agents_table
from qa_scorer.results.metadata import METADATA, metadata_table
from qa_scorer.results.summarise import summarise
from qa_scorer.results.summary import Reading, RunSummary
from qa_scorer.results.tally import Tally
from qa_scorer.results.writing import ResultsWriter, hash_inputs
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts import ReadOptions, TranscriptBatch, read
from qa_scorer.transcripts.ahead import read_ahead

Watch = Callable[[Iterable[ScoredBatch]], Iterable[ScoredBatch]]
Report = Callable[[RunSummary, Path], object]

_REJECTS_SHOWN = 5


def run_to_folder(
    inputs: Sequence[str | Path],
    rulebook: Rulebook,
    out: Path,
    options: ReadOptions | None = None,
    *,
    jobs: int = 1,
    csv: bool = False,
    masked: bool = True,
    key: bytes | None = None,
    watch: Watch | None = None,
    report: Report | None = None,
) -> RunSummary:
    """Read, score, write ``out/data`` and let ``report`` write the rest beside it; then put ``out`` in place.

    Rules judge the text as it is. What is written has personal data ``masked``, and pseudonyms by ``key`` for the names
    of agents and customers. ``watch`` wraps the stream of scored batches, for progress. Raises InputError, RulebookError
    or OutputError; ``out`` is then what it was before.
    """
    reading = read(inputs, options)
    pseudonyms = Pseudonyms(key, rulebook.language, lambda: reading.agents) if key is not None else None
    veil = Veil(masked, pseudonyms)
    with ResultsWriter(out, csv=csv) as writer:
        scored = skipped = 0
        tally = Tally(rulebook)
        metadata: list[pa.Table] = []
        batches: Iterable[ScoredBatch] = run(read_ahead(_noting_metadata(reading.batches(), metadata)), rulebook, jobs)
        for judged in watch(batches) if watch else batches:
            batch = covered(judged, veil)
            writer.write(batch)
            tally.add(batch)
            done = pc.sum(batch.conversations["scored"]).as_py() or 0
            scored, skipped = scored + done, skipped + batch.conversations.num_rows - done
        counts, rejects = reading.counts, veil.rejects(reading.rejects())
        files = reading.files()
        read_as = Reading(
            files=len(files),
            rows_read=counts.rows_read,
            messages=counts.messages,
            rejected=counts.rejected,
            dropped=sum(counts.dropped.values()),
            conversations=counts.conversations,
            scored=scored,
            skipped=skipped,
            reject_examples=tuple(
                (row["source"], row["row"] or 0, row["reason"]) for row in rejects.slice(0, _REJECTS_SHOWN).to_pylist()
            ),
        )
        writer.close_tables(rejects, _manifest(rulebook, files, read_as, dict(counts.dropped), options, veil))
        summary = summarise(
            tally, writer.data, rulebook, read_as, (options or ReadOptions()).tz, quotes=report is not None
        )
        writer.add_table("agents", agents_table(summary))
        writer.add_table("metadata", veil.further_columns(pa.concat_tables([METADATA.empty_table(), *metadata])))
        if report is not None:
            report(summary, writer.folder)
        writer.commit()
    return summary


def covered(batch: ScoredBatch, veil: Veil) -> ScoredBatch:
    """The batch as it may be written."""
    return ScoredBatch(**veil.batch({entry.name: getattr(batch, entry.name) for entry in fields(batch)}))


def _noting_metadata(batches: Iterator[TranscriptBatch], metadata: list[pa.Table]) -> Iterator[TranscriptBatch]:
    """The same batches, their further columns of the export noted in ``metadata``."""
    for batch in batches:
        metadata.append(metadata_table(batch.conversations))
        yield batch


def _manifest(
    rulebook: Rulebook,
    files: Sequence[Path],
    reading: Reading,
    dropped: dict[str, int],
    options: ReadOptions | None,
    veil: Veil,
) -> dict[str, Any]:
    """What ``run.json`` says: what was judged by what. Nothing in it depends on time, machine or process count."""
    said = options or ReadOptions()
    return {
        "rulebook": {"name": rulebook.name, "digest": rulebook.digest, "rules": len(rulebook.rules)},
        "privacy": veil.record(),
        "inputs": [{**entry, "name": veil.one("source", entry["name"])} for entry in hash_inputs(files)],
        "counts": {
            "rows_read": reading.rows_read, "messages": reading.messages, "rejected": reading.rejected,
            "dropped": dropped, "conversations": reading.conversations, "scored": reading.scored,
            "skipped": reading.skipped,
        },
        "options": {
            "map": dict(said.mapping), "roles": _names(said, veil),
            "format": said.format, "encoding": said.encoding, "tz": said.tz, "gap": said.gap, "sheet": said.sheet,
            "header": said.header, "delimiter": said.delimiter, "quote": said.quote,
        },
    }  # fmt: skip


def _names(said: ReadOptions, veil: Veil) -> dict[str, str]:
    """The values and names whose role was said."""
    people = {Role.AGENT: "agent", Role.CUSTOMER: "customer"}
    return {veil.one(people.get(role, ""), value): role.name.lower() for value, role in said.roles.items()}
