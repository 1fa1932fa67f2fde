"""XML of any make: elements become objects, so that they are read as nested JSON is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.jsonfile import JsonPart
from qa_scorer.transcripts.encoding import decode_text
from qa_scorer.transcripts.options import MEGABYTE, ReadOptions
from qa_scorer.transcripts.raw import Log

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f￾￿]")
_TEXT = "text"


class XmlPart(JsonPart):
    """One document. Its records are the elements below the root where these are alike, else the root alone."""

    def __init__(self, name: str, path: Path, encoding: str, options: ReadOptions) -> None:
        super().__init__(name, "xml", encoding)
        limit = options.limits.document_mb
        if path.stat().st_size > limit * MEGABYTE:
            raise InputError(
                f"{name}: an XML document of more than {limit} MB would have to be held in memory; "
                "split it, or raise limits.document_mb in qa-scorer.yaml"
            )
        text = decode_text(path.read_bytes(), encoding).lstrip("﻿")
        if "<!ENTITY" in text:
            raise InputError(f"{name}: XML that declares entities is not read; save the file without them")
        self._text = _NOT_IN_XML.sub("", _DECLARATION.sub("", text))
        self._look([record for _, record in self.records(Log(name))])

    def records(self, log: Log) -> Iterator[tuple[int, Any]]:
        """The records; a document that breaks off is read as far as it goes."""
        builder = ElementTree.TreeBuilder()
        parser = ElementTree.XMLParser(target=builder)
        try:
            parser.feed(self._text)
            parser.close()
        except ElementTree.ParseError as error:
            line, column = error.position
            lost = "\n".join(self._text.split("\n")[line - 1 :])[column : column + 500]
            log.reject(None, f"the XML breaks off in line {line}: {str(error).split(':')[0]}", lost)
        root: ElementTree.Element | None = builder.close()
        if root is None:
            return
        if len({child.tag for child in root}) == 1 and not (root.attrib and len(root) == 1):
            yield from enumerate(map(_object, root), start=1)
        else:
            yield 1, _object(root)


def _object(element: ElementTree.Element) -> dict[str, Any]:
    """Attributes and elements by their names, those of one name as a list; the text beside them as ``text``."""
    found: dict[str, Any] = {_bare(name): value for name, value in element.attrib.items()}
    for child in element:
        name = _bare(child.tag)
        value: Any = _object(child) if len(child) or child.attrib else (child.text or "").strip()
        if name in found:
            before = found[name]
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[name] = value
    said = (element.text or "").strip()
    if said:
        found[_TEXT] = said
    return found


def _bare(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
