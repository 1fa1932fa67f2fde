"""Numbers for the conversations of a reading, in the order in which they first appear."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int32]
_TOGETHER = 1 << 20  # keys that are looked up in one go at least


class Numbering:
    """Takes the keys of one chunk after the other, in bulk: no key becomes a Python object, and the same key in many
    chunks is held once."""

    def __init__(self) -> None:
        self._known = pa.array([], pa.string())
        self._waiting: list[pa.Array] = []
        self._rows = 0
        self._numbers: list[Numbers] = []

    def add(self, keys: pa.Array) -> None:
        self._waiting.append(keys)
        self._rows += len(keys)
        if self._rows > max(_TOGETHER, len(self._known)):
            self._look_up()

    def finish(self) -> tuple[pa.Array, list[Numbers]]:
        """The distinct keys by number, and the numbers of the keys of each chunk."""
        self._look_up()
        return self._known, self._numbers

    def _look_up(self) -> None:
        encoded = pa.concat_arrays([self._known, *self._waiting]).dictionary_encode()
        at = len(self._known)
        codes = encoded.indices.to_numpy()
        for keys in self._waiting:
            self._numbers.append(codes[at : at + len(keys)].copy())
            at += len(keys)
        self._known, self._waiting, self._rows = encoded.dictionary, [], 0
