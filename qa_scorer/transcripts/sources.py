"""The files that the user's inputs stand for: folders, globs, archives and packed files, in one fixed order."""

from __future__ import annotations

import glob
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from qa_scorer.errors import InputError
from qa_scorer.transcripts.encoding import container_of, read_head
from qa_scorer.transcripts.options import MEGABYTE, Limits
from qa_scorer.transcripts.remote import fetch, is_remote
from qa_scorer.transcripts.salvage import member_name, salvage_members

OPTION_FILES = ("qa-scorer.yaml", "qa-scorer.yml")
_IGNORED_SUFFIXES = frozenset(
    {
        *(".md", ".py", ".lock", ".log", ".ini", ".toml", ".yaml", ".yml", ".pdf", ".docx"),
        *(".png", ".jpg", ".jpeg", ".gif", ".mp4", ".mp3", ".amr"),
    }
)
_FREE_MB = 100  # below this much, no ratio is suspicious
_COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. ``name`` is what the user calls it, ``path`` where its bytes are, perhaps unpacked elsewhere."""

    name: str
    path: Path


def expand(inputs: Sequence[str | Path], folder: Callable[[], Path]) -> list[Source]:
    """Files, folders (all the way down), globs and addresses -> files, each once, sorted by name whatever the order of
    inputs. What is at an address (``s3://…``) is brought into ``folder()``.

    Raises InputError for an input that does not exist and when no file is left.
    """
    found: dict[Path, Source] = {}
    for number, given in enumerate(inputs):
        if is_remote(given):
            for name, here in fetch(str(given), folder() / str(number)):
                if here.suffix.lower() not in _IGNORED_SUFFIXES:
                    found.setdefault(Path(name), Source(name, here))
            continue
        path = Path(given)
        if path.is_dir():
            files = [file for file in path.rglob("*") if file.is_file() and _wanted(file, path)]
        elif path.is_file():
            files = [path]
        else:
            matches = glob.glob(str(given), recursive=True)  # noqa: PTH207 - the pattern may be absolute
            files = [Path(name) for name in matches if Path(name).is_file()]
            if not files:
                raise InputError(f"{given}: there is no such file or folder, and no file matches it")
        for file in files:
            found.setdefault(file.resolve(), Source(file.as_posix(), file))
    if not found:
        raise InputError(f"{', '.join(map(str, inputs))}: no file to read in there")
    return sorted(found.values(), key=lambda source: source.name)


def _wanted(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "__MACOSX", "~$")) for part in file.relative_to(folder).parts)
    return not hidden and file.suffix.lower() not in _IGNORED_SUFFIXES


def unpack(source: Source, limits: Limits, folder: Path) -> Iterator[Source | tuple[str, InputError]]:
    """The readable files of a source: itself, or what a ZIP, tar or gzip file holds, unpacked into ``folder`` one by
    one.

    A member that cannot be unpacked comes as (name, error). Raises InputError when the archive cannot be opened or
    breaks a limit.
    """
    head = read_head(source.path, 8)
    kind = container_of(head)
    if kind == "zip" and not is_workbook(source.path):
        yield from _unzip(source, limits, folder)
    elif kind == "gzip":
        inner = source.name.removesuffix(".gz").removesuffix(".GZ")
        target = folder / "gzip"
        whole = _gunzip(source, limits, target)
        if not whole:
            yield source.name, InputError(f"{source.name}: the gzip file is cut off; what came before is read")
        if tarfile.is_tarfile(target):
            yield from _untar(source, target, limits, folder)
        else:
            yield Source(source.name if inner == source.name else f"{source.name}/{PurePosixPath(inner).name}", target)
    else:
        yield source


def is_workbook(path: Path) -> bool:
    """Whether a ZIP file is an XLSX, XLSB or ODS workbook. A broken ZIP is one when its name says so."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods")
    return any(name.startswith("xl/") for name in names) or "content.xml" in names


