"""Everything that a run wrote, as text in which a secret can be looked for."""

from __future__ import annotations

import base64
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_PACKED = re.compile(r"(?<=[\">])eN[opqr][A-Za-z0-9+/]{40,}={0,2}")


def everything(folder: Path) -> str:
    """Names and contents of all files: tables, pages with their packed lists, workbooks, JSON, CSV."""
    return "\n".join(part for path in sorted(folder.rglob("*")) for part in (path.name, *_contents(path)))


def _contents(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        for column in table.columns:
            plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            yield "\n".join(map(str, plain.to_pylist()))
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name).decode("utf-8", "replace") for name in book.namelist())
    elif path.is_file() and path.suffix != ".duckdb":
        text = path.read_text(encoding="utf-8", errors="replace")
        yield text
        if path.suffix == ".html":
            yield from (zlib.decompress(base64.b64decode(packed)).decode() for packed in _PACKED.findall(text))
