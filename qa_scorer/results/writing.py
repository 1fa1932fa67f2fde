"""The run's tables on disk: ``OUT/data/*.parquet``, optional CSV, and ``run.json``.

Everything is written into a hidden folder beside OUT and moved into place at the end, so OUT holds the whole of a run
or what was there before. Nothing that varies between runs (times, machine, process count) is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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


class ResultsWriter:
    """Writes a run. Use as a context manager; ``commit`` puts it in place, anything else leaves OUT as it was."""

    def __init__(self, out: Path, *, csv: bool = False) -> None:
        """Raises OutputError when OUT cannot be written or holds files that are not a report of ours."""
        self.out = out
        self._csv = csv
        self._refuse_foreign_folder()
        self._background = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
            (self.folder / "data").mkdir()
            self._writers = {name: _writer(self.data / f"{name}.parquet", schema) for name, schema in SCHEMAS.items()}
        except OSError as error:
            raise _unwritable(out, error) from error

    @property
    def data(self) -> Path:
        """Where the tables are while the run goes on."""
        return self.folder / "data"

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._background.shutdown(wait=True)
        for writer in self._writers.values():
            writer.close()
        shutil.rmtree(self.folder, ignore_errors=True)

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
        if self._pending is not None:
            try:
                self._pending.result()
            except OSError as error:
                raise _unwritable(self.out, error) from error
            finally:
                self._pending = None

    def close_tables(self, rejects: pa.Table, manifest: dict[str, Any]) -> None:
        """Finish the tables, so that summaries can be made from them."""
        self._wait()
        try:
            for writer in self._writers.values():
                writer.close()
            self.add_table("rejects", rejects.cast(REJECTS))
            text = json.dumps({"version": __version__, **manifest}, ensure_ascii=False, indent=1, sort_keys=True)
            (self.data / MANIFEST).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise _unwritable(self.out, error) from error

    def add_table(self, name: str, table: pa.Table) -> None:
        """Write one more table whole."""
        pq.write_table(table, self.data / f"{name}.parquet", compression="zstd", compression_level=1)

    def commit(self) -> None:
        """Put the finished run in place of the earlier one."""
        try:
            if self._csv:
                for path in sorted(self.data.glob("*.parquet")):
                    write_csv(pq.read_table(path), path.with_suffix(".csv"))
            self.folder.chmod(0o755)
            earlier = self.out.with_name(f".{self.out.name}-earlier")
            shutil.rmtree(earlier, ignore_errors=True)
            if self.out.exists():
                self.out.rename(earlier)
            self.folder.rename(self.out)
            shutil.rmtree(earlier, ignore_errors=True)
        except OSError as error:
            raise _unwritable(self.out, error) from error

    def _refuse_foreign_folder(self) -> None:
        if not self.out.exists():
            return
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


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{out}: cannot be written ({error.strerror or error}). Choose another folder with -o, or free space."
    )
