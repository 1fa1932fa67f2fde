"""Brings the rows of each conversation together and gives them out as batches of whole conversations.

Chunks come in the order of the sources. Conversations are numbered as they first appear, so the messages stand together
exactly when these numbers never fall; then the chunks go out as they came. Otherwise they are sorted by number, in
partitions that fit in memory. Beyond ``memory_mb`` the chunks wait in a temporary Arrow file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.transcripts.normalise import EXTRA, Chunk
from qa_scorer.transcripts.options import MEGABYTE

_SPOOLED = pa.schema([
    ("conversation", pa.int32()), ("role", pa.int8()), ("kind", pa.int8()), ("sender", pa.string()),
    ("time", pa.timestamp("ms", tz="UTC")), ("text", pa.string()), ("source", pa.int32()), ("row", pa.int64()),
    ("message_id", pa.string()),
])  # fmt: skip
_PARTITION_ROWS = 1_000_000
_FIRST, _LAST = ("customer", "channel", "group"), ("csat", "resolved")


class Details:
    """What is known of the conversations, by number: the first customer, channel, group and source, the last rating."""

    def __init__(self) -> None:
        self.source: list[int] = []
        self.columns: dict[str, list[Any]] = {name: [] for name in (*_FIRST, *_LAST)}
        self.extra: dict[int, dict[str, str]] = {}

    def grow(self, count: int, source: int) -> None:
        self.source.extend([source] * count)
        for column in self.columns.values():
            column.extend([None] * count)

    def keep(self, name: str, numbers: list[int], values: list[Any]) -> None:
        """Take over the values that are new, or for ratings the newest."""
        if name.startswith(EXTRA):
            for number, value in zip(numbers, values, strict=True):
                if value != "":
                    self.extra.setdefault(number, {}).setdefault(name.removeprefix(EXTRA), value)
            return
        column = self.columns[name]
        last = name in _LAST
        if len(numbers) == numbers[-1] - numbers[0] + 1 and not any(column[numbers[0] : numbers[-1] + 1]):
            column[numbers[0] : numbers[-1] + 1] = values  # the usual case: all of them are new
            return
        for number, value in zip(numbers, values, strict=True):
            if last or column[number] is None:
                column[number] = value


class Spool:
    """Takes chunks, then gives them back by conversation. Use as a context manager: it may hold a temporary folder."""

    def __init__(self, memory_mb: int) -> None:
        self._memory = memory_mb * MEGABYTE
        self._held: list[pa.Table] = []
        self._held_bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: list[Path] = []
        self._numbers: dict[str, dict[str, int]] = {}
        self.ids: list[str] = []
        self._taken: set[str] = set()  # of ids; filled once a second export has conversations of its own
        self.details = Details()
        self.gaps: dict[int, float] = {}  # conversation -> seconds of silence that part it further
        self.sources: list[str] = []
        self.rows = 0
        self._monotone = True
        self._last = -1

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def add_source(self, name: str) -> int:
        self.sources.append(name)
        return len(self.sources) - 1

    def add(self, chunk: Chunk, source: int) -> None:
        """Keep one chunk of the source with this number."""
        codes = self._conversations(chunk, source)
        steps = np.diff(codes, prepend=self._last)
        self._monotone = self._monotone and bool((steps >= 0).all())
        self._last = int(codes[-1])
        messages = chunk.messages
        table = pa.Table.from_arrays(
            [
                pa.array(codes, pa.int32()), messages["role"], messages["kind"],
                messages["sender"].cast(pa.string()), messages["time"], messages["text"],
                pa.array(np.full(len(codes), source), pa.int32()), messages["row"],
                messages["message_id"],
            ],
            schema=_SPOOLED,
        )  # fmt: skip
        self._keep_details(chunk, codes)
        self.rows += len(table)
        self._held.append(table)
        self._held_bytes += table.nbytes
        if self._held_bytes > self._memory:
            self._spill()

    def _conversations(self, chunk: Chunk, source: int) -> npt.NDArray[np.int32]:
        """Number of every row's conversation."""
        codes, keys = _codes(chunk.messages["key"].combine_chunks())
        known = self._numbers.setdefault(chunk.scope, {})
        before = len(self.ids)
        unseen = [key for key, number in zip(keys, map(known.get, keys), strict=True) if number is None]
        new = list(dict.fromkeys(unseen))
        known.update(zip(new, range(before, before + len(new)), strict=True))
        self.ids.extend(new if len(self._numbers) == 1 else self._unique_ids(new))
        numbers = list(map(known.__getitem__, keys))
        self.details.grow(len(self.ids) - before, source)
        if chunk.gap is not None:
            self.gaps.update(dict.fromkeys(range(before, len(self.ids)), chunk.gap))
        found: npt.NDArray[np.int32] = np.array(numbers, dtype=np.int32)[codes]
        return found

    def _unique_ids(self, keys: list[str]) -> list[str]:
        """The keys, numbered where another export uses the same id for another conversation."""
        if not self._taken:
            self._taken.update(self.ids)
        names = []
        for key in keys:
            name, number = key, 2
            while name in self._taken:
                name, number = f"{key} ({number})", number + 1
            self._taken.add(name)
            names.append(name)
        return names

    def _keep_details(self, chunk: Chunk, codes: npt.NDArray[np.int32]) -> None:
        rising = bool((codes[1:] >= codes[:-1]).all())
        order = np.arange(len(codes)) if rising else np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        numbers = codes[order][starts]
        for name in (*_FIRST, *_LAST, *chunk.extras):
            column = chunk.metadata[name].combine_chunks()
            if column.null_count == len(column):
                continue
            valid = column.is_valid().to_numpy(zero_copy_only=False)[order]
            place = np.arange(len(order))
            if name in _LAST:
                picked = np.maximum.reduceat(np.where(valid, place, -1), starts)
                known = picked >= 0
            else:
                picked = np.minimum.reduceat(np.where(valid, place, len(order)), starts)
                known = picked < len(order)
            values = column.take(pa.array(order[picked[known]]))
            if pa.types.is_dictionary(values.type):
                values = values.cast(pa.string())
            self.details.keep(name, numbers[known].tolist(), values.to_pylist())

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="qa-scorer-")
        path = Path(self._folder.name) / f"{len(self._files)}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, _SPOOLED) as writer:
            for table in self._held:
                writer.write_table(table)
        self._files.append(path)
        self._held, self._held_bytes = [], 0

    def _chunks(self) -> Iterator[pa.Table]:
        for path in self._files:
            with pa.OSFile(str(path), "rb") as file:
                reader = pa.ipc.open_file(file)
                for index in range(reader.num_record_batches):
                    yield pa.Table.from_batches([reader.get_batch(index)])
        yield from self._held

    def conversations(self, batch_messages: int) -> Iterator[pa.Table]:
        """Tables of whole conversations in order of number, of about ``batch_messages`` rows."""
        if self._monotone:
            yield from _cut(self._chunks(), batch_messages)
            return
        for low, high in self._partitions():
            rows = [part for table in self._chunks() if len(part := _between(table, low, high))]
            whole = pa.concat_tables(rows).combine_chunks()
            codes = whole["conversation"].to_numpy()
            yield from _cut(iter([whole.take(pa.array(np.argsort(codes, kind="stable")))]), batch_messages)

    def _partitions(self) -> list[tuple[int, int]]:
        """Ranges [low, high) of conversation numbers of about a million rows each."""
        counts = np.zeros(len(self.ids), dtype=np.int64)
        for table in self._chunks():
            counts += np.bincount(table["conversation"].to_numpy(), minlength=len(self.ids))
        shares = (np.cumsum(counts) - 1) // _PARTITION_ROWS
        edges = [0, *(np.flatnonzero(np.diff(shares)) + 1).tolist(), len(self.ids)]
        return list(pairwise(edges))


