"""Where a run grows until it is whole: the hidden folder ``.OUT-unfinished`` beside OUT.

``job.json`` holds digests of what the run is made of, ``parts.jsonl`` how far each table had come at the end of every part, ``out``
is what OUT will be. A run that is cut off leaves them, and a run of the same job may go on from there. A lock keeps two
runs from growing in one place.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qa_scorer.errors import OutputError

OURS = ("agents", "conversations", "data", "index.html", "report.xlsx")
"""What a run puts into OUT, and the next run there replaces. Whatever else people keep there stays."""
_JOB, _PARTS, _EARLIER, _LOCK = "job.json", "parts.jsonl", "earlier", "lock"
_NAMES = {
    "version": "version of qa-scorer",
    "rulebook": "rules",
    "privacy": "masking or pseudonyms",
    "inputs": "files",
    "options": "reading options",
}
"""What people call the parts of a job."""


def growing_folder(out: Path) -> Path:
    """What will be OUT, as long as a run grows."""
    return out.with_name(f".{out.name}-unfinished") / "out"


class Unfinished:
    """The folder of one run, locked until ``remove`` or ``leave``. Methods raise OSError when the disk fails."""

    def __init__(self, out: Path, job: Mapping[str, str], *, resume: bool) -> None:
        """Go on with the run that was cut off there, if ``resume``; begin anew otherwise.

        Raises OutputError when another run grows there now, and when the run to go on with is of another job.
        """
        self.place = out
        self.out = growing_folder(out)
        self.folder = self.out.parent
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / _LOCK)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise OutputError(
                f"{out}: another run is writing there. Wait for it, or choose another folder with -o."
            ) from None
        try:
            self._settle()
            self.ends = self._continued(job) if resume else []
            if not self.ends:
                self._begin(job)
        except BaseException:
            self.leave()
            raise

    def note(self, ends: Mapping[str, int]) -> None:
        """A part is whole: the sizes of all tables at its end."""
        self.ends.append(dict(ends))
        with (self.folder / _PARTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(ends) + "\n")

    def commit(self) -> None:
        """Put ``out`` in place of OUT; what people keep in OUT stays there."""
        self.out.chmod(0o755)
        if self.place.exists():
            self.place.rename(self.folder / _EARLIER)
        try:
            self.out.rename(self.place)
        finally:
            self._settle()

    def leave(self) -> None:
        """Let go of the folder, for a run that goes on."""
        self._lock.release()

    def remove(self) -> None:
        """Nothing is left of the run but what is in OUT."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _settle(self) -> None:
        """After a commit, or one that was cut off: the earlier OUT comes back, or gives what is not ours to the new."""
        earlier = self.folder / _EARLIER
        if earlier.exists() and not self.place.exists():
            earlier.rename(self.place)
        for entry in list(earlier.glob("*")):
            if entry.name not in OURS:
                entry.rename(self.place / entry.name)
        shutil.rmtree(earlier, ignore_errors=True)

    def _continued(self, job: Mapping[str, str]) -> list[dict[str, int]]:
        """The ends of the parts that an earlier run of the same job left."""
        if not (self.out / "data").is_dir():
            return []
        known = _objects(self.folder / _JOB)
        if not known:
            return []
        different = [said for name, said in _NAMES.items() if known[0].get(name) != job.get(name)]
        if different:
            raise OutputError(
                f"{self.place}: the unfinished run there had other {', '.join(different)}. "
                "Leave out --resume to begin anew, or choose another folder with -o."
            )
        ends = _objects(self.folder / _PARTS)
        _write_objects(self.folder / _PARTS, ends)
        tables = {self.out / "data" / f"{name}.parquet" for name in (ends[0] if ends else ())}
        for path in self.out.rglob("*"):
            if path.is_file() and path not in tables:  # what stands behind the tables is made anew
                path.unlink()
        return ends

    def _begin(self, job: Mapping[str, str]) -> None:
        self._clear()
        (self.out / "data").mkdir(parents=True)
        _write_objects(self.folder / _JOB, [job])

    def _clear(self) -> None:
        for entry in list(self.folder.iterdir()):
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()


def _objects(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line, up to the first that was not written whole."""
    objects: list[dict[str, Any]] = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            objects.append(json.loads(line))
    return objects


def _write_objects(path: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in objects), encoding="utf-8")
