"""From spooled rows to the public batches: order by time, duplicates out, silences as borders, tables by schema."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts.ahead import read_ahead
from qa_scorer.transcripts.details import extra_maps
from qa_scorer.transcripts.encoded import distinct
from qa_scorer.transcripts.normalise import EXTRA
from qa_scorer.transcripts.raw import whole
from qa_scorer.transcripts.spool import Known, Spool
from qa_scorer.transcripts.table import CONVERSATIONS, MESSAGES, Counts, TranscriptBatch

DUPLICATE = "duplicate message"

Ints = npt.NDArray[np.int64]


def make_batches(spool: Spool, batch_messages: int, counts: Counts) -> Iterator[TranscriptBatch]:
    """The batches of everything that the spool holds; counts messages, conversations and duplicates."""
    known = spool.finish()
    for table in read_ahead(spool.conversations(batch_messages)):
        rows = _Rows(table)
        ordered = _by_time(rows)
        if ordered is not None:
            rows = _Rows(table.take(pa.array(ordered)))
        keep = _without_duplicates(rows, known)
        if not keep.all():
            counts.dropped[DUPLICATE] = counts.dropped.get(DUPLICATE, 0) + int((~keep).sum())
            rows = _Rows(rows.table.filter(pa.array(keep)))
        batch = _batch(rows, known, spool.sources)
        counts.messages += len(batch.messages)
        counts.conversations += len(batch.conversations)
        yield batch


class _Rows:
    """A table of spooled rows, copied into columns of their own size, and what is looked at again and again: the numbers
    of the conversations, the times in milliseconds (0 where ``timed`` is false) and where conversations begin."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table = pa.table(
            [pa.concat_arrays(column.chunks) for column in table.columns], schema=table.schema
        )
        self.codes: Ints = table["conversation"].to_numpy().astype(np.int64)
        self.starts = np.flatnonzero(np.diff(self.codes, prepend=self.codes[0] - 1))
        times = whole(table["time"])
        self.times: Ints = times.cast(pa.int64()).fill_null(0).to_numpy()
        self.timed: npt.NDArray[np.bool_] = times.is_valid().to_numpy(zero_copy_only=False)


def _by_time(rows: _Rows) -> Ints | None:
    """Stable order by time within each conversation that has all its times; None when nothing moves."""
    falls = rows.times[1:] < rows.times[:-1]
    if not falls.any() or not (falls & (rows.codes[1:] == rows.codes[:-1])).any():
        return None
    sizes = np.diff(rows.starts, append=len(rows.codes))
    complete = np.repeat(np.logical_and.reduceat(rows.timed, rows.starts), sizes)
    return np.lexsort((np.where(complete, rows.times, 0), rows.codes))


def _without_duplicates(rows: _Rows, known: Known) -> npt.NDArray[np.bool_]:
    """False for a message that repeats another of its conversation: the same id, or sender, second and text.
    In exports whose times are minutes, the same words in the same minute are said twice."""
    keep = np.ones(len(rows.codes), dtype=bool)
    seconds = rows.times // 1000
    near = (rows.codes[1:] == rows.codes[:-1]) & (seconds[1:] == seconds[:-1]) & rows.timed[1:] & rows.timed[:-1]
    near &= known.to_the_second[rows.table["source"].to_numpy()[1:]]
    if near.any():
        suspects = np.flatnonzero(np.append(near, False) | np.append(False, near))
        some = rows.table.select(["sender", "role", "text"]).take(pa.array(suspects))
        texts = whole(some["text"]).dictionary_encode().indices.to_numpy()
        senders = _local(some["sender"].to_numpy(), known.senders)[0].to_numpy()
        columns = (rows.codes[suspects], seconds[suspects], senders, some["role"].to_numpy(), texts)
        keep[suspects[_repeats(*columns)]] = False
    ids = whole(rows.table["message_id"])
    if ids.null_count < len(ids):
        given = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
        encoded = ids.take(pa.array(given)).dictionary_encode()
        if len(encoded.dictionary) < len(given):
            keep[given[_repeats(rows.codes[given], encoded.indices.to_numpy())]] = False
    return keep


