"""Corpora for measuring: chats repeated with changed ids and small changes of text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qa_scorer.transcripts import ReadOptions, read

SAMPLES = Path(__file__).parent.parent / "sample_transcripts"
_UNLIKE = 5
"""Characters drawn at random that make a text unlike all others."""
_TAILS = ("", "哦", "呢", "哈", "～", "。", "呀", " ")


def build_corpus(
    source: list[str], options: ReadOptions | None, conversations: int, path: Path, *, fresh: float = 0.0
) -> int:
    """Write about ``conversations`` conversations to ``path``; returns the number of messages. Of these the share
    ``fresh`` is made unlike all others; the rest comes again and again, as canned replies do."""
    batches = [batch.messages for batch in read(source, options).batches()]
    base = pa.concat_tables(batches, promote_options="permissive").unify_dictionaries().combine_chunks()
    ids = base["conversation_id"].cast(pa.string())
    have = pc.count_distinct(ids).as_py()
    rows = 0
    writer: pq.ParquetWriter | None = None
    rng = np.random.default_rng(7)
    characters = np.array(sorted({char for text in base["text"].to_pylist() for char in text if char > "\u4dff"}))
    for copy in range(-(-conversations // have)):
        tails = pa.array(np.array(_TAILS, dtype=object)[rng.integers(0, len(_TAILS), base.num_rows)], pa.string())
        unlike = np.array(["".join(row) for row in rng.choice(characters, (base.num_rows, _UNLIKE))], dtype=object)
        tails = pc.if_else(pa.array(rng.random(base.num_rows) < fresh), pa.array(unlike, pa.string()), tails)
        roles = pc.take(pa.array(["agent", "customer", "bot", "system"]), base["role"])
        table = pa.table(
            {
                "conversation_id": pc.binary_join_element_wise(ids, str(copy), "-"),
                "role": roles,
                "sender": base["sender"].cast(pa.string()),
                "time": base["time"],
                "text": pc.binary_join_element_wise(base["text"], tails, ""),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        rows += table.num_rows
    assert writer is not None
    writer.close()
    return rows


def reading_options(text: str | None) -> ReadOptions | None:
    """ReadOptions from a JSON object of its mapping, roles, header and quote."""
    if text is None:
        return None
    from qa_scorer.model.words import Role

    given = json.loads(text)
    roles = {value: Role[name.upper()] for value, name in given.pop("roles", {}).items()}
    return ReadOptions(roles=roles, **given)
