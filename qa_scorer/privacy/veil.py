"""What people may see of tables: the same rows with personal data masked and, if asked for, pseudonyms for names.

Columns are known by their names, which are the same in all tables. Masked texts keep their length, so that ``start`` and
``end`` of evidence stay right.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import AhoCorasick

from qa_scorer.model.words import Role
from qa_scorer.privacy.masking import Joined, hide, mask, mask_names
from qa_scorer.privacy.pseudonyms import Pseudonyms
from qa_scorer.transcripts.raw import whole
from qa_scorer.transcripts.roles import ROLE_WORDS
from qa_scorer.transcripts.table import TranscriptBatch

Ints = npt.NDArray[np.int64]

_PEOPLE = {"conversation_id": "conversation", "agent": "agent", "customer": "customer", "source": "source"}
"""Columns that name somebody or something that has a pseudonym."""
_TEXTS = ("channel", "group", "note", "reason", "raw", "name", "value")
_NOT_UNIQUE = ("customer", "source")
_AND = "、"


@dataclass(slots=True)
class Veil:
    """Covers the tables of a run, batch by batch; ``masked`` false leaves them as they are, unless there are
    ``pseudonyms``: who gives these masks too."""

    masked: bool = True
    pseudonyms: Pseudonyms | None = None
    _given: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _agents: frozenset[str] = frozenset()
    _ids: tuple[pa.Array, pa.Array] | None = None  # of the last batch: as they are, and covered

    def __post_init__(self) -> None:
        self.masked |= self.pseudonyms is not None

    def record(self) -> dict[str, Any]:
        """What ``run.json`` says: whether data are masked, and the fingerprint of the pseudonyms' key."""
        return {"masked": self.masked, "pseudonyms": self.pseudonyms.fingerprint if self.pseudonyms else None}

    def batch(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """The tables of a batch by their names, covered. ``messages`` must be among them."""
        if not self.masked:
            return dict(tables)
        messages = tables["messages"]
        sender = self._senders(messages)  # first, so that agents are numbered in the order of their messages
        text, rows = self._messages(messages, tables["conversations"])
        covered = {name: self.table(table) for name, table in tables.items()}
        if "evidence" in covered:
            quoted = _quoted(tables["evidence"], messages, text, rows)
            covered["evidence"] = _with(covered["evidence"], "text", quoted)
        covered["messages"] = _with(_with(covered["messages"], "text", text), "sender", sender)
        return covered

    def transcript(self, batch: TranscriptBatch) -> TranscriptBatch:
        """A batch of an export, covered."""
        return TranscriptBatch(**self.batch({"messages": batch.messages, "conversations": batch.conversations}))

    def meet(self, batch: TranscriptBatch) -> None:
        """Give out the names of a batch whose tables were covered by an earlier run, so that later ones stay the same."""
        if self.masked:
            self._values(whole(batch.conversations["conversation_id"]), "conversation")
            self._senders(batch.messages)

    def table(self, table: pa.Table) -> pa.Table:
        """A table with its names and notes covered. The texts of messages and evidence are left to ``batch``."""
        if not self.masked:
            return table
        for name in table.column_names:
            if name in _PEOPLE:
                table = _with(table, name, self._each(whole(table[name]), _PEOPLE[name]))
            elif name == "agents":
                table = _with(table, name, self._together(whole(table[name])))
            elif name in _TEXTS:
                table = _with(table, name, self._each(whole(table[name]), ""))
        return table

    def rejects(self, table: pa.Table) -> pa.Table:
        """Rejected rows. Nobody knows whose names stand in a row that could not be read: with pseudonyms it is left out."""
        if self.pseudonyms is not None:
            table = _with(table, "raw", pa.array([""] * table.num_rows, pa.string()))
        return self.table(table)

    def further_columns(self, table: pa.Table) -> pa.Table:
        """Columns of the export without a place of their own may hold anybody's name: with pseudonyms none is kept."""
        return self.table(table.slice(0, 0) if self.pseudonyms is not None else table)

    def one(self, kind: str, text: str) -> str:
        """A single name of a kind (``agent``, ``customer``, ``source``), or a text of the kind ``""``."""
        covered: str = self._values(pa.array([text], pa.string()), kind)[0].as_py() if self.masked else text
        return covered

    def _each(self, column: pa.Array, kind: str) -> pa.Array:
        """A column, encoded or not, by its distinct values."""
        if not pa.types.is_dictionary(column.type):
            return self._values(column, kind)
        values = self._values(column.dictionary, kind)
        if values is column.dictionary:
            return column
        # Two names may be the same when they are masked, and a dictionary holds each once.
        distinct = values.dictionary_encode()
        codes = distinct.indices.take(column.indices)
        return pa.DictionaryArray.from_arrays(codes.cast(column.type.index_type), distinct.dictionary)

    def _values(self, values: pa.Array, kind: str) -> pa.Array:
        """Distinct values of a kind, covered; ``values`` itself when nothing changes."""
        if kind != "conversation":
            return self._covered(values, kind)
        if self._ids is None or not values.equals(self._ids[0]):
            self._ids = values, self._covered(values, kind)
        before, covered = self._ids
        return values if covered is before else covered

    def _covered(self, values: pa.Array, kind: str) -> pa.Array:
        if kind and self.pseudonyms is not None:
            of = self.pseudonyms.of
            return pa.array([None if name is None else of(kind, name) for name in values.to_pylist()], pa.string())
        if not kind:
            return mask(_without_names(values, self._known_agents())[0])[0]
        covered, rows = mask_names(values)
        return covered if kind in _NOT_UNIQUE else self._told_apart(kind, values, covered, rows)

    def _told_apart(self, kind: str, values: pa.Array, covered: pa.Array, rows: Ints) -> pa.Array:
        """Masked names with a mark that depends on the name alone, so that whoever looks alike when masked stays two
        agents (or conversations), and the same ones in every run; numbered where the marks meet too."""
        starred = np.flatnonzero(pc.match_substring(values, "*").fill_null(False).to_numpy(zero_copy_only=False))
        rows = np.union1d(rows, starred)
        if not len(rows):
            return covered
        names = covered.to_pylist()
        for row in rows.tolist():
            names[row] = self._own(kind, values[row].as_py(), names[row])
        return pa.array(names, pa.string())

    def _own(self, kind: str, name: str, masked: str) -> str:
        known = self._given.get((kind, name))
        if known is not None:
            return known
        marked = masked if masked == name else f"{masked} ({_mark(name)})"
        own, number = marked, 2
        while (kind, own) in self._taken:
            own, number = f"{marked} ({number})", number + 1
        self._taken.add((kind, own))
        self._given[(kind, name)] = own
        return own

    def _together(self, column: pa.Array) -> pa.Array:
        """Names joined in one cell."""
        cells = pc.split_pattern(column, _AND)
        before = cells.flatten()
        names = self._values(before, "agent")
        if names is before:
            return column
        return pc.binary_join(pa.ListArray.from_arrays(cells.offsets, names), _AND)

    def _senders(self, messages: pa.Table) -> pa.Array:
        """The speakers, each by the role that it has in the row."""
        column, roles = whole(messages["sender"]), messages["role"].to_numpy()
        names = column.dictionary
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        part = np.where(roles == Role.AGENT, 0, np.where(roles == Role.CUSTOMER, 1, 2))
        place = np.zeros((3, len(names) + 1), dtype=np.int64)
        before, covered, count = [], [], 0
        for number, kind in enumerate(("agent", "customer", "")):
            seen = np.zeros(len(names) + 1, dtype=np.bool_)
            seen[codes[part == number]] = True
            used = np.flatnonzero(seen[:-1])
            place[number, used] = np.arange(count, count + len(used))
            count += len(used)
            before.append(names.take(pa.array(used)))
            covered.append(self._values(before[-1], kind))
        if all(new is old for new, old in zip(covered, before, strict=True)):
            return column
        distinct = pa.concat_arrays(covered).dictionary_encode()
        indices = distinct.indices.take(pa.array(place[part, codes], mask=codes < 0))
        return pa.DictionaryArray.from_arrays(indices, distinct.dictionary)

    def _messages(self, messages: pa.Table, conversations: pa.Table) -> tuple[pa.Array, Ints]:
        """(the texts of the messages, the rows that changed)."""
        texts = whole(messages["text"])
        named = np.zeros(0, dtype=np.int64)
        if self.pseudonyms is not None:
            customers = _customers(messages, conversations)
            belongs = whole(messages["conversation_id"]).indices.to_numpy()
            texts, named = _without_names(texts, self._known_agents(), customers, belongs)
        texts, rows = mask(texts)
        return texts, np.union1d(named, rows)

    def _known_agents(self) -> frozenset[str]:
        if self.pseudonyms is not None and not self._agents:
            self._agents = frozenset(self.pseudonyms.names_of_agents())
        return self._agents


def _mark(name: str) -> str:
    """Two digits of a checksum: of ten thousand numbers that look alike when masked it leaves a hundred."""
    return f"{zlib.crc32(name.encode('utf-8', 'surrogatepass')) % 100:02}"


def _customers(messages: pa.Table, conversations: pa.Table) -> dict[str, set[int]]:
    """Each customer's name with the conversations that it belongs to, by their codes in ``messages``."""
    ids, senders = whole(messages["conversation_id"]), whole(messages["sender"])
    codes = pc.index_in(conversations["conversation_id"].combine_chunks(), ids.dictionary)
    spoken = pc.equal(messages["role"].combine_chunks(), int(Role.CUSTOMER))
    said = pa.table({"code": ids.indices.filter(spoken), "name": senders.filter(spoken).cast(pa.string())})
    known = pa.table({"code": codes.cast(pa.int32()), "name": whole(conversations["customer"])})
    names: dict[str, set[int]] = {}
    for row in pa.concat_tables([said, known]).group_by(["code", "name"]).aggregate([]).to_pylist():
        name = row["name"]
        if name and len(name) > 1 + name.isdigit() and name.strip().lower() not in ROLE_WORDS:
            names.setdefault(name, set()).add(row["code"])
    return names


def _without_names(
    texts: pa.Array,
    agents: frozenset[str],
    customers: Mapping[str, set[int]] | None = None,
    belongs: Ints | None = None,
) -> tuple[pa.Array, Ints]:
    """(texts, rows that changed) with asterisks for the names of agents, and for those of customers in the rows that
    belong to their own conversations."""
    own = customers or {}
    names = sorted(agents | set(own))
    if not names:
        return texts, np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False))
    automaton = AhoCorasick(names)

    def look(joined: Joined) -> Iterator[int]:
        hits = np.array(automaton.find_matches_as_indexes(joined.text, overlapping=True), dtype=np.int64).reshape(-1, 3)
        found = rows[np.searchsorted(joined.starts, hits[:, 1], side="right") - 1]
        where = found.tolist() if belongs is None else belongs[found].tolist()
        for (number, start, end), conversation in zip(hits.tolist(), where, strict=True):
            name = names[number]
            if (name in agents or conversation in own[name]) and _stands_alone(joined.text, start, end):
                yield from range(start, end)

    return hide(texts, rows, look)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name in Latin letters is not part of a longer word."""
    before, after = text[start - 1 : start] + text[start], text[end - 1] + text[end : end + 1]
    return not any(len(pair) == 2 and pair.isascii() and pair.isalnum() for pair in (before, after))


def _quoted(evidence: pa.Table, messages: pa.Table, texts: pa.Array, rows: Ints) -> pa.Array:
    """The quotes of evidence, cut anew out of the messages that changed."""
    quotes = whole(evidence["text"])
    if not len(rows) or not len(quotes):
        return quotes
    ids, known = whole(messages["conversation_id"]), whole(evidence["conversation_id"])
    codes = ids.indices.to_numpy()
    starts = np.zeros(len(ids.dictionary) + 1, dtype=np.int64)
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    starts[codes[begins]] = begins
    code = pc.index_in(known.dictionary, ids.dictionary).fill_null(-1).to_numpy()[known.indices.to_numpy()]
    message = starts[code] + evidence["seq"].to_numpy()
    changed = np.zeros(len(texts), dtype=np.bool_)
    changed[rows] = True
    mine = changed[message] & quotes.is_valid().to_numpy(zero_copy_only=False)
    start, end = evidence["start"].to_numpy()[mine].tolist(), evidence["end"].to_numpy()[mine].tolist()
    words = [texts[row].as_py()[a:b] for row, a, b in zip(message[mine].tolist(), start, end, strict=True)]
    return pc.replace_with_mask(quotes, pa.array(mine), pa.array(words, pa.string()))


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(place), column)
