"""Files in places that fsspec knows (``s3://bucket/chats/*.csv``, ``hdfs://…``, ``oss://…``), brought here to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from qa_scorer.errors import InputError, QaScorerError


def is_remote(place: str | Path) -> bool:
    """Whether a place is an address (``s3://…``) rather than a path."""
    return "://" in str(place)


def file_system(address: str, failed: type[QaScorerError]) -> tuple[Any, str]:
    """The file system of an address and the path in it. Raises ``failed`` with what to install or to correct."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise failed(f"{address}: addresses need fsspec; install it with: pip install 'qa-scorer[dask]'") from error
    with naming(address, failed):
        system, path = url_to_fs(address)
        return system, str(path)


@contextmanager
def naming(address: str, failed: type[QaScorerError]) -> Iterator[None]:
    """Whatever a store raises becomes ``failed`` with the address: each has errors of its own."""
    try:
        yield
    except QaScorerError:
        raise
    except ImportError as error:  # fsspec names the package of this kind of store
        raise failed(f"{address}: {error}") from error
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise failed(f"{address}: {reason}. Check the address and who may use it.") from error


def fetch(address: str, folder: Path) -> list[tuple[str, Path]]:
    """The files of an address, a folder or a pattern, in ``folder``: (address of the file, where it is now), sorted.

    Raises InputError when nothing is there or the store refuses.
    """
    system, path = file_system(address, InputError)
    with naming(address, InputError):
        if system.isdir(path):
            found = system.find(path)
        else:
            found = [name for name in system.glob(path) if not system.isdir(name)]
        if not found:
            raise InputError(f"{address}: there is no such file or folder, and no file matches it")
        fetched = []
        folders: dict[PurePosixPath, Path] = {}
        for name in sorted(found):
            there = PurePosixPath(name)
            here = folders.setdefault(there.parent, folder / str(len(folders)))  # what stood together stands together
            here.mkdir(parents=True, exist_ok=True)
            system.get_file(name, str(here / there.name))
            fetched.append((system.unstrip_protocol(name), here / there.name))
    return fetched
