"""Rules from files, folders, the built-in rulebook, or a git revision such as ``main:rules/``."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import BUILTIN, load


def load_rules(given: str) -> Rulebook:
    """The rulebook that the text names. Raises RulebookError."""
    revision, colon, path = given.partition(":")
    if given == BUILTIN or not colon or Path(given).exists() or len(revision) == 1:  # C:\\rules is a path
        return load([given])
    with TemporaryDirectory(prefix="qa-scorer-") as folder:
        _extract(revision, folder)
        place = Path(folder) / path
        if not place.exists():
            raise RulebookError(f"{given}: there is no {path or '.'} with .yaml files in {revision}")
        try:
            return load([place])
        except RulebookError as error:
            raise RulebookError(str(error).replace(str(Path(folder)) + "/", f"{revision}:")) from None


def _extract(revision: str, folder: str) -> None:
    """Put all YAML files of a revision into the folder: what they extend may lie anywhere in it."""
    # A revision that begins with a dash would be read as an option.
    command = ["git", "archive", "--format=tar", "--end-of-options", revision, ":(glob,top)**/*.yaml"]
    try:
        top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True, text=True)
        done = subprocess.run(command, capture_output=True, check=True, cwd=top.stdout.strip())
    except FileNotFoundError:
        raise RulebookError(f"{revision}: git is not installed; give files or folders instead") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr if isinstance(error.stderr, str) else error.stderr.decode("utf-8", "replace")
        lines = reason.strip().splitlines() or ["git failed"]
        raise RulebookError(f"{revision}: {lines[0]}; give REVISION:PATH, a file, or a folder") from None
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
