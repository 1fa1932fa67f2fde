"""Which files make a rulebook: the paths given, folders opened, and what they extend, each file once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa_scorer.model.rules import Place
from qa_scorer.rulebook import folders
from qa_scorer.rulebook.diagnostics import Diagnostic
from qa_scorer.rulebook.documents import Document, read_document
from qa_scorer.rulebook.folders import BUILTIN, is_case_file, yaml_files
from qa_scorer.rulebook.source import Source


@dataclass
class Files:
    """Documents in the order in which they build on each other, and the ancestors of each by position.

    The regexes of the builtin rules were tried before they shipped. Files that extend them trust that; with
    ``trusts_builtin``, so does who names them.
    """

    trusts_builtin: bool = False
    documents: list[Document] = field(default_factory=list)
    ancestors: list[frozenset[int]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _number: dict[Path, int] = field(default_factory=dict)
    _open: list[Path] = field(default_factory=list)

    def add(self, paths: Sequence[str | Path]) -> None:
        """Read files and folders given by the user."""
        for path in paths:
            if str(path) == BUILTIN:
                self._add_builtin(trusted=self.trusts_builtin)
                continue
            found = yaml_files(Path(path)) if Path(path).is_dir() else [Path(path)]
            if found == [Path(path)] and is_case_file(Path(path)):
                continue
            if not found:
                self._cannot(str(path), "the folder holds no .yaml file", "")
            for file in found:
                self._read(file, str(file))

    def _add_builtin(self, *, trusted: bool) -> set[int]:
        numbers = set()
        for file in yaml_files(folders.builtin_folder()):
            number = self._read(file, f"builtin:{file.name}", trusted=trusted)
            if number is not None:
                numbers |= {number} | self.ancestors[number]
        return numbers

    def _read(self, path: Path, label: str, *, trusted: bool = False) -> int | None:
        """The number of the file's document, after those that it extends."""
        real = path.resolve()
        if real in self._number:
            return self._number[real]
        try:
            text = real.read_bytes().decode("utf-8-sig")
        except OSError as error:
            self._cannot(
                label, f"the file cannot be read: {error.strerror or error}", "Give a .yaml file or a folder of them."
            )
            return None
        except UnicodeDecodeError as error:
            self._cannot(label, f"the file is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
            return None
        document = read_document(Source(label, text, trusted))
        self._open.append(real)
        ancestors = self._extend(document, real)
        self._open.pop()
        self.documents.append(document)
        self.ancestors.append(frozenset(ancestors))
        self._number[real] = len(self.documents) - 1
        return self._number[real]

    def _extend(self, document: Document, real: Path) -> set[int]:
        ancestors: set[int] = set()
        for node, target in document.extends:
            if target == BUILTIN:
                ancestors |= self._add_builtin(trusted=True)
                continue
            if target.startswith("builtin:"):
                document.source.report(
                    "Q108", f"there is no {target}", node, help=f"allowed: {BUILTIN}, or a relative path"
                )
                continue
            path, label = real.parent / target, Path(document.source.file).parent / target
            found = {file: str(label / file.name) for file in yaml_files(path)} if path.is_dir() else {path: str(label)}
            if not found or not all(file.is_file() for file in found):
                document.source.report("Q108", f"{target} is not there", node, help=f"looked for {label}")
                continue
            for file, name in found.items():
                if file.resolve() == real and path.is_dir():
                    continue  # a file that extends its own folder means the others
                if file.resolve() in self._open:
                    help = "Move what both need into a third file."
                    document.source.report("Q108", f"{target} extends this file in turn", node, help=help)
                    continue
                number = self._read(file, name)
                if number is not None:
                    ancestors |= {number} | self.ancestors[number]
        return ancestors

    def _cannot(self, label: str, message: str, help: str) -> None:
        self.diagnostics.append(Diagnostic("Q100", message, Place(label, 1), help=help))
