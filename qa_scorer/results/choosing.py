"""Which rows of a long table are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def evenly(group: Ints, order: Ints, most: int) -> Ints:
    """All rows, or of more than ``most`` the same number of each group's: those that come first in ``order``.

    ``group`` int64 (n,), ``order`` a permutation of the rows; returns rising row numbers.
    """
    if len(order) <= most:
        return np.arange(len(order))
    share = max(most // len(np.unique(group)), 1)
    return np.sort(order[places_in_group(group[order]) < share])


def places_in_group(group: Ints) -> Ints:
    """How many of the same group stand before each row, int64 (n,)."""
    order = np.argsort(group, kind="stable")
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    places = np.empty_like(order)
    places[order] = np.arange(len(group)) - np.repeat(begins, np.diff(begins, append=len(group)))
    return places
