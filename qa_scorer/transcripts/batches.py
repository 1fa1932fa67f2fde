"""From spooled rows to the public batches: order by time, duplicates out, silences as borders, tables by schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.transcripts.spool import Spool
from qa_scorer.transcripts.table import CONVERSATIONS, MESSAGES, Counts, TranscriptBatch

DUPLICATE = "duplicate message"

Ints = npt.NDArray[np.int64]


def make_batches(spool: Spool, batch_messages: int, counts: Counts) -> Iterator[TranscriptBatch]:
    """The batches of everything that the spool holds; counts messages, conversations and duplicates."""
    for table in spool.conversations(batch_messages):
        codes = table["conversation"].to_numpy().astype(np.int64)
        ordered = _by_time(table, codes)
        if ordered is not None:
            table = table.take(pa.array(ordered))
        keep = _without_duplicates(table, codes)
        if not keep.all():
            counts.dropped[DUPLICATE] = counts.dropped.get(DUPLICATE, 0) + int((~keep).sum())
            table, codes = table.filter(pa.array(keep)), codes[keep]
        batch = _batch(spool, table, codes)
        counts.messages += len(batch.messages)
        counts.conversations += len(batch.conversations)
        yield batch


def _times(table: pa.Table) -> tuple[Ints, npt.NDArray[np.bool_]]:
    column = table["time"].combine_chunks()
    return column.cast(pa.int64()).fill_null(0).to_numpy(), column.is_valid().to_numpy(zero_copy_only=False)


def _by_time(table: pa.Table, codes: Ints) -> Ints | None:
    """Stable order by time within each conversation that has all its times; None when nothing moves."""
    times, valid = _times(table)
    if not valid.any():
        return None
    same = codes[1:] == codes[:-1]
    if not (same & (times[1:] < times[:-1])).any():
        return None
    starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
    sizes = np.diff(np.append(starts, len(codes)))
    complete = np.repeat(np.logical_and.reduceat(valid, starts), sizes)
    return np.lexsort((np.where(complete, times, 0), codes))


def _without_duplicates(table: pa.Table, codes: Ints) -> npt.NDArray[np.bool_]:
    """False for a message that repeats another of its conversation: the same id, or sender, second and text."""
    keep = np.ones(len(codes), dtype=bool)
    seconds, valid = _times(table)
    seconds = seconds // 1000
    near = (codes[1:] == codes[:-1]) & (seconds[1:] == seconds[:-1]) & valid[1:] & valid[:-1]
    suspects = np.flatnonzero(np.append(near, False) | np.append(False, near))
    if len(suspects):
        some = table.select(["sender", "role", "text"]).take(pa.array(suspects))
        seen: set[tuple[object, ...]] = set()
        for index, *rest in zip(
            suspects.tolist(), *(some[name].to_pylist() for name in some.column_names), strict=True
        ):
            key = (int(codes[index]), int(seconds[index]), *rest)
            if key in seen:
                keep[index] = False
            seen.add(key)
    ids = table["message_id"].combine_chunks()
    if ids.null_count < len(ids):
        encoded = ids.dictionary_encode()
        places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        if len(encoded.dictionary) < len(ids) - ids.null_count:
            pairs = codes * (len(encoded.dictionary) + 1) + places
            _, first = np.unique(pairs, return_index=True)
            repeated = np.ones(len(codes), dtype=bool)
            repeated[first] = False
            keep &= ~(repeated & (places >= 0))
    return keep


def _batch(spool: Spool, table: pa.Table, codes: Ints) -> TranscriptBatch:
    times, valid = _times(table)
    new = np.diff(codes, prepend=codes[0] - 1) != 0
    if spool.gaps:
        unique, place = np.unique(codes, return_inverse=True)
        gaps = np.array([spool.gaps.get(number, np.inf) for number in unique.tolist()])[place.reshape(-1)]
        silent = np.zeros(len(codes), dtype=bool)
        silent[1:] = (np.diff(times) > gaps[1:] * 1000) & valid[1:] & valid[:-1]
        new |= silent
    starts = np.flatnonzero(new)
    local = np.cumsum(new) - 1
    seq = np.arange(len(codes)) - starts[local]
    ids = _ids(spool, codes[starts])
    senders = table["sender"].combine_chunks().dictionary_encode()
    source_codes, sources = _local(table["source"].to_numpy(), spool.sources)
    messages = pa.Table.from_arrays(
        [
            _dictionary(local, ids), pa.array(seq, pa.int32()), table["role"], table["kind"],
            senders, table["time"], table["text"],
            _dictionary(source_codes, sources), table["row"],
        ],
        schema=MESSAGES,
    )  # fmt: skip
    return TranscriptBatch(messages.combine_chunks(), _conversations(spool, codes[starts], ids))


def _ids(spool: Spool, numbers: Ints) -> list[str]:
    """Names of the conversations; those that silences part carry a running number."""
    names = [spool.ids[number] for number in numbers.tolist()]
    if not spool.gaps:
        return names
    run: dict[int, int] = {}
    for index, number in enumerate(numbers.tolist()):
        if number in spool.gaps:
            run[number] = run.get(number, 0) + 1
            names[index] = f"{names[index]} #{run[number]}"
    return names


def _local(codes: npt.NDArray[np.int32], names: list[str]) -> tuple[Ints, list[str]]:
    unique, local = np.unique(codes, return_inverse=True)
    return local, [names[code] for code in unique.tolist()]


def _dictionary(codes: Ints, names: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string()))


def _conversations(spool: Spool, numbers: Ints, ids: list[str]) -> pa.Table:
    rows = numbers.tolist()
    whole = bool(rows) and rows == list(range(rows[0], rows[-1] + 1))  # the usual case: a run of conversations

    def pick(values: list[Any]) -> list[Any]:
        return values[rows[0] : rows[-1] + 1] if whole else [values[row] for row in rows]

    details = spool.details
    extra = CONVERSATIONS.field("extra").type
    columns = [
        pa.array(ids, pa.string()),
        *(_text(pick(details.columns[name])) for name in ("customer", "channel", "group")),
        pa.array(pick(details.columns["csat"]), pa.float64()),
        pa.array(pick(details.columns["resolved"]), pa.bool_()),
        _text([spool.sources[number] for number in pick(details.source)]),
        pa.array([list(details.extra[row].items()) if row in details.extra else () for row in rows], extra),
    ]
    return pa.Table.from_arrays(columns, schema=CONVERSATIONS)


def _text(values: list[str | None]) -> pa.Array:
    return pa.array([value or None for value in values], pa.string())
