"""What is made of files that come with the program, kept as Python keeps modules: in ``__pycache__`` beside the file.

Reading the builtin rules and making a report's templates, catalogues and charts ready takes longer than to score a few
chats.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path


def made_once(source: Path, stamp: bytes, make: Callable[[], bytes]) -> bytes:
    """What was kept of ``source`` under the stamp, else what ``make`` makes, which is kept from now on."""
    made = find_kept(source, stamp)
    if made is None:
        made = make()
        keep(source, stamp, made)
    return made


def find_kept(source: Path, stamp: bytes) -> bytes | None:
    """What was made of ``source`` under the same ``stamp``, which tells all that it was made from; None when there is no
    such, or not as it was written."""
    try:
        kept = _place(source).read_bytes()
    except OSError:
        return None
    signed = len(_signature(b"", b""))
    made = kept[signed:]
    return made if kept[:signed] == _signature(stamp, made) else None


def keep(source: Path, stamp: bytes, made: bytes) -> None:
    """Keep what was made of ``source``, unless Python is told to write no bytecode; where nothing can be written, as in
    an installation of another user's, it is made anew at each start."""
    if sys.dont_write_bytecode:
        return
    place = _place(source)
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(_signature(stamp, made) + made)
            aside.replace(place)
        finally:
            aside.unlink(missing_ok=True)


def state_of(*files: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells changed modules, as it does for Python: path, size in bytes and time of the last change in ns."""
    states = ((file, file.stat()) for file in files)
    return tuple((str(file), state.st_size, state.st_mtime_ns) for file, state in states)


def _place(source: Path) -> Path:
    return Path(cache_from_source(str(source))).with_suffix(".kept")


def _signature(stamp: bytes, made: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(hashlib.sha256(stamp).digest() + made).digest()