def _codes(array: pa.Array) -> tuple[npt.NDArray[np.int32], list[str]]:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), encoded.dictionary.to_pylist()


def _between(table: pa.Table, low: int, high: int) -> pa.Table:
    codes = table["conversation"].to_numpy()
    mask = (codes >= low) & (codes < high)
    return table if mask.all() else table.filter(pa.array(mask))


def _cut(chunks: Iterator[pa.Table], size: int) -> Iterator[pa.Table]:
    """Chunks in order of conversation -> tables that end where conversations end."""
    held: list[pa.Table] = []
    rows = 0
    for chunk in chunks:
        held.append(chunk)
        rows += len(chunk)
        if rows < 2 * size:
            continue
        whole = pa.concat_tables(held).combine_chunks()
        codes = whole["conversation"].to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
        at = 0
        while len(whole) - at >= 2 * size:
            # The last conversation that begins within the batch's size ends it; a longer one makes a longer batch.
            within = starts[(starts > at) & (starts <= at + size)]
            beyond = starts[starts > at + size]
            stop = int(within[-1]) if len(within) else int(beyond[0]) if len(beyond) else -1
            if stop < 0:
                break
            yield whole.slice(at, stop - at)
            at = stop
        held = [whole.slice(at)]
        rows = len(whole) - at
    if not rows:
        return
    whole = pa.concat_tables(held).combine_chunks()
    codes = whole["conversation"].to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
    at = 0
    while len(whole) - at > size:
        within = starts[(starts > at) & (starts <= at + size)]
        beyond = starts[starts > at + size]
        stop = int(within[-1]) if len(within) else int(beyond[0]) if len(beyond) else len(whole)
        yield whole.slice(at, stop - at)
        at = stop
    if at < len(whole):
        yield whole.slice(at)
