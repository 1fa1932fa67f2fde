"""Where the builtin rules are, and which files of a folder are rules and which are cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

BUILTIN = "builtin:base"


def builtin_folder() -> Path:
    """The folder of the default rules: inside an installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def is_case_file(path: Path) -> bool:
    """Whether a file holds tests of the rules beside it: ``wording.cases.yaml``, ``wording.cases.jsonl``."""
    return path.stem.endswith(".cases") and path.suffix in (".yaml", ".jsonl")


def yaml_files(folder: Path) -> list[Path]:
    """The rule files of a folder, by name."""
    return sorted(file for file in folder.glob("*.yaml") if file.is_file() and not is_case_file(file))


def case_files(paths: Sequence[str | Path] | None = None) -> list[Path]:
    """The case files among these files and in these folders, or those of the builtin rules."""
    found: list[Path] = []
    for path in (builtin_folder(),) if paths is None else map(Path, paths):
        among = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [file for file in among if is_case_file(file) and file.is_file()]
    return found
