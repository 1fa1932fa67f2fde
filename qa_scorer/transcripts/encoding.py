"""What the bytes of a file are: an encoding, or a binary container."""

from __future__ import annotations

import codecs
from pathlib import Path

from qa_scorer.errors import InputError

HEAD = 1 << 18
_HAN = 0x2E80  # where the characters of East Asia begin
_CLEARLY = 0.2  # how much larger a share must be to decide


def container_of(head: bytes) -> str | None:
    """``zip``, ``gzip``, ``parquet``, ``ole`` (old Excel), ``arrow`` by the first bytes, or None for text."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "ole"
    if head.startswith(b"ARROW1"):
        return "arrow"
    return None


def detect_encoding(head: bytes, whole: bool) -> str:
    """The encoding of text from its first bytes; ``whole`` says that they are the complete file.

    Order: byte order mark, UTF-16 by the place of its zeros, UTF-8 when it decodes, else GB18030. A few bad bytes
    leave the majority's answer: the rows that hold them are read by the other encoding or rejected one by one.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = head[:4096]
    if len(zeros) >= 8 and zeros.count(0) > len(zeros) // 5:
        return "utf-16-le" if zeros[1::2].count(0) > zeros[0::2].count(0) else "utf-16-be"
    if _bad_share(head, "utf-8", whole) == 0.0:
        return "utf-8"
    if _looks_big5(head, whole):
        return "big5hkscs"
    if _bad_share(head, "gb18030", whole) == 0.0:
        return "gb18030"
    return min(("utf-8", "gb18030"), key=lambda name: _bad_share(head, name, whole))


def _looks_big5(head: bytes, whole: bool) -> bool:
    """Whether text that is no UTF-8 is Big5: it decodes, and to characters in daily use, while as GB18030 it holds many
    that are not. Both encodings put those in daily use first, so that their first bytes tell."""
    if _bad_share(head, "big5hkscs", whole) > 0.0:
        return False
    return _daily(head, "big5hkscs", 0xA4, 0xC6) > _daily(head, "gb18030", 0xB0, 0xD7) + _CLEARLY


def _daily(head: bytes, encoding: str, first: int, last: int) -> float:
    """Share of the Han characters that are in daily use: those whose first byte lies between ``first`` and ``last``."""
    han = [
        code for char in head.decode(encoding, errors="ignore") if ord(char) > _HAN and (code := _code(char, encoding))
    ]
    return sum(len(code) == 2 and first <= code[0] <= last for code in han) / max(1, len(han))


def _code(char: str, encoding: str) -> bytes:
    """The bytes of a character; none for a mark, which tells nothing."""
    code = char.encode(encoding, errors="ignore")
    return b"" if len(code) == 2 and code[0] in (0xA1, 0xA2, 0xA3) else code


def _bad_share(head: bytes, encoding: str, whole: bool) -> float:
    """Share of the lines that do not decode. The last line of a cut-off head does not count."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(head, final=whole)
        return 0.0
    except UnicodeDecodeError:
        pass
    lines = head.split(b"\n")
    if not whole:
        lines = lines[:-1]
    bad = 0
    for line in lines:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            bad += 1
    return bad / max(1, len(lines))


def known_encoding(name: str) -> str:
    """A Python encoding's proper name; GBK and GB2312 are read as their superset GB18030. Raises InputError."""
    try:
        proper = codecs.lookup(name).name
    except LookupError as error:
        raise InputError(f"encoding {name!r} is unknown; use utf-8, gb18030 or utf-16 (--encoding)") from error
    if proper in ("gbk", "gb2312", "hz"):
        return "gb18030"
    return "utf-8" if proper == "utf-8-sig" else proper


def read_head(path: Path, size: int = HEAD) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def decode_text(data: bytes, encoding: str) -> str:
    """Bytes as text; lines that are not in ``encoding`` are read by the other usual one, else with marks for what is bad."""
    if encoding.startswith("utf-16"):
        return data.decode(encoding, errors="replace")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return "\n".join(
            line if (line := decode_line(raw, encoding)) is not None else raw.decode(encoding, errors="replace")
            for raw in data.split(b"\n")
        )


def decode_line(line: bytes, encoding: str) -> str | None:
    """One line in the file's encoding, else in the other usual one, else None."""
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        pass
    for other in ("utf-8", "gb18030"):
        if other != encoding:
            try:
                return line.decode(other)
            except UnicodeDecodeError:
                continue
    return None
