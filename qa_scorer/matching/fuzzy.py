"""Fuzzy phrases: the definition of a near variant, and the lossless filter that spares most of the work.

A message that is longer than the phrase matches when RapidFuzz ``partial_ratio`` reaches the cut-off; a message of
at most the phrase's length when ``ratio`` does (there ``partial_ratio`` would swap the roles, and 好 would "match"
尊敬的客户您好).
"""

from __future__ import annotations

import itertools
import math

from rapidfuzz import fuzz


def find_fuzzy(phrase: str, text: str, cutoff: float) -> tuple[int, int] | None:
    """The best matching span of ``text`` (start, end), or None below ``cutoff`` (0–100)."""
    if len(text) <= len(phrase):
        return (0, len(text)) if text and fuzz.ratio(phrase, text) >= cutoff else None
    found = fuzz.partial_ratio_alignment(phrase, text, score_cutoff=cutoff)
    if found is None or found.score < cutoff:
        return None
    return found.dest_start, found.dest_end


def pieces(phrase: str, cutoff: float) -> list[str] | None:
    """Pieces of the phrase of which at least one stands exactly in every match; None when there is no such cut.

    A window of ``j`` ≤ ``k`` characters reaches ``cutoff`` only with at most ``(k + j)(1 - c)`` insertions and
    deletions, a number of the parity of ``k + j``. One edit spoils one piece, so one piece more than edits survives.
    """
    length = len(phrase)
    share = 1 - cutoff / 100
    edits = 0
    for window in range(1, length + 1):
        most = math.floor((length + window) * share + 1e-9)
        edits = max(edits, most - (most + length + window) % 2)
    if edits + 1 > length:
        return None
    bounds = [round(index * length / (edits + 1)) for index in range(edits + 2)]
    return [phrase[start:end] for start, end in itertools.pairwise(bounds)]
