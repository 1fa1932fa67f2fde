"""JSON Lines and JSON documents.

Flat JSON Lines stream through ``pyarrow.json`` block by block; a block that Arrow refuses is parsed line by line.
Documents stream element by element when they are arrays; a document that breaks off is closed behind its last whole
element.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.jsontables import rows_below_names, rows_of_table
from qa_scorer.transcripts.containers.jsontree import find_messages, flatten, is_flat, split_by_id
from qa_scorer.transcripts.encoding import decode_line
from qa_scorer.transcripts.options import MEGABYTE, ReadOptions
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable, text_table

_BLOCK = 8 * MEGABYTE
_PIECE = MEGABYTE
_ROWS = 20_000
DIALOGUE = "messages"  # the name of a list of messages that has none
_ATTEMPTS = 100_000  # of finding a whole object behind a damaged one
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class JsonPart(BasePart):
    """What both kinds share: records are rows of a table when they are flat, else trees."""

    def _look(self, first: list[Any]) -> None:
        objects = [record for record in first if isinstance(record, Mapping)]
        if not objects:
            raise InputError(
                f"{self.name}: no JSON object could be read; expected messages or conversations as objects"
            )
        self.flat = all(is_flat(record) or find_messages(record) is None for record in objects)
        self._first = objects[:SAMPLE_ROWS]
        self._sample = rows_table(list(map(flatten, self._first))) if self.flat else pa.table({})
        self.header = tuple(self._sample.column_names)

    def sample(self) -> pa.Table:
        return self._sample

    def sample_records(self) -> list[Any]:
        return self._first

    def tables(self, log: Log) -> Iterator[RawTable]:
        if not self.flat:
            return
        rows: list[dict[str, str | None]] = []
        places: list[int] = []
        for number, record in self.records(log):
            rows.append(flatten(record))
            places.append(number)
            if len(rows) >= _ROWS:
                yield RawTable(rows_table(rows), np.array(places, dtype=np.int64))
                rows, places = [], []
        if rows:
            yield RawTable(rows_table(rows), np.array(places, dtype=np.int64))


def object_in_line(line: str) -> dict[str, Any] | None:
    """The object that ends a line of a log (``12:03 INFO {"sid": …}``), also as Python writes it (``{'sid': …}``); None
    where there is none."""
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return None
    value: Any = None
    try:
        value = json.loads(line[start:])
    except ValueError:
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            value = ast.literal_eval(line[start:].strip())
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) and value else None


def rows_table(rows: list[dict[str, str | None]]) -> pa.Table:
    """Rows with different keys as one table of text; names in the order of appearance."""
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return text_table(names, [[row.get(name) for name in names] for row in rows])


class JsonLinesPart(JsonPart):
    """One object a line."""

    def __init__(self, name: str, path: Path, encoding: str) -> None:
        super().__init__(name, "jsonl", encoding)
        self._path = path
        self._encoding = encoding
        silent = Log(name)
        self._look([record for _, record in islice(self.records(silent), SAMPLE_ROWS)])

    def records(self, log: Log) -> Iterator[tuple[int, Any]]:
        with self._path.open("rb") as file:
            for number, line in enumerate(_lines(file, self._encoding), start=1):
                yield from self._parse_line(line, number, log)

    def _parse_line(self, line: bytes, number: int, log: Log) -> Iterator[tuple[int, Any]]:
        text = decode_line(line.removeprefix(b"\xef\xbb\xbf"), self._encoding)
        if text is None:
            log.reject(
                number, f"not readable as {self._encoding}", line[:2000].decode(self._encoding, errors="replace")
            )
            return
        text = text.replace("\0", "").strip()
        if not text:
            return
        try:
            record = json.loads(text)
        except ValueError as error:
            record = object_in_line(text)
            if record is None:
                log.reject(number, f"not valid JSON: {_json_reason(error)}", text)
                return
        if isinstance(record, list):
            record = {DIALOGUE: record}
        if not isinstance(record, Mapping):
            log.reject(number, "not a JSON object", text)
            return
        yield number, record

    def tables(self, log: Log) -> Iterator[RawTable]:
        if not self.flat:
            return
        if self._encoding not in ("utf-8", "gb18030") or not all(map(is_flat, self._first)):
            yield from super().tables(log)
            return
        schema = self._schema()
        line, at, size = 1, 0, _BLOCK
        with self._path.open("rb") as file:
            if file.read(3) == b"\xef\xbb\xbf":
                at = 3
            while file.seek(at) == at and (block := file.read(size)):
                end = block.rfind(b"\n") + 1
                if not end and len(block) == size:  # a line longer than the block
                    size *= 2
                    continue
                end = end or len(block)
                lines = block.count(b"\n", 0, end) + (block[end - 1] != 10)
                yield from self._block(memoryview(block)[:end], line, lines, schema, log)
                line, at, size = line + lines, at + end, _BLOCK

    def _block(self, block: memoryview, first: int, lines: int, schema: pa.Schema, log: Log) -> Iterator[RawTable]:
        """One block by Arrow, or line by line when Arrow refuses it or its lines are not its rows."""
        try:
            table = self._by_arrow(block, schema)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            table = None
        if table is not None and len(table) == lines:
            yield RawTable(table, np.arange(first, first + lines, dtype=np.int64))
            return
        rows, places = [], []
        for offset, line in enumerate(bytes(block).split(b"\n")):
            for number, record in self._parse_line(line, first + offset, log):
                rows.append(flatten(record))
                places.append(number)
        if rows:
            yield RawTable(rows_table(rows), np.array(places, dtype=np.int64))

    def _by_arrow(self, block: memoryview, schema: pa.Schema) -> pa.Table:
        if self._encoding != "utf-8":
            block = memoryview(bytes(block).decode(self._encoding).encode())
        buffer = np.frombuffer(block, dtype=np.uint8)
        if not buffer.all():
            raise pa.ArrowInvalid("NUL bytes")
        try:
            table = _read_json(block, schema, _PIECE)
        except pa.ArrowInvalid:  # a line that is longer than a piece, or pieces whose values differ in type
            table = _read_json(block, schema, len(block) + 1)
        while any(pa.types.is_struct(column.type) for column in table.schema):
            table = table.flatten()
        return table

    def _schema(self) -> pa.Schema:
        """Columns that held nothing but text so far stay text, so that Arrow does not guess times."""
        texts: dict[str, bool] = {}
        for record in self._first:
            for key, value in record.items():
                texts[key] = texts.get(key, True) and isinstance(value, str | None)
        return pa.schema([(key, pa.string()) for key, only in texts.items() if only])


def _read_json(block: memoryview, schema: pa.Schema, piece: int) -> pa.Table:
    """The lines of a block as a table, parsed in pieces of this many bytes side by side."""
    import pyarrow.json as pajson

    return pajson.read_json(
        pa.BufferReader(block),
        read_options=pajson.ReadOptions(block_size=piece),
        parse_options=pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer"),
    ).combine_chunks()


def _lines(file: io.BufferedReader, encoding: str) -> Iterator[bytes]:
    if not encoding.startswith("utf-16"):
        yield from file
        return
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace")
    for line in text:
        yield line.lstrip("﻿").encode(encoding if encoding != "utf-16" else "utf-16")


def _json_reason(error: ValueError) -> str:
    return str(error).split(": line")[0]


class JsonDocumentPart(JsonPart):
    """A document: an array of objects, one object, or several objects one after the other."""

    def __init__(self, name: str, path: Path, encoding: str, options: ReadOptions) -> None:
        super().__init__(name, "json", encoding)
        self._path = path
        self._encoding = encoding
        limit = options.limits.document_mb
        if path.stat().st_size > limit * MEGABYTE:
            raise InputError(
                f"{name}: a JSON document of more than {limit} MB would have to be held in memory; "
                "write it as JSON Lines, one object a line, or raise limits.document_mb in qa-scorer.yaml"
            )
        self._look([record for _, record in islice(self.records(Log(name)), SAMPLE_ROWS)])

    def records(self, log: Log) -> Iterator[tuple[int, Any]]:
        text = self._read(log)
        decoder = json.JSONDecoder()
        position, number = _blank(text, 0), 0
        in_array = text.startswith("[", position) and text[_blank(text, position + 1) :][:1] != '"'
        if in_array:
            position = _blank(text, position + 1)
        keys: set[str] = set()
        while position < len(text) and not (in_array and text[position] == "]"):
            number += 1
            try:
                value, end = decoder.raw_decode(text, position)
            except json.JSONDecodeError as error:
                position = yield from self._salvage(text, position, number, keys, error, log)
                continue
            table = rows_of_table(value) if isinstance(value, Mapping) and not in_array else None
            if table is not None:
                yield from enumerate(table, start=1)
            elif isinstance(value, Mapping):
                keys = keys or set(value)
                yield from ((number, record) for record in split_by_id(value))
            elif isinstance(value, list) and number == 1 and in_array and (rows := self._below_names(text)) is not None:
                yield from enumerate(rows, start=1)
                return
            elif isinstance(value, list):
                yield number, {DIALOGUE: value}
            else:
                log.reject(number, "not a JSON object", text[position:end])
            position = _blank(text, end)
            if text.startswith(",", position):
                position = _blank(text, position + 1)

    def _below_names(self, text: str) -> Iterator[dict[str, Any]] | None:
        """The rows of a document that is a list of lists below a list of names; None for any other document."""
        try:
            return rows_below_names(json.loads(text))
        except ValueError:
            return None

    def _read(self, log: Log) -> str:
        data = self._path.read_bytes()
        try:
            text = data.decode(self._encoding)
        except UnicodeDecodeError:
            lines = data.split(b"\n")
            decoded = [decode_line(line, self._encoding) for line in lines]
            bad = sum(1 for line in decoded if line is None)
            if bad:
                log.note(f"{bad} lines hold bytes of no known encoding; they are shown as �")
            text = "\n".join(
                line if line is not None else raw.decode(self._encoding, errors="replace")
                for line, raw in zip(decoded, lines, strict=True)
            )
        return text.replace("\0", "").lstrip("﻿")

    def _salvage(
        self, text: str, position: int, number: int, keys: set[str], error: json.JSONDecodeError, log: Log
    ) -> Generator[tuple[int, Any], None, int]:
        """What is whole of the damaged value, a reject for the rest, and the place at which reading goes on."""
        whole, end = close_brackets(text, position, error.pos)
        after = next_object(text, max(error.pos, position + 1), keys)
        line = text.count("\n", 0, error.pos) + 1
        happens = "breaks off here" if after is None else f"is damaged here, in line {line}"
        if whole is not None:
            yield number, whole
        lost = text[end : end + 500 if after is None else after]
        log.reject(number, f"the JSON {happens}: {_json_reason(error)}", lost.strip())
        return len(text) if after is None else after


def _blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def close_brackets(text: str, start: int, stop: int) -> tuple[Any, int]:
    """The value at ``start`` cut behind the last array element that is whole before ``stop`` and closed there, and where
    the cut is; None if nothing is whole."""
    stack: list[str] = []
    best: tuple[int, str] | None = None
    for token in _TOKEN.finditer(text, start, stop):
        mark = token[0]
        if mark in "[{":
            stack.append("]" if mark == "[" else "}")
        elif mark in "]}":
            if not stack or stack.pop() != mark:
                break
            if stack and stack[-1] == "]":
                best = (token.end(), "".join(reversed(stack)))
    if best is None:
        return None, start
    end, closing = best
    try:
        return json.loads(text[start:end] + closing), end
    except ValueError:
        return None, start


def next_object(text: str, start: int, keys: set[str]) -> int | None:
    """Where the next whole object begins that is like the others of the document, which have these ``keys``; None when
    none is left. Without any before it, one that holds messages is preferred to those that stand inside."""
    decoder = json.JSONDecoder()
    first: int | None = None
    position = text.find("{", start)
    for _ in range(_ATTEMPTS):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
        except ValueError:
            value, end = {}, position + 1
        if value and (2 * len(keys & set(value)) >= len(keys) if keys else find_messages(value) is not None):
            return position
        if value and not keys and first is None:
            first = position
        position = text.find("{", end)
    return first
