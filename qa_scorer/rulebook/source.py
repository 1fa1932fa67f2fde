"""A rule file as a tree of YAML nodes that know their place, and the report that collects what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

from qa_scorer.model.rules import Place
from qa_scorer.rulebook.diagnostics import Diagnostic

_DEEPEST = 40


class Rejected(Exception):  # noqa: N818 - no error of the user's job: it is caught within this package
    """A value was reported and cannot be used; whoever reads the values beside it goes on."""


@dataclass(slots=True)
class Source:
    """The text of one file, the name that diagnostics call it by, and what was found wrong with it. The regexes of a
    ``trusted`` file are not tried."""

    file: str
    text: str
    trusted: bool = False
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines as YAML counts them."""
        if self._lines is None:
            text = self.text.replace("\r\n", "\n").replace("\r", "\n")
            for mark in ("\x85", "\u2028", "\u2029"):
                text = text.replace(mark, "\n")
            self._lines = text.split("\n")
        return self._lines

    def place(self, node: yaml.Node) -> Place:
        """Where the node begins."""
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def report(self, code: str, message: str, node: yaml.Node, *, help: str = "", mended: str | None = None) -> None:
        """Add a diagnostic at a node; its caret covers what the node takes of its first line."""
        begin, end = node.start_mark, node.end_mark
        one_line = end.line == begin.line or begin.line >= len(self.lines)
        length = (end.column if one_line else len(self.lines[begin.line])) - begin.column
        self.report_at(code, message, self.place(node), max(length, 1), help=help, mended=mended)

    def report_at(
        self, code: str, message: str, place: Place, length: int = 1, *, help: str = "", mended: str | None = None
    ) -> None:
        """Add a diagnostic at a place of this file."""
        if place.line > len(self.lines):  # YAML puts the end of a file on a line of its own
            place = Place(self.file, len(self.lines), len(self.lines[-1]) + 1)
        line = self.lines[place.line - 1]
        self.diagnostics.append(Diagnostic(code, message, place, length, help, line, mended))

    def reject(self, code: str, message: str, node: yaml.Node, *, help: str = "") -> Rejected:
        """Report and hand back what to raise."""
        self.report(code, message, node, help=help)
        return Rejected()

    def compose(self) -> yaml.Node | None:
        """The file's tree, ``None`` (and a diagnostic) when it is no YAML, or empty."""
        try:
            root = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if mark and error.context_mark and not self.text[mark.index :].strip():
                mark = error.context_mark  # what is open at the end of the file was opened there
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            problem = ", ".join(part for part in (error.context, error.problem) if part)
            self.report_at(
                "Q101", problem or "this is no YAML", Place(self.file, line, column), help=_yaml_help(problem)
            )
            return None
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0) or 0  # in bytes
            before = self.text.encode("utf-8", "replace")[:position].decode("utf-8", "ignore")
            above = Source(self.file, before).lines
            line, column = len(above), len(above[-1]) + 1
            self.report_at("Q101", str(getattr(error, "reason", error)), Place(self.file, line, column),
                           help="Take out the character; YAML allows no control characters.")  # fmt: skip
            return None
        if root is None:
            self.report_at("Q105", "the file is empty", Place(self.file, 1), help="Begin with `version: 1`.")
            return None
        return root if self._is_plain(root) else None

    def _is_plain(self, root: yaml.Node) -> bool:
        """No aliases (they may be circular), and no nesting beyond reason."""
        seen: set[int] = set()
        waiting = [(root, 0)]
        plain = True
        while waiting:
            node, depth = waiting.pop()
            if depth > _DEEPEST:
                self.report("Q102", f"nested more than {_DEEPEST} levels deep", node)
                return False
            if id(node) in seen:
                self.report("Q109", "anchors and aliases (&name, *name) are not part of the rule language", node,
                            help="Name the patterns under `lists:` and write `$name`.")  # fmt: skip
                plain = False
                continue
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                waiting += [(part, depth + 1) for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                waiting += [(part, depth + 1) for part in node.value]
        return plain


def did_you_mean(word: str, allowed: list[str]) -> str:
    """``did you mean `x`?`` or nothing, and the allowed values when they are few enough to read."""
    near = get_close_matches(word, allowed, 1, 0.6)
    parts = [f"did you mean `{near[0]}`?"] if near else []
    if 0 < len(allowed) <= 40:
        parts.append(f"allowed: {', '.join(allowed)}")
    return " ".join(parts)


def describe(node: yaml.Node) -> str:
    """What stands there, in words."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    kind = node.tag.rsplit(":", 1)[-1]
    names = {
        "str": "the text",
        "int": "the number",
        "float": "the number",
        "bool": "the yes/no value",
        "timestamp": "the date",
    }
    if kind == "null":
        return "nothing"
    return f"{names.get(kind, f'a value of type {kind}')} {node.value!r}"


def _yaml_help(problem: str) -> str:
    if "duplicate" in problem:
        return ""
    if "alias" in problem or "anchor" in problem:
        return "Put text that begins with * or & in quotes."
    if "mapping values are not allowed" in problem:
        return "Text with a colon and a blank after it needs quotes."
    if "cannot start any token" in problem:
        return "Text that begins with @, `, % or a tab needs quotes; indent with blanks, not tabs."
    return "Check the indentation and that every quote and bracket is closed."
