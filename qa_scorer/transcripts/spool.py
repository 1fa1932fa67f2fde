"""Brings the rows of each conversation together and gives them out as batches of whole conversations.

Chunks come in the order of the sources. Conversations are numbered as they first appear, so the messages stand together
exactly when these numbers never fall; then the chunks go out as they came. Otherwise they are sorted by number, in
partitions that fit in memory. Beyond ``memory_mb`` the chunks wait in temporary Arrow files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.words import Role
from qa_scorer.transcripts.details import Details
from qa_scorer.transcripts.encoded import distinct
from qa_scorer.transcripts.normalise import Chunk
from qa_scorer.transcripts.numbering import Numbering, Numbers
from qa_scorer.transcripts.options import MEGABYTE
from qa_scorer.transcripts.times import has_seconds

_SPOOLED = pa.schema([
    ("conversation", pa.int32()), ("sender", pa.int32()), ("source", pa.int32()), ("role", pa.int8()),
    ("kind", pa.int8()), ("time", pa.timestamp("ms", tz="UTC")), ("text", pa.string()), ("row", pa.int64()),
    ("message_id", pa.string()),
])  # fmt: skip
_PARTITION_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered of a chunk. ``place``: its number among the chunks of its scope; ``together``: whether each of
    its conversations has its rows together."""

    scope: str
    place: int
    source: int
    gap: float | None
    together: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The conversations of all chunks by number, once everything is read. ``gaps`` (c,): seconds of silence that part a
    conversation further, infinite where none does; ``senders``: the names that the codes of the rows stand for;
    ``to_the_second``: by source, whether its times have seconds."""

    ids: pa.Array
    sources: Numbers
    gaps: npt.NDArray[np.float64]
    details: dict[str, pa.Array]
    senders: pa.Array
    to_the_second: npt.NDArray[np.bool_]


class Spool:
    """Takes chunks, then gives them back by conversation. Use as a context manager: it may hold a temporary folder."""

    def __init__(self, memory_mb: int) -> None:
        self._memory = memory_mb * MEGABYTE
        self._held: list[pa.Table] = []
        self._held_bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: list[Path] = []
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        self._scopes: dict[str, Numbering] = {}
        self._places: dict[str, int] = {}
        self._kept: list[_Kept] = []
        self._numbers: list[Numbers] = []  # of each chunk's conversations; known when everything is read
        self._details = Details()
        self._senders: list[pa.Array] = []
        self._sender_count = 0
        self.sources: list[str] = []
        self.agents: set[str] = set()
        self._seconds: list[bool] = []
        self.rows = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._writer.shutdown()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def add_source(self, name: str) -> int:
        self.sources.append(name)
        self._seconds.append(False)
        return len(self.sources) - 1

    def add(self, chunk: Chunk, source: int) -> None:
        """Keep one chunk, of one row at least, of the source with this number."""
        codes = chunk.keys.codes
        starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
        used, places = distinct(codes[starts])
        rows = np.repeat(places, np.diff(starts, append=len(codes)))
        self._scopes.setdefault(chunk.scope, Numbering()).add(chunk.keys.values.take(pa.array(used)))
        place = self._places.get(chunk.scope, 0)
        self._places[chunk.scope] = place + 1
        for name, values in chunk.details.items():
            self._details.add(len(self._kept), name, values, rows, starts)
        self._kept.append(_Kept(chunk.scope, place, source, chunk.gap, len(used) == len(starts)))
        messages = chunk.messages
        if not self._seconds[source]:
            self._seconds[source] = has_seconds(messages["time"])
        serving = chunk.senders.used(messages["role"].to_numpy() == Role.AGENT)
        self.agents.update(chunk.senders.values.take(pa.array(serving, pa.int32())).to_pylist())
        table = pa.Table.from_arrays(
            [
                pa.array(rows), pa.array(chunk.senders.codes + np.int32(self._sender_count)),
                pa.array(np.full(len(rows), source, dtype=np.int32)), messages["role"], messages["kind"],
                messages["time"], messages["text"], messages["row"], messages["message_id"],
            ],
            schema=_SPOOLED,
        )  # fmt: skip
        self._senders.append(chunk.senders.values)
        self._sender_count += len(chunk.senders.values)
        self.rows += len(table)
        self._held.append(table)
        self._held_bytes += table.nbytes
        if self._held_bytes > self._memory:
            self._spill()

    def _spill(self) -> None:
        """Write what is held to a file while reading goes on; the file before must be written by then."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="qa-scorer-")
        path = Path(self._folder.name) / f"{len(self._files)}.arrow"
        self._wait()
        self._writing = self._writer.submit(_write, self._held, path)
        self._files.append(path)
        self._held, self._held_bytes = [], 0
        pa.default_memory_pool().release_unused()  # what is written is gone, but Arrow would keep its room

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def finish(self) -> Known:
        """Everything is read: number the conversations and settle what is known of them."""
        self._wait()
        pa.default_memory_pool().release_unused()
        numbered = {scope: numbering.finish() for scope, numbering in self._scopes.items()}
        whole = {scope: np.zeros(len(keys), dtype=np.int32) for scope, (keys, _) in numbered.items()}
        seen = dict.fromkeys(numbered, 0)
        ids, sources, gaps = [], [], []
        count = 0
        for kept in self._kept:
            keys, numbers = numbered[kept.scope]
            local, before = numbers[kept.place], seen[kept.scope]
            new = max(int(local.max()) + 1 - before, 0)
            whole[kept.scope][before : before + new] = np.arange(count, count + new)
            self._numbers.append(whole[kept.scope][local])
            ids.append(keys.slice(before, new))
            sources.append(np.full(new, kept.source, dtype=np.int32))
            gaps.append(np.full(new, np.inf if kept.gap is None else kept.gap))
            seen[kept.scope] = before + new
            count += new
        names = pa.concat_arrays(ids)
        return Known(
            _unique(names) if len(numbered) > 1 else names, np.concatenate(sources), np.concatenate(gaps),
            self._details.finish(self._numbers, count), pa.concat_arrays(self._senders), np.array(self._seconds),
        )  # fmt: skip

    def _chunks(self, low: int = 0, high: int | None = None) -> Iterator[pa.Table]:
        """The chunks with the numbers of their conversations; only those that have one in [low, high)."""
        index = 0
        for path in self._files:
            with pa.OSFile(str(path), "rb") as file:
                reader = pa.ipc.open_file(file)
                for batch in range(reader.num_record_batches):
                    if self._concerns(index, low, high):
                        yield self._numbered(pa.Table.from_batches([reader.get_batch(batch)]), index)
                    index += 1
        for table in self._held:
            if self._concerns(index, low, high):
                yield self._numbered(table, index)
            index += 1

    def _concerns(self, index: int, low: int, high: int | None) -> bool:
        return high is None or bool(self._numbers[index].max() >= low and self._numbers[index].min() < high)

    def _numbered(self, table: pa.Table, index: int) -> pa.Table:
        numbers = self._numbers[index][table["conversation"].to_numpy()]
        return table.set_column(0, _SPOOLED.field(0), pa.array(numbers))

    def conversations(self, batch_messages: int) -> Iterator[pa.Table]:
        """After ``finish``: tables of whole conversations in order of number, of about ``batch_messages`` rows."""
        if all(kept.together for kept in self._kept) and (np.diff(np.concatenate(self._numbers)) >= 0).all():
            yield from _cut(self._chunks(), batch_messages)
            return
        for low, high in self._partitions():
            whole = pa.concat_tables([_between(table, low, high) for table in self._chunks(low, high)])
            codes = whole["conversation"].to_numpy()
            yield from _cut(iter([whole.take(pa.array(np.argsort(codes, kind="stable")))]), batch_messages)

    def _partitions(self) -> list[tuple[int, int]]:
        """Ranges [low, high) of conversation numbers of about a million rows each."""
        last = max(int(numbers.max()) for numbers in self._numbers) + 1
        counts = np.zeros(last, dtype=np.int64)
        for table in self._chunks():
            counts += np.bincount(table["conversation"].to_numpy(), minlength=last)
        shares = (np.cumsum(counts) - 1) // _PARTITION_ROWS
        edges = [0, *(np.flatnonzero(np.diff(shares)) + 1).tolist(), last]
        return list(pairwise(edges))


