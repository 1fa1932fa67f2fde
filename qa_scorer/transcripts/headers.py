"""Where the header of a table is: in the first row, below a title, or nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from qa_scorer.late import late
from qa_scorer.transcripts.fields import match_name
from qa_scorer.transcripts.times import looks_like_time

_LOOK = 15
_VALUE = late(r"^\s*(?:-?\d+(?:\.\d+)?|nan|null|none|true|false)\s*$", re.IGNORECASE)

Row = Sequence[str | None]


def find_header(rows: Sequence[Row], mode: Literal["auto", "present", "none"]) -> int | None:
    """Index of the header among the first ``rows``, or None when the columns have no names.

    The header is the row that names the most fields; a title above it names none. A first row of short, different
    cells without a number or a time is a header too, however strange its names.
    """
    if mode == "none" or not rows:
        return None
    best, best_score = 0, 0.0
    for index, row in enumerate(rows[:_LOOK]):
        score = _header_score(row) - _said_again(row, rows)
        if score > best_score + 0.01:
            best, best_score = index, score
    if best_score >= 0.7:
        return best
    first = next((index for index, row in enumerate(rows) if _filled(row) > 1), 0)
    if mode == "present":
        return first
    return first if _could_be_header(rows[first], rows[first + 1 :]) else None


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell and cell.strip())


def _header_score(row: Row) -> float:
    score = 0.0
    for cell in row:
        if cell and len(cell) <= 40 and "\n" not in cell.strip():
            scores = match_name(cell)
            # Weak matches are parts of words, which a message may contain as well.
            score += max((value for value in scores.values() if value >= 0.65 or len(cell) <= 8), default=0.0)
        elif cell and len(cell) > 40:
            score -= 0.5
        if cell and (_VALUE.match(cell) or looks_like_time(cell)):
            score -= 0.5
    return score if _filled(row) else 0.0


def _said_again(row: Row, rows: Sequence[Row]) -> int:
    """How many cells stand again in the same column: values do, names do not. A header that is repeated does not count."""
    others = [other for other in rows if list(other) != list(row)]
    return sum(
        1
        for index, cell in enumerate(row)
        if cell and cell.strip() and any(index < len(other) and other[index] == cell for other in others)
    )


def _could_be_header(row: Row, below: Sequence[Row]) -> bool:
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    if len(cells) < 2 or len(set(cells)) < len(cells) or any(len(cell) > 30 for cell in cells):
        return False
    if any(_VALUE.match(cell) or looks_like_time(cell) for cell in cells):
        return False
    values = [cell for other in below[:50] for cell in other if cell]
    return any(_VALUE.match(cell) or looks_like_time(cell) or len(cell) > 30 for cell in values)


def column_names(header: Row | None, width: int) -> tuple[str, ...]:
    """Unique names for ``width`` columns; unnamed ones are called by their 1-based number."""
    names: list[str] = []
    seen: set[str] = set()
    for index in range(width):
        cell = header[index] if header is not None and index < len(header) else None
        name = (cell or "").replace("﻿", "").strip().replace("\n", "") or str(index + 1)
        unique, number = name, 2
        while unique in seen:
            unique = f"{name}.{number}" if not name.isdigit() else f"{name}_{number}"
            number += 1
        seen.add(unique)
        names.append(unique)
    return tuple(names)
