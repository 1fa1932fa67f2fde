"""Settings of Python itself that suit this work."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_OBJECTS_PER_COLLECTION = 1_000_000
"""Modules, parsed regexes and what is remembered of texts are a million small objects without cycles; looking through them
for some, as often as Python would, costs a tenth of the time, and a fifth of the start."""
_SECONDS_PER_TURN = 0.0005
"""Threads that read, judge and write give way to each other at every column; the usual turn of 5 ms is as long as a rule."""


def collect_seldom() -> None:
    """Python looks for garbage more seldom from now on."""
    gc.set_threshold(_OBJECTS_PER_COLLECTION, *gc.get_threshold()[1:])


def leave_pandas_out() -> None:
    """Arrow loads pandas for the first array that it makes, to know a frame when it sees one, and that takes as long as to
    score a chat. Now it looks and finds none; whoever asks it for a frame has it loaded then."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas())
    try:
        pa.array([])
    finally:
        sys.meta_path.pop(0)


class _NoPandas:
    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


def give_memory_back() -> None:
    """What is free goes back to the system, where the C library and Arrow would keep it: half a gigabyte after scoring, which
    the reports would then need on top."""
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # not every C library has it
            ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def tuned_interpreter() -> Iterator[None]:
    """Python looks for garbage more seldom inside, and its threads take turns more often."""
    threshold, turn = gc.get_threshold(), sys.getswitchinterval()
    collect_seldom()
    sys.setswitchinterval(_SECONDS_PER_TURN)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        sys.setswitchinterval(turn)
