"""Which conversation a row belongs to: by its id, by day + agent + customer, by silence, or by the object around it."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import ColumnMap
from qa_scorer.transcripts.encoded import Coded, dictionary_codes, distinct
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, FOUND, RawTable

_JOIN = " / "
_DAY_MS = 86_400_000


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
        self, raw: RawTable, ids: Coded | None, agent: Coded, customer: Coded | None, times: pa.Array,
        parent: Coded | None,
    ) -> Coded:  # fmt: skip
        """The key of every row, -1 where a row belongs nowhere."""
        if ids is not None:
            return self._by_id(ids, agent, customer, times)
        has_times = times.null_count < len(times)
        if parent is not None and self._columns.per_object:
            self.shown = "one conversation per row"
            return self._numbered(parent)
        if customer is not None and has_times:
            return _or_one(self._by_people(agent, customer, times), self._part)
        if parent is not None:
            self.shown = "one conversation per object of the document"
            return self._numbered(parent)
        if customer is not None:
            return _or_one(self._by_people(agent, customer, None), self._part)
        return self._by_part(raw, has_times, times)

    def _by_id(self, ids: Coded, agent: Coded, customer: Coded | None, times: pa.Array) -> Coded:
        """By the trimmed id; rows without one by the people and the day, if there are any."""
        keys = Coded(ids.codes, pc.utf8_trim_whitespace(ids.values))
        if self._local_ids is None:
            # Numbers as short as these begin anew in every file; longer ids are the platform's own.
            self._local_ids = pc.all(pc.match_substring_regex(keys.values, r"^\d{0,5}$")).as_py() is True
            if self._local_ids:
                self.scope = f"{self._columns.get(f.CONVERSATION)} of {self._part_path}"
        column = self._columns.get(f.CONVERSATION) or ""
        self.shown = (
            "by headings and rules" if column.startswith(FOUND) else f"by {column.removeprefix(CONVERSATION_MARK)}"
        )
        blank = keys.codes < 0
        if customer is None or not blank.any():
            return keys
        other = self._by_people(agent, customer, times)
        codes = np.where(blank & (other.codes >= 0), other.codes + np.int32(len(keys.values)), keys.codes)
        return Coded(codes, pa.concat_arrays([keys.values, other.values]))

    def _by_people(self, agent: Coded, customer: Coded, times: pa.Array | None) -> Coded:
        """day / agent / customer; without the day when silences part the conversations. The agent counts only where the
        export names it in every row."""
        parts = [customer]
        words = ["customer"]
        own_agent = not (self._columns.get(f.AGENT) or "").startswith(CONVERSATION_MARK)
        if own_agent and (agent.codes >= 0).all():
            parts.insert(0, agent)
            words.insert(0, "agent")
        if times is not None and self._wanted_gap is None:
            parts.insert(0, self._days(times))
            words.insert(0, "day")
        self.shown = f"by {' + '.join(words)}"
        if times is not None and self._wanted_gap is not None:
            self.gap = self._wanted_gap
            self.shown += f", parted at silences of {self.gap:g} s"
        self.scope = self.shown
        joined = _joined(parts)
        return Coded(np.where(customer.codes >= 0, joined.codes, np.int32(-1)), joined.values)

    def _by_part(self, raw: RawTable, has_times: bool, times: pa.Array) -> Coded:
        self.scope = self._part_path
        speaks = self._columns.get(f.ROLE) or self._columns.get(f.SENDER)
        if not speaks and not has_times:
            self.shown = "every row is a conversation of its own: neither an id, a speaker nor a time is known"
            rows = pa.array(raw.rows, pa.int64()).cast(pa.string())
            return self._numbered(Coded(np.arange(len(rows), dtype=np.int32), rows))
        whole = Coded(np.zeros(len(times), dtype=np.int32), pa.array([self._part], pa.string()))
        if has_times and self._wanted_gap is not None:
            self.gap = self._wanted_gap
            self.shown = f"the whole file, parted at silences of {self.gap:g} s"
        elif has_times:
            self.shown = "by day"
            return _joined([whole, self._days(times)])
        else:
            self.shown = "the whole file is one conversation: neither an id, a customer nor a time is known"
        return whole

    def _numbered(self, number: Coded) -> Coded:
        return Coded(number.codes, pc.binary_join_element_wise(pa.scalar(self._part), number.values, "#"))

    def _days(self, times: pa.Array) -> Coded:
        """The day of each time in the zone of the options; blank where there is no time."""
        local = pc.local_timestamp(times.cast(pa.timestamp("ms", tz=self._tz))).cast(pa.int64())
        codes, days = dictionary_codes(pc.divide(local, _DAY_MS).cast(pa.int32()))
        return Coded(codes, pc.strftime(days.cast(pa.date32()), "%Y-%m-%d"))


def _joined(parts: list[Coded]) -> Coded:
    """The values of several columns as one text, put together once for each combination; blanks are empty."""
    if len(parts) == 1:
        return parts[0]
    combined = np.zeros(len(parts[0].codes), dtype=np.int64)
    for part in parts:
        combined = combined * (len(part.values) + 1) + part.codes + 1
    numbers, codes = distinct(combined)
    texts: list[pa.Array] = []
    for part in reversed(parts):
        numbers, place = np.divmod(numbers, len(part.values) + 1)
        texts.insert(0, part.values.take(pa.array(place - 1, mask=place == 0)).fill_null(""))
    return Coded(codes, pc.binary_join_element_wise(*texts, _JOIN))


def _or_one(keys: Coded, key: str) -> Coded:
    """``key`` where a row has none."""
    codes = np.where(keys.codes < 0, np.int32(len(keys.values)), keys.codes)
    return Coded(codes, pa.concat_arrays([keys.values, pa.array([key], pa.string())]))
