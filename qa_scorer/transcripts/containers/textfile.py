"""Text files as chat clients write them: no columns, but heads of messages and the messages below."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.errors import InputError
from qa_scorer.transcripts.encoding import decode_line
from qa_scorer.transcripts.notations import best_notation, html_to_text
from qa_scorer.transcripts.options import MEGABYTE, ReadOptions
from qa_scorer.transcripts.raw import BasePart


class TextPart(BasePart):
    """One chat text."""

    def __init__(self, name: str, path: Path, encoding: str, options: ReadOptions, html: bool = False) -> None:
        super().__init__(name, "text", encoding)
        if path.stat().st_size > options.limits.document_mb * MEGABYTE:
            raise InputError(
                f"{name}: a chat text of more than {options.limits.document_mb} MB would have to be held in memory; "
                "split it, or raise limits.document_mb in qa-scorer.yaml"
            )
        data = path.read_bytes()
        if encoding.startswith("utf-16"):
            text = data.decode(encoding, errors="replace")
        else:
            lines = (line.rstrip(b"\r") for line in data.split(b"\n"))
            text = "\n".join(
                line if (line := decode_line(raw, encoding)) is not None else raw.decode(encoding, errors="replace")
                for raw in lines
            )
        text = text.lstrip("﻿").replace("\0", "").replace("\r\n", "\n")
        self._text = html_to_text(text) if html else text

    def text(self) -> str:
        return self._text


def is_chat_text(head: str) -> bool:
    """Whether a text has the heads of a chat client's messages rather than delimited cells."""
    return best_notation([head]) is not None
