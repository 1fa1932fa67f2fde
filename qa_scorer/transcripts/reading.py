"""Reading exports: every source, part by part, into one spool, then out as batches of whole conversations."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.ahead import read_ahead
from qa_scorer.transcripts.batches import make_batches
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.containers.memory import TablePart
from qa_scorer.transcripts.containers.opening import open_parts
from qa_scorer.transcripts.formats import Detection, Mapped, detect
from qa_scorer.transcripts.normalise import Normaliser
from qa_scorer.transcripts.optionfile import beside, load_options, merged
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.prepare import Prepared, Preparer
from qa_scorer.transcripts.raw import Log, Part
from qa_scorer.transcripts.sources import Source, expand, unpack
from qa_scorer.transcripts.spool import Spool
from qa_scorer.transcripts.table import REJECTS, Counts, TranscriptBatch


@dataclass(slots=True)
class PartReport:
    """What was made of one part, for people."""

    name: str
    container: str
    encoding: str | None
    detection: Detection | None = None
    columns: ColumnMap | None = None
    header: tuple[str, ...] | None = ()
    grouping: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str | None = None
    messages: int = 0


class Reading:
    """A reading in progress (see ``table.Transcripts``). ``reports`` says what was made of each part.

    ``agents`` are the names of all agents and ``rows`` the number of all messages, duplicates too, known from the first
    batch on.
    """

    def __init__(self, sources: Sequence[Source], options: ReadOptions, parts: Sequence[Part] = ()) -> None:
        """Of files, and of ``parts`` that are open already."""
        self.counts = Counts()
        self.reports: list[PartReport] = []
        self.agents: frozenset[str] = frozenset()
        self.rows = 0
        self._sources = sources
        self._parts = parts
        self._options = options
        self._rejects: list[tuple[str, int | None, str, str]] = []

    def batches(self) -> Iterator[TranscriptBatch]:
        """Whole conversations in the order of first appearance. Raises InputError when no message could be read."""
        with Spool(self._options.limits.memory_mb) as spool:
            for source in self._sources:
                self._read_source(source, spool)
            for part in self._parts:
                self._read_part(part, self._options, spool)
            if not spool.rows:
                raise InputError(self._nothing())
            self.agents, self.rows = frozenset(spool.agents), spool.rows
            self.counts.rejected = len(self._rejects)
            dropped_before = sum(self.counts.dropped.values())
            yield from make_batches(spool, self._options.batch_messages, self.counts)
            self.counts.rows_read = spool.rows + self.counts.rejected + dropped_before

    def files(self) -> list[Path]:
        """The files that are read, in order; an archive is one file."""
        return [source.path for source in self._sources]

    def rejects(self) -> pa.Table:
        """All rows that could not be read (REJECTS), in the order of sources and rows."""
        columns = list(zip(*self._rejects, strict=True)) if self._rejects else [()] * len(REJECTS)
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, REJECTS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=REJECTS)

    def _nothing(self) -> str:
        errors = [report.error for report in self.reports if report.error]
        if errors:
            return "\n".join(errors[:5]) + (f"\nand {len(errors) - 5} more files" if len(errors) > 5 else "")
        names = ", ".join(source.name for source in self._sources[:5])
        reasons = {reason for _, _, reason, _ in self._rejects}
        seen = f"; {len(self._rejects)} rows rejected: {sorted(reasons)[0]}" if reasons else ""
        return f"{names}: no message found{seen or '; there is no row with a text'}"

    def _read_source(self, source: Source, spool: Spool) -> None:
        file = beside(source.path)
        options = self._options if file is None else merged(load_options(file), self._options)
        with tempfile.TemporaryDirectory(prefix="qa-scorer-") as folder:
            try:
                for inner in unpack(source, options.limits, Path(folder)):
                    if isinstance(inner, tuple):
                        self._fail(inner[0], inner[1])
                    else:
                        self._read_file(inner, options, spool)
            except InputError as error:
                self._fail(source.name, error)

    def _read_file(self, source: Source, options: ReadOptions, spool: Spool) -> None:
        try:
            parts = open_parts(source, options)
        except InputError as error:
            self._fail(source.name, error)
            return
        for part in parts:
            self._read_part(part, options, spool)

    def _read_part(self, part: Part, options: ReadOptions, spool: Spool) -> None:
        report = PartReport(part.name, part.container, part.encoding, header=part.header)
        opened, prepared, log = (Log(part.name) for _ in range(3))  # of the three steps, which go on side by side
        number = spool.add_source(part.name)
        self.reports.append(report)
        before = spool.rows
        normalisers: dict[tuple[tuple[str, str], ...], Normaliser] = {}
        try:
            report.detection = detect(part, options)
            mapped = read_ahead(report.detection.format.read(part, options, opened))
            for table in read_ahead(_prepared(mapped, part, options, prepared)):
                key = table.columns.key
                if key not in normalisers:
                    normalisers[key] = Normaliser(part.name, table.columns, options, log)
                chunk = normalisers[key].chunk(table)
                if chunk is not None:
                    spool.add(chunk, number)
        except InputError as error:
            report.error = str(error)
            log.reject(None, str(error).removeprefix(f"{part.name}: "), "")
        log.join(prepared)
        log.join(opened)
        report.messages = spool.rows - before
        report.notes = log.notes
        for normaliser in normalisers.values():
            report.columns = normaliser.columns
            report.grouping = normaliser.grouping.shown
            report.roles.update(
                {
                    value: "?" if role is None else role.name.lower()
                    for value, role in normaliser.speakers.values.items()
                }
            )
        self._rejects.extend((part.name, *reject) for reject in sorted(log.rejects, key=lambda reject: reject[0] or 0))
        for reason, count in log.dropped.items():
            self.counts.dropped[reason] = self.counts.dropped.get(reason, 0) + count

    def _fail(self, name: str, error: InputError) -> None:
        self.reports.append(PartReport(name, "?", None, error=str(error)))
        self._rejects.append((name, None, str(error).removeprefix(f"{name}: "), ""))


def _prepared(tables: Iterator[Mapped], part: Part, options: ReadOptions, log: Log) -> Iterator[Prepared]:
    """The tables of a part, each kind of table by a preparer of its own."""
    preparers: dict[tuple[tuple[str, str], ...], Preparer] = {}
    for mapped in tables:
        key = mapped.columns.key
        if key not in preparers:
            merged = part.container in ("xlsx", "html")
            preparers[key] = Preparer(part.name, mapped.columns, options, log, merged)
        yield preparers[key].prepare(mapped)


def read(inputs: Sequence[str | Path], options: ReadOptions | None = None) -> Reading:
    """Begin to read files, folders, globs and addresses (``s3://…``). The order of ``inputs`` does not matter.

    What ``options`` leave open a ``qa-scorer.yaml`` beside a file may say. Raises InputError for an input that does not
    exist; what is wrong inside the files shows when the batches are taken.
    """
    fetched = _Fetched()
    sources = expand(inputs, fetched.folder)
    for name in (options or ReadOptions()).mapping:
        if name not in f.FIELDS:
            raise InputError(f"--map {name}=…: {name!r} is no field; the fields are {', '.join(f.FIELDS)}")
    reading = Reading(sources, options or ReadOptions())
    weakref.finalize(reading, fetched.remove)
    return reading


def read_table(table: pa.Table, options: ReadOptions | None = None) -> Reading:
    """Begin to read a table in memory, one message a row."""
    return Reading((), options or ReadOptions(), [TablePart("table", table)])


class _Fetched:
    """A folder for files from elsewhere, made when there is one, for as long as they are read."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def folder(self) -> Path:
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="qa-scorer-"))
        return self._folder

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
