"""Text files as chat clients write them: no columns, but heads of messages and the messages below."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.heads import one_line_heads
from qa_scorer.transcripts.encoding import decode_text
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
        text = decode_text(path.read_bytes(), encoding).lstrip("﻿").replace("\0", "").replace("\r\n", "\n")
        self._text = html_to_text(text) if html else one_line_heads(text)

    def text(self) -> str:
        return self._text


def is_chat_text(head: str) -> bool:
    """Whether a text has the heads of a chat client's messages rather than delimited cells."""
    return best_notation([one_line_heads(head)]) is not None
