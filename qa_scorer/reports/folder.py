"""The folder that reports are written to."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa_scorer.errors import OutputError

_MARK = '<meta name="generator" content="qa-scorer '
"""What stands at the head of every page of ours."""


@contextmanager
def writing_to(out: Path) -> Iterator[None]:
    """For writing reports: what the system refuses becomes an OutputError that names the file.

    What is to be shown is hundreds of thousands of objects, which outlive the writing; looking through them for garbage
    while others come and go would take a third of the time.
    """
    gc.freeze()
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{error.filename or out}: the reports cannot be written ({error.strerror or error}). "
            "Choose another folder with -o, or close the program that has the file open."
        ) from error
    finally:
        gc.unfreeze()


def write_text(path: Path, text: str) -> Path:
    """Write the file with the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def remove_stale(folder: Path, current: set[Path]) -> None:
    """Remove pages of ours from an earlier run that this one did not write, and the messages that go with them, so that
    nothing stays that no page knows."""
    for path in sorted(folder.glob("*.html")):
        if path in current or not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            ours = _MARK in file.read(2000)
        if ours:
            path.unlink()
            path.with_suffix(".md").unlink(missing_ok=True)
