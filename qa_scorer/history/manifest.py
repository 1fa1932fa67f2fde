"""The manifest of a history: which files count. Everything that it does not name is debris of an interrupted change.

::

    HISTORY/manifest.json                                        replaced in one step
    HISTORY/rules/<digest>.yaml                                  each rulebook as one rule file
    HISTORY/month=2026-10/rules=<digest>/<part>/<table>.parquet  written once, never changed

A part holds the conversations of one run, month and rulebook.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qa_scorer.errors import InputError, OutputError

UNDATED = "undated"
"""The month of conversations without times."""
NAME = "manifest.json"
_FORMAT = 1
_PATIENCE_S = 600.0
_SHORT = 16  # hexadecimal digits of a digest that stand in folder names


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what it read and what judged it. ``inputs`` are SHA-256 of its files, sorted; ``rejects`` examples."""

    id: str
    digest: str  # of the rulebook
    version: str  # of the program
    inputs: tuple[str, ...]
    counts: dict[str, int]  # files, rows_read, messages, rejected, dropped, conversations
    rejects: tuple[tuple[str, int, str], ...]  # source, row, reason


@dataclass(frozen=True, slots=True)
class Part:
    """A folder of tables: one run's conversations of one month. ``path`` is relative to the history."""

    run: str
    digest: str
    month: str  # 2026-10, or UNDATED
    path: str
    conversations: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is readable in a run, as its ``run.json`` says: ``pseudonyms`` is the fingerprint of their key."""

    masked: bool = True
    pseudonyms: str | None = None

    def __str__(self) -> str:
        if self.pseudonyms is not None:
            return f"pseudonyms of key {self.pseudonyms} (--anonymise)"
        return "personal data masked" if self.masked else "personal data readable (--no-mask)"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A state of the history. ``change`` counts the changes; ``zone`` is whose midnights part the months.

    All runs have the same ``privacy``: pseudonyms beside names would make two agents of one, and what one run hides
    another would show.
    """

    zone: str
    change: int = 0
    runs: tuple[Run, ...] = ()  # the latest last
    parts: tuple[Part, ...] = ()
    rulebooks: dict[str, str] = field(default_factory=dict)  # digest -> name
    privacy: Privacy = Privacy()

    def parts_of(self, months: set[str] | None = None, digest: str | None = None) -> list[Part]:
        """The parts of these months and this rulebook; all without."""
        return [
            part
            for part in self.parts
            if (months is None or part.month in months) and (digest is None or part.digest == digest)
        ]


def part_path(month: str, digest: str, run: str, change: int) -> str:
    """Where a part lies that this change of the history writes. Never used twice."""
    return f"month={month}/rules={digest[:_SHORT]}/{run[:_SHORT]}-{change}"


def rules_path(history: Path, digest: str) -> Path:
    """The rule file of a rulebook."""
    return history / "rules" / f"{digest[:_SHORT]}.yaml"


def read_manifest(history: Path) -> Manifest:
    """The present state. Raises InputError when ``history`` is none, or is newer than this program."""
    path = history / NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] > _FORMAT:
            raise InputError(f"{path}: was written by a newer qa-scorer (format {data['format']}). Update this one.")
        return Manifest(
            data["zone"],
            data["change"],
            tuple(_run(entry) for entry in data["runs"]),
            tuple(Part(**entry) for entry in data["parts"]),
            data["rulebooks"],
            Privacy(**data["privacy"]),
        )
    except FileNotFoundError:
        raise InputError(
            f"{history}: is no history (it has no {NAME}). `qa-scorer score EXPORT --history {history}` begins one."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error}). Restore it from a copy.") from error


def _run(entry: dict[str, Any]) -> Run:
    rejects = tuple((source, row, reason) for source, row, reason in entry["rejects"])
    return Run(**{**entry, "inputs": tuple(entry["inputs"]), "rejects": rejects})


def refuse_other_privacy(history: Path, privacy: Privacy) -> None:
    """Raise OutputError when ``history`` keeps runs of another privacy; none yet is fine. Call it before long work."""
    if (history / NAME).exists():
        _check_privacy(history, read_manifest(history), privacy)


def _check_privacy(history: Path, state: Manifest, privacy: Privacy) -> None:
    if state.privacy != privacy:
        raise OutputError(
            f"{history}: keeps runs with {state.privacy}; this one has {privacy}. They do not go together: use the "
            "options of the earlier runs, or name another history."
        )


@contextmanager
def changing(history: Path, begin: Manifest) -> Iterator[Manifest]:
    """The present state (``begin`` where there is none), with the right to change it: others wait.

    Raises OutputError when the folder holds something else or runs of another privacy, cannot be written, or stays in
    use.
    """
    if history.exists() and _is_foreign(history):
        raise OutputError(
            f"{history}: expected a new folder, an empty one or a history; it holds other files. Name another folder."
        )
    try:
        history.mkdir(parents=True, exist_ok=True)
        with FileLock(history / ".lock", timeout=_PATIENCE_S):
            state = read_manifest(history) if (history / NAME).exists() else begin
            _check_privacy(history, state, begin.privacy)
            yield state
    except Timeout as error:
        raise OutputError(
            f"{history}: another run has been changing it for {_PATIENCE_S / 60:.0f} minutes. Try again later."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{history}: cannot be written ({error.strerror or error}). Name another folder, or free space."
        ) from error


def _is_foreign(history: Path) -> bool:
    """Whether something else is kept there. The folder is listed once: another run may be beginning a history in it."""
    if not history.is_dir():
        return True
    held = {path.name for path in history.iterdir()}
    return bool(held) and held.isdisjoint((NAME, ".lock"))


def commit(history: Path, old: Manifest, new: Manifest) -> Manifest:
    """Make ``new`` the state of the history, whose parts are all written; then remove what neither state names.

    Returns it with its number. What ``old`` names stays until the next change, for who is reading it now. Call only inside ``changing``.
    """
    new = replace(new, change=old.change + 1)
    for part in set(new.parts) - set(old.parts):
        _sync_folder(history / part.path)
    data = {"format": _FORMAT, **asdict(new)}
    aside = history / f"{NAME}.new"
    aside.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _sync(aside)
    aside.replace(history / NAME)
    _sync(history)
    _sweep(history, {part.path for part in (*old.parts, *new.parts)})
    return new


def _sync_folder(folder: Path) -> None:
    """Bring a part to the disk: its files, and its name in the folders above."""
    for path in (*sorted(folder.iterdir()), folder, folder.parent, folder.parent.parent):
        _sync(path)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(history: Path, named: set[str]) -> None:
    """Remove parts that no state names: interrupted changes, and what was replaced before the last one."""
    for folder in history.glob("month=*/rules=*/*"):
        if folder.relative_to(history).as_posix() not in named:
            remove_part(folder)


def remove_part(folder: Path) -> None:
    """Remove a part that does not count, and the folders that it leaves empty."""
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    for above in (folder.parent, folder.parent.parent):
        if not any(above.iterdir()):
            above.rmdir()
