"""Delimited text taken apart by hand: slower than Arrow, but a broken row costs no more than itself.

Used for the sample of every file, and for files in which Arrow meets what it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa_scorer.transcripts.encoding import decode_line

_MAX_LINES = 5000  # of one quoted cell; a quote that is open longer never closes
_RULE = re.compile(r"^\s*[|+][\s|+:=\-]*[\-=]{2,}[\s|+:=\-]*$")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its cells, or why it has none. ``number`` is 1-based, blank lines not counted."""

    number: int
    cells: list[str]
    raw: str
    broken: str | None = None


def is_rule(line: str) -> bool:
    """Whether a line only draws a table: ``|---|:---|`` or ``+-----+-----+``."""
    return bool(_RULE.match(line))


def split_raw(line: str, delimiter: str) -> list[str]:
    return line.split(delimiter)


def split_quoted(line: str, delimiter: str) -> tuple[list[str], bool, bool]:
    """Cells, whether a quote is still open at the end, and whether text follows a closing quote."""
    if '"' not in line:
        return line.split(delimiter), False, False
    cells: list[str] = []
    position, end, untidy = 0, len(line), False
    while True:
        if position < end and line[position] == '"':
            found = _QUOTED.match(line, position)
            if found is None:
                return cells, True, untidy
            stop = line.find(delimiter, found.end())
            tail = line[found.end() : stop if stop >= 0 else end]
            untidy = untidy or bool(tail.strip())
            cells.append(found[1].replace('""', '"') + tail)
        else:
            stop = line.find(delimiter, position)
            cells.append(line[position : stop if stop >= 0 else end])
        if stop < 0:
            return cells, False, untidy
        position = stop + 1


def read_lines(path: Path, encoding: str) -> Iterator[tuple[str | None, bytes]]:
    """Lines without their ends, decoded one by one (None where no encoding fits), with their bytes."""
    if encoding.startswith("utf-16"):
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            for line in text:
                yield line.rstrip("\r\n").lstrip("﻿").replace("\0", ""), b""
        return
    with path.open("rb") as file:
        first = True
        for raw in file:
            bare = raw.rstrip(b"\r\n")
            if first:
                bare, first = bare.removeprefix(b"\xef\xbb\xbf"), False
            decoded = decode_line(bare, encoding)
            yield (None if decoded is None else decoded.replace("\0", "")), bare


def read_records(
    path: Path, encoding: str, delimiter: str, quoted: bool, width: int | None, text_limit: int
) -> Iterator[Record]:
    """Every row of the file. ``width`` tells a row from the inside of a cell when a quote is broken."""
    pending: list[tuple[str | None, bytes]] = []
    lines = read_lines(path, encoding)
    number = 0

    def next_line() -> tuple[str | None, bytes] | None:
        return pending.pop() if pending else next(lines, None)

    while (current := next_line()) is not None:
        line, raw = current
        if line is not None and (not line.strip() or is_rule(line)):
            continue
        number += 1
        if line is None:
            shown = raw[:2000].decode(encoding, errors="replace")
            yield Record(number, [], shown, f"not readable as {encoding} nor as any other usual encoding")
            continue
        if not quoted:
            yield Record(number, split_raw(line, delimiter), line)
            continue
        cells, is_open, untidy = split_quoted(line, delimiter)
        if not is_open:
            yield Record(number, cells, line)
            continue
        taken: list[tuple[str | None, bytes]] = []
        joined, size = [line], len(line)
        while is_open and len(taken) < _MAX_LINES and size <= text_limit and (more := next_line()) is not None:
            taken.append(more)
            if more[0] is None:
                break
            joined.append(more[0])
            size += len(more[0]) + 1
            if '"' in more[0]:
                cells, is_open, untidy = split_quoted("\n".join(joined), delimiter)
        if (
            is_open
            and (len(taken) >= _MAX_LINES or size > text_limit)
            and not _rows_inside(joined[1:], delimiter, width)
        ):
            _skip_cell(next_line)
            yield Record(number, [], line, "a cell is longer than the limit (limits.text_kb in qa-scorer.yaml)")
        elif is_open or untidy or _swallowed(joined[1:], cells, delimiter, width):
            pending.extend(reversed(taken))
            yield _unclosed(number, line, delimiter, width)
        else:
            yield Record(number, cells, "\n".join(joined))


def _rows_inside(inner: list[str], delimiter: str, width: int | None) -> bool:
    """Whether lines inside a quoted cell are rows, so that the quote was never meant to open."""
    return width is not None and sum(len(line.split(delimiter)) == width for line in inner) * 2 > len(inner)


def _skip_cell(next_line: Callable[[], tuple[str | None, bytes] | None]) -> None:
    """Pass over the rest of a cell that is too long, up to the line that closes its quote."""
    while (more := next_line()) is not None:
        if more[0] is not None and more[0].count('"') % 2:
            return


def _swallowed(inner: list[str], cells: list[str], delimiter: str, width: int | None) -> bool:
    """Whether the lines inside a quoted cell are rows of their own, so that the quote cannot be meant."""
    if width is None:
        return False
    if len(cells) != width:
        return True
    return width >= 3 and any(len(line.split(delimiter)) == width for line in inner[:-1])


def _unclosed(number: int, line: str, delimiter: str, width: int | None) -> Record:
    """The row alone, its quotation mark taken as text when the cells then come out right."""
    cells = split_raw(line, delimiter)
    if width is not None and len(cells) == width:
        return Record(number, cells, line)
    return Record(number, [], line, "a quotation mark opens a cell here and never closes")
