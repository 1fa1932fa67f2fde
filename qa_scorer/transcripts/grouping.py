"""Which conversation a row belongs to: by its id, by day + agent + customer, by silence, or by the object around it."""

from __future__ import annotations

from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, RawTable

_JOIN = " / "


class Grouping:
    """The key of every row of one part. ``shown`` says in words which way was used."""

    def __init__(self, part_name: str, columns: ColumnMap, options: ReadOptions) -> None:
        self._part = PurePosixPath(part_name).name
        self._part_path = part_name
        self._local_ids: bool | None = None
        self._tz = options.tz
        self._wanted_gap = options.gap
        self._columns = columns
        self.gap: float | None = None
        self.shown = ""
        self.scope = columns.get(f.CONVERSATION) or part_name

    def keys(
        self, raw: RawTable, size: int, ids: pa.Array | None, agent: pa.Array | None, customer: pa.Array | None,
        times: pa.Array, parent: pa.Array | None,
    ) -> pa.Array:  # fmt: skip
        """Keys (text, or encoded text), null where a row belongs nowhere."""
        if ids is not None:
            encoded = ids.dictionary_encode()
            keys = pa.DictionaryArray.from_arrays(encoded.indices, pc.utf8_trim_whitespace(encoded.dictionary))
            hollow = pc.index(keys.dictionary, "").as_py() >= 0
            if self._local_ids is None:
                # Numbers as short as these begin anew in every file; longer ids are the platform's own.
                self._local_ids = pc.all(pc.match_substring_regex(keys.dictionary, r"^\d{0,5}$")).as_py() is True
                if self._local_ids:
                    self.scope = f"{self._columns.get(f.CONVERSATION)} of {self._part_path}"
            self.shown = f"by {(self._columns.get(f.CONVERSATION) or '').removeprefix(CONVERSATION_MARK)}"
            if not keys.null_count and not hollow:
                return keys
            keys = keys.cast(pa.string())
            blank = pc.equal(keys, "").fill_null(True)
            other = self._by_people(agent, customer, times) if customer is not None else pa.nulls(size, pa.string())
            return pc.if_else(blank, other, keys)
        has_times = times.null_count < size
        if parent is not None and self._columns.per_object:
            self.shown = "one conversation per row"
            return pc.binary_join_element_wise(pa.scalar(self._part), parent, "#")
        if customer is not None and has_times:
            keys = self._by_people(agent, customer, times)
            return keys.fill_null(self._part)
        if parent is not None:
            self.shown = "one conversation per object of the document"
            return pc.binary_join_element_wise(pa.scalar(self._part), parent, "#")
        if customer is not None:
            return self._by_people(agent, customer, None).fill_null(self._part)
        return self._by_part(raw, has_times, times)

    def _by_people(self, agent: pa.Array | None, customer: pa.Array, times: pa.Array | None) -> pa.Array:
        """day / agent / customer; without the day when silences part the conversations. The agent counts only where the
        export names it in every row."""
        parts: list[pa.Array] = []
        words: list[str] = []
        own_agent = agent is not None and not (self._columns.get(f.AGENT) or "").startswith(CONVERSATION_MARK)
        if (
            agent is not None
            and own_agent
            and pc.all(pc.not_equal(pc.utf8_trim_whitespace(agent), "")).as_py()
            and not agent.null_count
        ):
            parts.append(agent)
            words.append("agent")
        parts.append(customer.fill_null(""))
        words.append("customer")
        if times is not None and self._wanted_gap is not None:
            self.gap = self._wanted_gap
            self.shown = f"by {' + '.join(words)}, parted at silences of {self.gap:g} s"
        elif times is not None:
            parts.insert(0, self._days(times))
            words.insert(0, "day")
            self.shown = f"by {' + '.join(words)}"
        else:
            self.shown = f"by {' + '.join(words)}"
        self.scope = self.shown
        keys = pc.binary_join_element_wise(*parts, _JOIN) if len(parts) > 1 else parts[0]
        return pc.if_else(pc.equal(customer.fill_null(""), ""), pa.scalar(None, pa.string()), keys)

    def _by_part(self, raw: RawTable, has_times: bool, times: pa.Array) -> pa.Array:
        self.scope = self._part_path
        speaks = self._columns.get(f.ROLE) or self._columns.get(f.SENDER)
        if not speaks and not has_times:
            self.shown = "every row is a conversation of its own: neither an id, a speaker nor a time is known"
            rows = pa.array(raw.rows, pa.int64()).cast(pa.string())
            return pc.binary_join_element_wise(pa.scalar(self._part), rows, "#")
        if has_times and self._wanted_gap is not None:
            self.gap = self._wanted_gap
            self.shown = f"the whole file, parted at silences of {self.gap:g} s"
        elif has_times:
            self.shown = "by day"
            return pc.binary_join_element_wise(pa.scalar(self._part), self._days(times), _JOIN)
        else:
            self.shown = "the whole file is one conversation: neither an id, a customer nor a time is known"
        return pa.repeat(pa.scalar(self._part), len(times))

    def _days(self, times: pa.Array) -> pa.Array:
        local = pc.local_timestamp(times.cast(pa.timestamp("ms", tz=self._tz)))
        return pc.strftime(pc.cast(local, pa.timestamp("s"), safe=False), "%Y-%m-%d").fill_null("")
