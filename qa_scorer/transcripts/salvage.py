"""What can still be read of a ZIP file whose end, and with it the list of its members, is missing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_UTF8_NAME = 0x800


def member_name(name: str, flags: int) -> str:
    """A member's name as ``zipfile`` gives it; without the UTF-8 flag it is GB18030 on Chinese machines."""
    if flags & _UTF8_NAME:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def salvage_members(path: Path, folder: Path, limit: int) -> Iterator[tuple[str, Path]]:
    """Members from their own headers, in the order of the file, unpacked one by one; the last one perhaps in part.

    Stops at what it cannot follow and at ``limit`` unpacked bytes.
    """
    data = path.read_bytes()
    at, left = 0, limit
    while at + _LOCAL.size <= len(data):
        magic, _, flags, method, _, _, _, packed, _, name_size, extra_size = _LOCAL.unpack_from(data, at)
        if magic != b"PK\x03\x04":
            return
        start = at + _LOCAL.size + name_size + extra_size
        name = member_name(
            data[at + _LOCAL.size : start - extra_size].decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace"),
            flags,
        )
        if method == _DEFLATED:
            inflater = zlib.decompressobj(-15)
            try:
                content = inflater.decompress(data[start:], left)
            except zlib.error:
                return
            after = len(data) - len(inflater.unused_data) if inflater.eof else len(data)
        elif method == _STORED and not flags & 8:
            content, after = data[start : start + packed], start + packed
        else:
            return
        left -= len(content)
        if content and not name.endswith("/"):
            target = folder / f"salvaged{at}{PurePosixPath(name).suffix}"
            target.write_bytes(content)
            yield name, target
        if left <= 0:
            return
        at = data.find(b"PK\x03\x04", after)
        if at < 0:
            return
