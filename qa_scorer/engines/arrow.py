"""Arrow tables in, Arrow tables out: what other engines (Spark, Ray, Flink …) map over partitions of messages."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator

import pyarrow as pa

from qa_scorer.engines.batch import plan_of, score_one
from qa_scorer.model.rules import Rulebook
from qa_scorer.scoring.tables import CONVERSATIONS, EVIDENCE, SCORECARDS, VERDICTS
from qa_scorer.transcripts import ReadOptions
from qa_scorer.transcripts.reading import read_table

_SCHEMAS = {"conversations": CONVERSATIONS, "scorecards": SCORECARDS, "verdicts": VERDICTS, "evidence": EVIDENCE}


class ArrowJudge:
    """Judges tables of messages, one row each, and gives one of the result tables. Can be sent to other processes.

    A table given must hold whole conversations: engines bring their rows together by the conversation's id. Its columns
    are found as those of any export; those that `qa-scorer convert` writes are always understood. ``table`` is
    ``conversations``, ``scorecards``, ``verdicts`` or ``evidence`` (see docs/tables.md); names are plain strings there,
    as not all engines know Arrow's dictionaries.
    """

    def __init__(self, rulebook: Rulebook, table: str = "verdicts", options: ReadOptions | None = None) -> None:
        self._packed = pickle.dumps(rulebook)
        self._table = table
        self._options = options or ReadOptions()
        self.schema = pa.schema([(field.name, _plain(field.type)) for field in _SCHEMAS[table]])

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """For a partition that comes in batches, as Spark's ``mapInArrow`` gives it."""
        held = list(batches)
        if held:
            yield from self.judge(pa.Table.from_batches(held)).to_batches()

    def judge(self, messages: pa.Table) -> pa.Table:
        """For a partition in one piece. Raises InputError when the text of the messages is not found."""
        if not messages.num_rows:
            return self.schema.empty_table()
        plan = plan_of(self._packed)
        batches = read_table(messages, self._options).batches()
        tables = [getattr(score_one(batch, plan), self._table).cast(self.schema) for batch in batches]
        return pa.concat_tables(tables)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
