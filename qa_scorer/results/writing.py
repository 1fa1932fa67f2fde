"""The run's tables on disk: ``OUT/data/*.parquet``, optional CSV, and ``run.json``.

Everything is written into a hidden folder beside OUT and moved into place at the end, so OUT holds the whole of a run
or what was there before. Nothing that varies between runs (times, machine, process count) is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qa_scorer import __version__
from qa_scorer.errors import OutputError
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
OURS = ("agents", "data", "index.html", "report.xlsx")
"""What a run puts into OUT, and the next run there replaces. Whatever else people keep there stays."""


class ResultsWriter:
    """Writes a run. Use as a context manager; ``commit`` puts it in place, anything else leaves OUT as it was."""

    def __init__(self, out: Path, *, csv: bool = False) -> None:
        """Raises OutputError when OUT cannot be written or holds files that are not a report of ours."""
        self.out = out.absolute()
        self._csv = csv
        self._refuse_foreign_folder()
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._background = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None
        with self._naming_out():
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=f".{self.out.name}-", dir=self.out.parent))

    @property
    def data(self) -> Path:
        """Where the tables are while the run goes on."""
        return self.folder / "data"

    def __enter__(self) -> ResultsWriter:
        try:
            with self._naming_out():
                self.data.mkdir()
                for name, schema in SCHEMAS.items():
                    self._writers[name] = _writer(self.data / f"{name}.parquet", schema)
        except OutputError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._background.shutdown(wait=True)
        for writer in self._writers.values():
            with suppress(OSError):  # a full disk: what is being thrown away need not be whole
                writer.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _naming_out(self) -> Iterator[None]:
        """What the system refuses becomes an OutputError that names OUT."""
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"{self.out}: cannot be written ({error.strerror or error}). "
                "Choose another folder with -o, or free space."
            ) from error

    def write(self, batch: ScoredBatch) -> None:
        """Append one batch to every table, in the background: the next batch is judged meanwhile.

        What goes wrong is raised by the next call or by ``close_tables``.
        """
        self._wait()
        self._pending = self._background.submit(self._append, batch)

    def _append(self, batch: ScoredBatch) -> None:
        for name, writer in self._writers.items():
            table: pa.Table = getattr(batch, name)
            if table.num_rows:
                writer.write_table(table)

    def _wait(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            with self._naming_out():
                pending.result()

    def close_tables(self, rejects: pa.Table, manifest: dict[str, Any]) -> None:
        """Finish the tables, so that summaries can be made from them."""
        self._wait()
        with self._naming_out():
            for writer in self._writers.values():
                writer.close()
            text = json.dumps({"version": __version__, **manifest}, ensure_ascii=False, indent=1, sort_keys=True)
            (self.data / MANIFEST).write_text(text + "\n", encoding="utf-8")
        self.add_table("rejects", rejects.cast(REJECTS))

    def add_table(self, name: str, table: pa.Table) -> None:
        """Write one more table whole."""
        with self._naming_out():
            pq.write_table(table, self.data / f"{name}.parquet", compression="zstd", compression_level=1)

    def commit(self) -> None:
        """Put the finished run in place of the earlier one."""
        with self._naming_out():
            if self._csv:
                for path in sorted(self.data.glob("*.parquet")):
                    write_csv(pq.read_table(path), path.with_suffix(".csv"))
            self.folder.chmod(0o755)
            earlier = self.out.with_name(f".{self.out.name}-earlier")
            shutil.rmtree(earlier, ignore_errors=True)
            if self.out.exists():
                self.out.rename(earlier)
            try:
                self.folder.rename(self.out)
            except OSError:
                earlier.rename(self.out)
                raise
            self._keep_foreign_files(earlier)
            shutil.rmtree(earlier, ignore_errors=True)

    def _keep_foreign_files(self, earlier: Path) -> None:
        for entry in list(earlier.glob("*")):
            if entry.name not in OURS:
                entry.rename(self.out / entry.name)

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


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Only names are worth a dictionary, and nobody asks for the statistics: both cost time on every batch."""
    names = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=names, write_statistics=False
    )


def write_csv(table: pa.Table, path: Path) -> None:
    """A table as CSV in UTF-8 with BOM (so Excel reads it), with cells that a spreadsheet would execute made text."""
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        if pa.types.is_string(column.type):
            column = pc.replace_substring_regex(column, r"^([=+\-@\t\r])", r"'\1")
        elif pa.types.is_nested(column.type):
            column = pa.array([json.dumps(value) if value is not None else None for value in column.to_pylist()])
        columns.append(column)
    with path.open("wb") as file:
        file.write("\ufeff".encode())
        pacsv.write_csv(pa.table(columns, names=table.column_names), file)


def hash_inputs(files: Sequence[Path]) -> list[dict[str, str]]:
    """Name and SHA-256 of every input, sorted."""
    hashed = []
    for path in files:
        with path.open("rb") as file:
            hashed.append({"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()})
    return sorted(hashed, key=lambda entry: (entry["name"], entry["sha256"]))
