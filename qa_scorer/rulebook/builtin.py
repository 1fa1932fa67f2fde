"""The builtin rulebook as it was read once: a run by these rules alone needs no YAML."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

from qa_scorer import __version__, model
from qa_scorer.kept import find_kept, keep, state_of
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import folders


def builtin_rulebook(read: Callable[[], Rulebook]) -> Rulebook:
    """The builtin rulebook; ``read`` is asked for it when it is not kept, or when the rules or the modules that read
    them and hold them have changed."""
    stamp = _stamp()
    kept = find_kept(Path(__file__), stamp)
    if kept is not None:
        found: Rulebook = pickle.loads(kept)  # who can write there can write the modules themselves
        return found
    made = read()
    keep(Path(__file__), stamp, pickle.dumps(made))
    return made


def _stamp() -> bytes:
    rules = [(file.name, file.read_bytes()) for file in folders.yaml_files(folders.builtin_folder())]
    packages = (Path(__file__).parent, Path(model.__file__).parent)
    modules = (file for package in packages for file in sorted(package.glob("*.py")))
    return repr((__version__, rules, state_of(*modules))).encode()