def _write(tables: list[pa.Table], path: Path) -> None:
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, _SPOOLED, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer,
    ):
        for table in tables:
            writer.write_batch(table.combine_chunks().to_batches()[0])


def _unique(keys: pa.Array) -> pa.Array:
    """The keys, numbered where another export uses the same id for another conversation."""
    if pc.count_distinct(keys).as_py() == len(keys):
        return keys
    taken: set[str] = set()
    names = []
    for key in keys.to_pylist():
        name, number = key, 2
        while name in taken:
            name, number = f"{key} ({number})", number + 1
        taken.add(name)
        names.append(name)
    return pa.array(names, pa.string())


def _between(table: pa.Table, low: int, high: int) -> pa.Table:
    codes = table["conversation"].to_numpy()
    mask = (codes >= low) & (codes < high)
    return table if mask.all() else table.filter(pa.array(mask))


def _cut(chunks: Iterator[pa.Table], size: int) -> Iterator[pa.Table]:
    """Chunks in order of conversation -> tables that end where conversations end, without copying them."""
    held: list[pa.Table] = []
    rows = 0
    for chunk in chunks:
        held.append(chunk)
        rows += len(chunk)
        if rows >= 2 * size:
            whole = pa.concat_tables(held)
            ends = [0, *_ends(whole, size, 2 * size)]
            yield from (whole.slice(start, end - start) for start, end in pairwise(ends))
            held = [whole.slice(ends[-1])]
            rows = len(held[0])
    if rows:
        whole = pa.concat_tables(held)
        ends = [0, *_ends(whole, size, size + 1), len(whole)]
        yield from (whole.slice(start, end - start) for start, end in pairwise(ends))


def _ends(whole: pa.Table, size: int, left: int) -> Iterator[int]:
    """Where tables of ``size`` rows end, while at least ``left`` rows are left."""
    codes = whole["conversation"].to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
    at = 0
    while len(codes) - at >= left:
        # The last conversation that begins within the size ends the table; a longer one makes a longer table.
        last = int(np.searchsorted(starts, at + size, side="right")) - 1
        if starts[last] <= at:
            last += 1
        if last == len(starts):
            return
        at = int(starts[last])
        yield at
