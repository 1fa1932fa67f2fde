"""The formats: one module for each, one line for each in the registry."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from qa_scorer.errors import InputError
from qa_scorer.transcripts.formats import cells, chat_text, intercom, json_cells, message_rows, nested, qa_pairs, wecom
from qa_scorer.transcripts.formats.base import Format, Mapped, Match
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import Part

REGISTRY: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (message_rows, qa_pairs, cells, json_cells, nested, intercom, wecom, chat_text)
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detection:
    """The format chosen for a part, and the next best one."""

    format: Format
    match: Match
    second: tuple[Format, Match] | None


def detect(part: Part, options: ReadOptions) -> Detection:
    """The surest format, or the one that the options name. Raises InputError for an unknown name."""
    matches = [
        (format_, match) for format_ in REGISTRY.values() if (match := format_.recognise(part, options)) is not None
    ]
    matches.sort(key=lambda pair: -pair[1].confidence)
    if options.format is not None:
        chosen = named(options.format)
        told = Match(0.0, ("as told, although it does not look like it",))
        match = next((match for format_, match in matches if format_ is chosen), told)
        others = [pair for pair in matches if pair[0] is not chosen]
        return Detection(chosen, match, others[0] if others else None)
    if not matches:
        fallback = REGISTRY["messages"]
        return Detection(fallback, Match(0.0, ("no format fits",)), None)
    return Detection(*matches[0], matches[1] if len(matches) > 1 else None)


def named(name: str) -> Format:
    """The format of this name. Raises InputError when there is none."""
    if name in REGISTRY:
        return REGISTRY[name]
    close = difflib.get_close_matches(name, REGISTRY, 1)
    hint = f"; did you mean {close[0]}?" if close else "."
    raise InputError(f"--format {name}: there is no such format{hint} The formats are {', '.join(REGISTRY)}")


__all__ = ["REGISTRY", "Detection", "Format", "Mapped", "Match", "detect", "named"]