def _repeats(*columns: npt.NDArray[np.integer]) -> Ints:
    """The rows that equal an earlier one in all columns."""
    order = np.lexsort(columns[::-1])
    same = np.ones(len(order) - 1, dtype=bool)
    for column in columns:
        same &= column[order][1:] == column[order][:-1]
    return order[1:][same]


def _batch(rows: _Rows, known: Known, sources: list[str]) -> TranscriptBatch:
    new = np.zeros(len(rows.codes), dtype=bool)
    new[rows.starts] = True
    gaps = known.gaps[rows.codes]
    if np.isfinite(gaps).any():
        new[1:] |= (np.diff(rows.times) > gaps[1:] * 1000) & rows.timed[1:] & rows.timed[:-1]
    starts = np.flatnonzero(new)
    numbers = rows.codes[starts]
    local = np.cumsum(new, dtype=np.int32) - np.int32(1)
    ids = _ids(known, numbers)
    table = rows.table
    source_codes, source_names = _local(table["source"].to_numpy(), pa.array(sources, pa.string()))
    messages = pa.Table.from_arrays(
        [
            pa.DictionaryArray.from_arrays(pa.array(local), ids),
            pa.array((np.arange(len(local)) - starts[local]).astype(np.int32)), table["role"], table["kind"],
            pa.DictionaryArray.from_arrays(*_local(table["sender"].to_numpy(), known.senders)),
            table["time"], table["text"],
            pa.DictionaryArray.from_arrays(source_codes, source_names), table["row"],
        ],
        schema=MESSAGES,
    )  # fmt: skip
    return TranscriptBatch(messages, _conversations(known, numbers, ids, sources))


def _ids(known: Known, numbers: Ints) -> pa.Array:
    """Names of the conversations; those that silences part carry a running number."""
    ids = _rows_of(known.ids, numbers)
    parted = np.isfinite(known.gaps[numbers])
    if not parted.any():
        return ids
    begins = np.flatnonzero(np.diff(numbers, prepend=-1))
    run = np.arange(len(numbers)) - np.repeat(begins, np.diff(begins, append=len(numbers))) + 1
    named = pc.binary_join_element_wise(ids, pa.array(run).cast(pa.string()), " #")
    return pc.if_else(pa.array(parted), named, ids)


def _local(codes: npt.NDArray[np.int32], names: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Codes into all names -> codes into the few names that occur, and these, each once and as they first appear."""
    used, places = distinct(codes)
    few = names.take(pa.array(used)).dictionary_encode()
    return few.indices.take(pa.array(places)), few.dictionary


def _conversations(known: Known, numbers: Ints, ids: pa.Array, sources: list[str]) -> pa.Table:
    def column(name: str) -> pa.Array:
        kind = CONVERSATIONS.field(name).type
        if name not in known.details:
            return pa.nulls(len(numbers), kind)
        return _rows_of(known.details[name], numbers)

    extras = {
        name.removeprefix(EXTRA): _rows_of(values, numbers)
        for name, values in known.details.items()
        if name.startswith(EXTRA)
    }
    source = pa.array(sources, pa.string()).take(pa.array(known.sources[numbers]))
    columns = [
        ids, *map(column, ("customer", "channel", "group", "csat", "resolved")), source,
        extra_maps(extras, len(numbers)),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=CONVERSATIONS)


def _rows_of(values: pa.Array, numbers: Ints) -> pa.Array:
    """The values of these rows; a copy of a slice in the usual case that they follow each other."""
    if numbers[-1] - numbers[0] == len(numbers) - 1 and (np.diff(numbers) == 1).all():
        return pa.concat_arrays([values.slice(int(numbers[0]), len(numbers))])
    return values.take(pa.array(numbers))
