"""What the reader says of an export, in the user's language."""

from __future__ import annotations

from qa_scorer.catalogues import user_language
from qa_scorer.cli.language import translate
from qa_scorer.transcripts import sentences


def translate_sentence(text: str) -> str:
    """``text`` in the user's language; what no template fits stays as it is."""
    return sentences.translate_sentence(text, user_language())


def dropped_rows(dropped: dict[str, int]) -> str:
    """How many rows were left out on purpose, and why, as the end of a sentence."""
    said = translate(", {count} dropped ({reason})")
    return "".join(
        said.format(count=count, reason=translate_sentence(reason)) for reason, count in sorted(dropped.items())
    )
