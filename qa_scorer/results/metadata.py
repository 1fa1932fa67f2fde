"""The ``metadata`` table: what an export says of a conversation in columns that have no place of their own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from qa_scorer.scoring.tables import NAMES

METADATA = pa.schema([("conversation_id", pa.string()), ("name", NAMES), ("value", pa.string())])


def metadata_table(conversations: pa.Table) -> pa.Table:
    """One row per conversation and further column (METADATA), from a batch's conversations."""
    ids, extra = (conversations[name].combine_chunks() for name in ("conversation_id", "extra"))
    bounds = extra.offsets.to_numpy()
    rows = pa.array(np.repeat(np.arange(len(extra)), np.diff(bounds)))
    names, values = (part.slice(bounds[0], len(rows)) for part in (extra.keys, extra.items))
    return pa.Table.from_arrays([ids.take(rows), names.dictionary_encode(), values], schema=METADATA)