def check_bomb(name: str, path: Path, limits: Limits) -> None:
    """Raise InputError when a ZIP (or workbook) would unpack to more than the limits allow. Reads the directory
    only."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        return
    _check_sizes(name, len(infos), sum(info.file_size for info in infos), path.stat().st_size, limits)


def _check_sizes(name: str, members: int, unpacked: int, packed: int, limits: Limits) -> None:
    if members > limits.members:
        raise InputError(
            f"{name}: holds {members} files, the limit is {limits.members} (limits.members in qa-scorer.yaml)"
        )
    if unpacked > limits.unpacked_mb * MEGABYTE:
        raise InputError(
            f"{name}: unpacks to {unpacked // MEGABYTE} MB, the limit is {limits.unpacked_mb} MB "
            "(limits.unpacked_mb in qa-scorer.yaml)"
        )
    if unpacked > _FREE_MB * MEGABYTE and unpacked > packed * limits.ratio:
        raise InputError(
            f"{name}: unpacks to {unpacked // max(1, packed)} times its size, the limit is {limits.ratio} times "
            "(limits.ratio in qa-scorer.yaml)"
        )


def _unzip(source: Source, limits: Limits, folder: Path) -> Iterator[Source | tuple[str, InputError]]:
    check_bomb(source.name, source.path, limits)
    try:
        archive = zipfile.ZipFile(source.path)
    except zipfile.BadZipFile:
        yield source.name, InputError(f"{source.name}: the ZIP file is cut off; what came before is read")
        for name, target in salvage_members(source.path, folder, limits.unpacked_mb * MEGABYTE):
            yield from _inner(Source(f"{source.name}/{name}", target), limits, folder)
            target.unlink(missing_ok=True)
        return
    with archive:
        members = sorted(
            (info for info in archive.infolist() if not info.is_dir()),
            key=lambda info: member_name(info.filename, info.flag_bits),
        )
        for number, info in enumerate(members):
            inner = member_name(info.filename, info.flag_bits)
            if not _wanted(Path(inner), Path()):
                continue
            name, target = f"{source.name}/{inner}", folder / f"member{number}{PurePosixPath(inner).suffix}"
            try:
                with archive.open(info) as packed, target.open("wb") as out:
                    shutil.copyfileobj(packed, out, _COPY)
            except RuntimeError:
                yield name, InputError(f"{name}: is encrypted; unpack it with its password first")
                continue
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
                yield name, InputError(f"{name}: cannot be unpacked, the ZIP file is damaged here ({error})")
                continue
            yield from _inner(Source(name, target), limits, folder)
            target.unlink(missing_ok=True)


def _inner(source: Source, limits: Limits, folder: Path) -> Iterator[Source | tuple[str, InputError]]:
    """A member, or the members of an archive inside the archive."""
    below = folder / "inner"
    below.mkdir(exist_ok=True)
    try:
        yield from unpack(source, limits, below)
    except InputError as error:
        yield source.name, error
    shutil.rmtree(below, ignore_errors=True)


def _gunzip(source: Source, limits: Limits, target: Path) -> bool:
    """Unpack into ``target``; False when the file is cut off or damaged behind what was unpacked."""
    packed, unpacked = source.path.stat().st_size, 0
    inflater = zlib.decompressobj(wbits=31)
    with source.path.open("rb") as file, target.open("wb") as out:
        while chunk := inflater.unconsumed_tail or file.read(_COPY):
            try:
                data = inflater.decompress(chunk, _COPY)
            except zlib.error as error:
                if not unpacked:
                    raise InputError(f"{source.name}: the gzip file is damaged ({error})") from error
                return False
            unpacked += len(data)
            _check_sizes(source.name, 1, unpacked, packed, limits)
            out.write(data)
            if inflater.eof and (rest := inflater.unused_data or file.read(_COPY)):  # a file of several parts
                inflater = zlib.decompressobj(wbits=31)
                out.write(inflater.decompress(rest))
    return inflater.eof


def _untar(source: Source, tar: Path, limits: Limits, folder: Path) -> Iterator[Source | tuple[str, InputError]]:
    with tarfile.open(tar) as archive:
        members = sorted((member for member in archive.getmembers() if member.isfile()), key=lambda member: member.name)
        _check_sizes(
            source.name, len(members), sum(member.size for member in members), source.path.stat().st_size, limits
        )
        for number, member in enumerate(members):
            file = archive.extractfile(member)
            if file is None or not _wanted(Path(member.name), Path()):
                continue
            target = folder / f"tar{number}{PurePosixPath(member.name).suffix}"
            with file, target.open("wb") as out:
                shutil.copyfileobj(file, out, _COPY)
            yield Source(f"{source.name}/{member.name}", target)
            target.unlink(missing_ok=True)
