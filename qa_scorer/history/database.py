"""DuckDB over Parquet files, held to the memory and threads that it may use."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from qa_scorer.errors import InputError, OutputError

MEMORY_MB = 1024


@contextmanager
def database(threads: int | None = None, memory_mb: int = MEMORY_MB) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, which spills to a temporary folder beyond ``memory_mb`` and asks no network.

    ``threads``: those of the machine by default. Raises OutputError when disk or memory do not suffice, InputError when
    a file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="qa-scorer-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads is not None:
            config["threads"] = threads
        with duckdb.connect(config=config) as connection:
            try:
                yield connection
            except duckdb.OutOfMemoryException as error:
                raise OutputError(
                    f"{memory_mb} MB of memory and the disk for temporary files do not suffice for the tables of the "
                    f"history ({_first_line(error)}). Allow more memory, or free space in {tempfile.gettempdir()}."
                ) from error
            except (duckdb.IOException, duckdb.InvalidInputException) as error:
                raise InputError(
                    f"a file of the history cannot be read or written ({_first_line(error)}). If another run has just "
                    "changed the history, try again; if a file is damaged, restore the history or score the exports again."
                ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def parquet(paths: Iterable[Path]) -> str:
    """SQL that reads these files as one table, with the columns that stand in them and none from folders' names."""
    return f"read_parquet([{', '.join(literal(_plain(path)) for path in paths)}], hive_partitioning = false)"


def literal(text: object) -> str:
    """An SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def listed(values: Iterable[str]) -> str:
    """SQL for a list of strings; of none, a list that nothing is in."""
    return ", ".join(literal(value) for value in values) or "NULL"


def _plain(path: Path) -> str:
    """A path that is no pattern, whatever stands in the names of its folders."""
    return re.sub(r"([*?\[])", r"[\1]", path.as_posix())


def write_query(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """The rows of a query as a Parquet file."""
    connection.execute(f"COPY ({query}) TO {literal(path.as_posix())} (FORMAT parquet, COMPRESSION zstd)")


def count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    """How many rows an SQL FROM clause has."""
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])
