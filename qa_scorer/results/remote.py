"""OUT in a place that fsspec knows: a run grows here and is sent there whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from qa_scorer.errors import OutputError
from qa_scorer.results.unfinished import OURS
from qa_scorer.transcripts.remote import file_system, is_remote, naming


@contextmanager
def published(out: str) -> Iterator[Path]:
    """Where to write what shall stand at ``out``: there if it is a path, else in a folder here whose content is sent when
    the block ends well.

    The address gets the run beside the earlier one first and is then exchanged for it, which takes a moment: stores of
    objects know no folders, so their files are renamed one by one. Raises OutputError; the earlier run is there still.
    """
    if not is_remote(out):
        yield Path(out)
        return
    system, path = file_system(out, OutputError)
    path = path.rstrip("/")
    new, earlier = (
        str(PurePosixPath(path).with_name(f".{PurePosixPath(path).name}-{word}")) for word in ("new", "earlier")
    )
    with naming(out, OutputError):
        kept = [PurePosixPath(name).name for name in system.ls(path, detail=False)] if system.exists(path) else []
    if kept and "data" not in kept:
        raise OutputError(
            f"{out} holds other files ({', '.join(sorted(kept)[:3])}). Choose a new or empty place with -o."
        )
    with tempfile.TemporaryDirectory(prefix="qa-scorer-") as folder:
        here = Path(folder) / PurePosixPath(path).name
        yield here
        with naming(out, OutputError):
            if system.exists(new):
                system.rm(new, recursive=True)
            for file in sorted(here.rglob("*")):
                if file.is_file():
                    there = f"{new}/{file.relative_to(here).as_posix()}"
                    system.makedirs(str(PurePosixPath(there).parent), exist_ok=True)
                    system.put_file(str(file), there)
            if kept:
                system.mv(path, earlier, recursive=True)
            system.mv(new, path, recursive=True)
            for name in kept:
                if name not in OURS:
                    system.mv(f"{earlier}/{name}", f"{path}/{name}", recursive=True)
            if kept:
                system.rm(earlier, recursive=True)
