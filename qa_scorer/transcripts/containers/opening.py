"""Which container a file is, by its bytes and only then by its name, and its parts."""

from __future__ import annotations

import json
import re
from pathlib import Path

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.delimited import DelimitedPart
from qa_scorer.transcripts.containers.jsonfile import JsonDocumentPart, JsonLinesPart, object_in_line
from qa_scorer.transcripts.containers.parquet import ParquetPart
from qa_scorer.transcripts.containers.sheets import read_workbook
from qa_scorer.transcripts.containers.textfile import TextPart, is_chat_text
from qa_scorer.transcripts.encoding import (
    HEAD,
    container_of,
    decode_text,
    detect_encoding,
    known_encoding,
    read_head,
)
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Part
from qa_scorer.transcripts.sources import Source, check_bomb


def open_parts(source: Source, options: ReadOptions) -> list[Part]:
    """The parts of one file. Raises InputError when the file is empty, is of no known kind or cannot be opened."""
    size = source.path.stat().st_size
    if size == 0:
        raise InputError(f"{source.name}: the file is empty (0 bytes)")
    head = read_head(source.path)
    kind = container_of(head)
    if kind in ("zip", "ole"):
        check_bomb(source.name, source.path, options.limits)
        return list(read_workbook(source.name, source.path, options))
    if kind == "parquet":
        return [ParquetPart(source.name, source.path)]
    if kind is not None:
        raise InputError(f"{source.name}: a {kind} file is not readable here; expected {EXPECTED}")
    encoding = known_encoding(options.encoding) if options.encoding else detect_encoding(head, size <= HEAD)
    return _open_text(source, head, encoding, options)


_FEW = 2000  # characters; in a longer text the last line may be cut off
_XML = re.compile(r"<\?xml|<[A-Za-z][\w.:\-]*(?:\s+[\w.:\-]+\s*=\s*[\"'][^<>]*)?>\s*<[A-Za-z]")
_PAGE = re.compile(r"<(?:!doctype html|html|head|body|table|div|p|meta|(?:\w+:)?workbook)\b", re.IGNORECASE)
EXPECTED = "CSV, TSV, JSON, JSON Lines, XML, XLSX, XLS, ODS, Parquet, HTML, chat text, or ZIP or gzip files of these"


def _open_text(source: Source, head: bytes, encoding: str, options: ReadOptions) -> list[Part]:
    text = decode_text(head, encoding).lstrip("﻿")
    start = text.lstrip()
    if not start.strip("\0"):
        raise InputError(f"{source.name}: the file holds nothing but blanks")
    if _binary(text):
        raise InputError(f"{source.name}: this is neither text nor a known binary file; expected {EXPECTED}")
    if _objects_in_lines(start):
        return [JsonLinesPart(source.name, source.path, encoding)]
    if start[0] in "{[" and (is_json := _json_kind(start)):
        if is_json == "jsonl":
            return [JsonLinesPart(source.name, source.path, encoding)]
        return [JsonDocumentPart(source.name, source.path, encoding, options)]
    if _XML.match(start) and not _PAGE.search(start[:4000]):
        from qa_scorer.transcripts.containers.xmlfile import XmlPart

        return [XmlPart(source.name, source.path, encoding, options)]
    if (
        start[:200]
        .lower()
        .lstrip()
        .startswith(("<!doctype html", "<html", "<table", "<?xml", "<meta", "<head", "<div"))
    ):
        from qa_scorer.transcripts.containers.htmlfile import html_parts

        return list(html_parts(source.name, source.path, encoding, options))
    if Path(source.path).suffix.lower() not in (".csv", ".tsv") and options.delimiter is None and is_chat_text(text):
        return [TextPart(source.name, source.path, encoding, options)]
    return [DelimitedPart(source.name, source.path, encoding, options)]


def _binary(text: str) -> bool:
    odd = sum(1 for character in text[:4000] if character < " " and character not in "\t\r\n\f\x01\0\x1b\x1f")
    return odd > len(text[:4000]) // 20 or text[:4000].count("�") > len(text[:4000]) // 4


def _json_kind(start: str) -> str | None:
    """``jsonl`` when the first line is a whole object and another follows or none does, ``json`` for what begins like a
    document, None for text that only begins with a bracket."""
    first, _, rest = start.partition("\n")
    if start[0] == "{":
        try:
            value = json.loads(first)
        except ValueError:
            return "jsonl" if _looks_cut(first, rest) else "json" if _json_opening(start) else None
        return "jsonl" if isinstance(value, dict) and (rest.strip() or _single_row(value)) else "json"
    if not _json_opening(start):
        return None
    return "jsonl" if rest.lstrip().startswith("[") and _is_list(first) else "json"


def _objects_in_lines(start: str) -> bool:
    """Whether the lines are those of a log, each ending in an object that is no plain JSON line."""
    lines = [line for line in start.split("\n")[:20] if line.strip()][: -1 if len(start) > _FEW else None]
    found = [line for line in lines if object_in_line(line) is not None]
    return len(found) > 1 and len(found) >= 0.8 * len(lines) and not all(map(_is_object, found))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_list(line: str) -> bool:
    try:
        return isinstance(json.loads(line), list)
    except ValueError:
        return False


def _single_row(value: dict[str, object]) -> bool:
    return not any(isinstance(item, list | dict) for item in value.values())


def _looks_cut(first: str, rest: str) -> bool:
    """A first line that is broken, while the lines after it are objects."""
    lines = [line for line in rest.split("\n")[:20] if line.strip()]
    whole = 0
    for line in lines:
        try:
            whole += isinstance(json.loads(line), dict)
        except ValueError:
            continue
    return len(first) > 2 and whole > len(lines) // 2


def _json_opening(start: str) -> bool:
    inner = start[1:].lstrip()[:1]
    return inner in ('"', "}") if start[0] == "{" else inner in ("{", "[", "]", '"')
