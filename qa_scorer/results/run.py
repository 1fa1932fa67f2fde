"""A whole run: exports in, a folder of tables and reports out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from qa_scorer import __version__
from qa_scorer.engines import run
from qa_scorer.interpreter import give_memory_back
from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import Role
from qa_scorer.privacy import Pseudonyms, Veil
from qa_scorer.results.agents import agents_table
from qa_scorer.results.metadata import METADATA, metadata_table
from qa_scorer.results.summarise import summarise
from qa_scorer.results.summary import Reading, RunSummary
from qa_scorer.results.tally import Tally
from qa_scorer.results.writing import ResultsWriter, hash_files
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts import ReadOptions, TranscriptBatch, read
from qa_scorer.transcripts.ahead import read_ahead
from qa_scorer.transcripts.optionfile import beside
from qa_scorer.transcripts.table import Transcripts

Watch = Callable[[Iterable[ScoredBatch], Callable[[], int]], Iterable[ScoredBatch]]
"""(scored batches, how many messages there are to score: known from the first batch on) -> the same batches."""
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
    resume: bool = False,
    scheduler: str | None = None,
    watch: Watch | None = None,
    report: Report | None = None,
) -> RunSummary:
    """Read, score, write ``out/data`` and let ``report`` write the rest beside it; then put ``out`` in place.

    Rules judge the text as it is. What is written has personal data ``masked``, and pseudonyms by ``key`` for the names
    of agents and customers. ``resume`` goes on with a run of the same that was cut off, if there is one: its finished
    batches are not judged again. ``scheduler`` is the address of a Dask cluster that judges. ``watch`` wraps the stream
    of scored batches, for progress. Raises InputError, RulebookError, EngineError or OutputError; ``out`` is then what it
    was before.
    """
    options = options or ReadOptions()
    reading = read(inputs, options)
    files = reading.files()
    pseudonyms = Pseudonyms(key, rulebook.language, lambda: reading.agents) if key is not None else None
    veil = Veil(masked, pseudonyms)
    hashes = hash_files(files)
    job = _job(rulebook, hashes, files, options, veil)
    with ResultsWriter(out, csv=csv, job=job, resume=resume) as writer:
        totals = _Totals(Tally(rulebook))
        metadata: list[pa.Table] = []
        transcripts = _noting_metadata(reading.batches(), metadata)
        for done, transcript in zip(writer.finished(), transcripts, strict=False):
            veil.meet(transcript)
            totals.add(done)
        with closing(run(read_ahead(transcripts), rulebook, jobs, scheduler)) as batches:
            for judged in watch(batches, lambda: reading.rows - totals.messages) if watch else batches:
                batch = covered(judged, veil)
                writer.write(batch)
                totals.add(batch)
        give_memory_back()
        rejects = veil.rejects(reading.rejects())
        read_as = totals.reading(reading, rejects, len(files))
        writer.close_tables(rejects, _manifest(rulebook, hashes, read_as, reading.counts.dropped, options, veil))
        summary = replace(
            summarise(totals.tally, writer.data, rulebook, read_as, options.tz, quotes=report is not None),
            masked=veil.masked,
            pseudonyms=veil.pseudonyms is not None,
        )
        writer.add_table("agents", agents_table(summary))
        writer.add_table("metadata", veil.further_columns(pa.concat_tables([METADATA.empty_table(), *metadata])))
        if report is not None:
            with writer.naming_out():
                report(summary, writer.folder)
        writer.commit()
    return summary


def covered(batch: ScoredBatch, veil: Veil) -> ScoredBatch:
    """The batch as it may be written."""
    return ScoredBatch(**veil.batch({entry.name: getattr(batch, entry.name) for entry in fields(batch)}))


class _Totals:
    """What a run adds up as its batches come."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.messages = 0
        self._skipped: Counter[str] = Counter()  # conversations by the reason

    def add(self, batch: ScoredBatch) -> None:
        self.tally.add(batch)
        self._skipped.update(batch.conversations["skip_reason"].cast(pa.string()).drop_null().to_pylist())
        self.messages += batch.messages.num_rows

    def reading(self, reading: Transcripts, rejects: pa.Table, files: int) -> Reading:
        """What became of the rows that were read."""
        counts = reading.counts
        return Reading(
            files=files,
            rows_read=counts.rows_read,
            messages=counts.messages,
            rejected=counts.rejected,
            dropped=sum(counts.dropped.values()),
            conversations=counts.conversations,
            scored=counts.conversations - self._skipped.total(),
            too_short=self._skipped["too_short"],
            no_agent=self._skipped["no_agent"],
            reject_examples=tuple(
                (row["source"], row["row"] or 0, row["reason"]) for row in rejects.slice(0, _REJECTS_SHOWN).to_pylist()
            ),
        )


def _noting_metadata(batches: Iterator[TranscriptBatch], metadata: list[pa.Table]) -> Iterator[TranscriptBatch]:
    """The same batches, their further columns of the export noted in ``metadata``."""
    for batch in batches:
        metadata.append(metadata_table(batch.conversations))
        yield batch


def _job(
    rulebook: Rulebook, hashes: list[dict[str, str]], files: Sequence[Path], options: ReadOptions, veil: Veil
) -> dict[str, str]:
    """Digests of all that decides what the tables hold: runs of the same job write the same."""
    beside_files = {file for path in files if (file := beside(path)) is not None}
    said = {
        "version": __version__,
        "rulebook": rulebook.digest,
        "privacy": veil.record(),
        "inputs": hashes,
        "options": [repr(options), hash_files(sorted(beside_files))],
    }
    return {name: hashlib.sha256(json.dumps(value).encode()).hexdigest() for name, value in said.items()}


def _manifest(
    rulebook: Rulebook, hashes: list[dict[str, str]], reading: Reading, dropped: Mapping[str, int],
    options: ReadOptions, veil: Veil,
) -> dict[str, Any]:  # fmt: skip
    """What ``run.json`` says: what was judged by what. Nothing in it depends on time, machine or process count."""
    return {
        "rulebook": {"name": rulebook.name, "digest": rulebook.digest, "rules": len(rulebook.rules)},
        "privacy": veil.record(),
        "inputs": [{**entry, "name": veil.one("source", entry["name"])} for entry in hashes],
        "counts": {
            "rows_read": reading.rows_read, "messages": reading.messages, "rejected": reading.rejected,
            "dropped": dict(dropped), "conversations": reading.conversations, "scored": reading.scored,
            "skipped": reading.too_short + reading.no_agent,
        },
        "options": {
            "map": dict(options.mapping), "roles": _names(options, veil),
            "format": options.format, "encoding": options.encoding, "tz": options.tz, "gap": options.gap,
            "sheet": options.sheet, "header": options.header, "delimiter": options.delimiter, "quote": options.quote,
        },
    }  # fmt: skip


def _names(said: ReadOptions, veil: Veil) -> dict[str, str]:
    """The values and names whose role was said."""
    people = {Role.AGENT: "agent", Role.CUSTOMER: "customer"}
    return {veil.one(people.get(role, ""), value): role.name.lower() for value, role in said.roles.items()}
