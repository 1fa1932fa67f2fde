"""The run's tables on disk: ``OUT/data/*.parquet``, optional CSV, and ``run.json``.

Everything grows in a hidden folder beside OUT (``unfinished``) and is moved into place at the end, so OUT holds the whole
of a run or what was there before. Nothing that varies between runs (times, machine, process count) is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qa_scorer import __version__
from qa_scorer.errors import InputError, OutputError
from qa_scorer.results.growing import GrowingTable, read_parts
from qa_scorer.results.unfinished import Unfinished, growing_folder
from qa_scorer.scoring import ScoredBatch
from qa_scorer.scoring.tables import CONVERSATIONS, EVIDENCE, SCORECARDS, VERDICTS
from qa_scorer.transcripts.table import MESSAGES, REJECTS

SCHEMAS: dict[str, pa.Schema] = {
    "conversations": CONVERSATIONS,
    "scorecards": SCORECARDS,
    "verdicts": VERDICTS,
    "evidence": EVIDENCE,
    "messages": MESSAGES,
}
MANIFEST = "run.json"


class ResultsWriter:
    """Writes a run. Use as a context manager; ``commit`` puts it in place, anything else leaves OUT as it was.

    Each batch is a part. A run of a ``job`` that breaks off behind its first part leaves its parts, and with ``resume``
    the same job goes on behind them; ``finished`` gives them back.
    """

    def __init__(
        self, out: Path, *, csv: bool = False, job: Mapping[str, str] | None = None, resume: bool = False
    ) -> None:
        """Raises OutputError when OUT cannot be written or holds files that are not a report of ours, and what
        ``Unfinished`` raises."""
        self.out = out.absolute()
        self.folder = growing_folder(self.out)
        """What will be OUT, while the run goes on."""
        self._csv = csv
        self._may_go_on = job is not None
        self._refuse_foreign_folder()
        self._tables: dict[str, GrowingTable] = {}
        self._background = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None
        with self.naming_out():
            self._unfinished = Unfinished(self.out, job or {}, resume=resume)
        self.parts_before = len(self._unfinished.ends)
        """How many parts an earlier run has left."""

    @property
    def data(self) -> Path:
        """Where the tables are while the run goes on."""
        return self.folder / "data"

    def __enter__(self) -> ResultsWriter:
        try:
            with self.naming_out():
                for name, schema in SCHEMAS.items():
                    ends = [end[name] for end in self._unfinished.ends]
                    self._tables[name] = GrowingTable(self.data / f"{name}.parquet", schema, ends)
        except OutputError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._background.shutdown(wait=True)
        if self._goes_on:
            self._unfinished.leave()
        else:
            self._unfinished.remove()

    @property
    def _goes_on(self) -> bool:
        return self._may_go_on and bool(self._unfinished.ends) and self.folder.exists()

    @contextmanager
    def naming_out(self) -> Iterator[None]:
        """What the system refuses becomes an OutputError that names OUT, not where OUT grows."""
        try:
            yield
        except OSError as error:
            reason = str(error.strerror or error).replace(str(self.folder), str(self.out))
            raise OutputError(
                f"{self.out}: cannot be written ({reason}). Choose another folder with -o, or free space."
            ) from error
        except OutputError as error:
            raise OutputError(str(error).replace(str(self.folder), str(self.out))) from error

    def finished(self) -> Iterator[ScoredBatch]:
        """The parts that an earlier run has left, in order."""
        for part in range(self.parts_before):
            with self.naming_out():
                yield ScoredBatch(**{name: table.read(part) for name, table in self._tables.items()})

    def write(self, batch: ScoredBatch) -> None:
        """Append one batch to every table, in the background: the next batch is judged meanwhile.

        What goes wrong is raised by the next call or by ``close_tables``.
        """
        self._wait()
        self._pending = self._background.submit(self._append, batch)

    def _append(self, batch: ScoredBatch) -> None:
        for name, table in self._tables.items():
            table.append(getattr(batch, name))
        self._unfinished.note({name: table.size for name, table in self._tables.items()})

    def _wait(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            with self.naming_out():
                pending.result()

    def close_tables(self, rejects: pa.Table, manifest: Mapping[str, Any]) -> None:
        """Finish the tables, so that summaries can be made from them."""
        self._wait()
        with self.naming_out():
            for table in self._tables.values():
                table.close()
            text = json.dumps({"version": __version__, **manifest}, ensure_ascii=False, indent=1, sort_keys=True)
            (self.data / MANIFEST).write_text(text + "\n", encoding="utf-8")
        self.add_table("rejects", rejects.cast(REJECTS))

    def add_table(self, name: str, table: pa.Table) -> None:
        """Write one more table whole."""
        with self.naming_out():
            pq.write_table(table, self.data / f"{name}.parquet", compression="zstd", compression_level=1)

    def commit(self) -> None:
        """Put the finished run in place of the earlier one."""
        with self.naming_out():
            if self._csv:
                for path in sorted(self.data.glob("*.parquet")):
                    write_csv(read_parts(path), path.with_suffix(".csv"))
            self._unfinished.commit()

    def _refuse_foreign_folder(self) -> None:
        if not self.out.exists():
            return
        if self.out.is_mount():
            raise OutputError(
                f"{self.out}: is a mount point, which cannot be replaced whole. Use {self.out / 'reports'}."
            )
        ours = self.out.is_dir() and ((self.out / "data" / MANIFEST).is_file() or not any(self.out.iterdir()))
        if not ours:
            raise OutputError(
                f"{self.out}: expected a new folder, an empty one, or a report of an earlier run; it holds other files. "
                "Choose another folder with -o."
            )


def write_csv(parts: Iterable[pa.Table], path: Path) -> None:
    """A table that comes in parts, at least one, as CSV in UTF-8 with BOM (so Excel reads it), with cells that a spreadsheet
    would execute made text."""
    with path.open("wb") as file, ExitStack() as closing:
        file.write("\ufeff".encode())
        writer: pacsv.CSVWriter | None = None
        for part in parts:
            shown = _as_cells(part)
            writer = writer or closing.enter_context(pacsv.CSVWriter(file, shown.schema))
            writer.write_table(shown)


def _as_cells(table: pa.Table) -> pa.Table:
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        if pa.types.is_string(column.type):
            column = pc.replace_substring_regex(column, r"^([=+\-@\t\r])", r"'\1")
        elif pa.types.is_nested(column.type):
            column = pa.array([json.dumps(value) if value is not None else None for value in column.to_pylist()])
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def hash_files(files: Sequence[Path]) -> list[dict[str, str]]:
    """Name and SHA-256 of every file, sorted. Raises InputError for one that cannot be read."""
    hashed = []
    for path in files:
        try:
            with path.open("rb") as file:
                hashed.append({"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()})
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    return sorted(hashed, key=lambda entry: (entry["name"], entry["sha256"]))
