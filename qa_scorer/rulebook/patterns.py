"""Patterns and guards in YAML: text, ``$list``, or a mapping named by its first key."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

from qa_scorer.model.patterns import ListRef, Literal, Regex
from qa_scorer.model.rules import Place
from qa_scorer.rulebook.shapes import Record, Schema, Shape, Text, keys
from qa_scorer.rulebook.source import Rejected, Source, describe, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class PatternShape(Shape):
    """One pattern or guard of the given dataclasses; what stands for a mapping is told by its first key."""

    kinds: tuple[type, ...]
    record_of: Callable[[type], Record]

    @cached_property
    def _records(self) -> Mapping[str, Record]:
        apart = (Literal, ListRef)
        return {dataclasses.fields(kind)[0].name: self.record_of(kind) for kind in self.kinds if kind not in apart}

    def read(self, node: yaml.Node, source: Source) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, source)
        if isinstance(node, yaml.SequenceNode):
            raise source.reject("Q102", f"expected a pattern, found {describe(node)}", node, help=self._help)
        text = Text().read(node, source)
        if not text.startswith("$"):
            return Literal(text)
        if ListRef not in self.kinds:
            raise source.reject("Q205", f"{text} stands in a list; lists do not nest", node,
                                help="Name both lists where they are used, as in `any: [$one, $other]`.")  # fmt: skip
        return ListRef(text[1:])

    def _mapping(self, node: yaml.MappingNode, source: Source) -> Any:
        given = keys(node, source)
        named = [name for name in self._records if name in given]
        if not named:
            first = next(iter(given.values()))[0] if given else node
            word = next(iter(given), "")
            help = did_you_mean(word, list(self._records)) if word else self._help
            raise source.reject(
                "Q103", f"unknown kind of pattern `{word}`" if word else "an empty pattern", first, help=help
            )
        value = self._records[named[0]].read(node, source)
        if isinstance(value, Regex):
            if source.trusted:
                return Regex(value.regex, tried=True)
            check_regex(value.regex, given["regex"][1], source)
        return value

    def holds(self, name: str) -> bool:
        return name in self._records

    @property
    def _help(self) -> str:
        kinds = ", ".join(f"{{{name}: …}}" for name in self._records)
        return f"A pattern is text, $list, or one of {kinds}."

    def schema(self) -> Schema:
        text: Schema = {"type": "string", "minLength": 1}
        return {"anyOf": [text, *(record.schema() for record in self._records.values())]}


_LOOK_AROUND = ("(?=", "(?!", "(?<=", "(?<!")


def check_regex(regex: str, node: yaml.Node, source: Source) -> None:
    """Report (and reject) what RE2 cannot search with."""
    import re2

    if r"\A" in regex or r"\z" in regex:
        raise source.reject(
            "Q301", "\\A and \\z are not used here", node, help="Write ^ and $: a message is searched alone."
        )
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    try:
        compiled = re2.compile(regex.encode("utf-8", "surrogatepass"), options)
    except re2.error as error:
        reason = error.args[0]
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        place, length = _part_at(text.partition(": ")[2], node, source)
        message = f"RE2 cannot read this regex: {text}"
        source.report_at("Q301", message, place, length, help=_regex_help(regex))
        raise Rejected from None
    if compiled.fullmatch(b"") is not None:
        source.report("Q302", "the regex matches the empty string", node,
                      help="Demand at least one character: + instead of *, or no ? around all of it.")  # fmt: skip


def _part_at(part: str, node: yaml.Node, source: Source) -> tuple[Place, int]:
    """Place and length of the part of a regex that RE2 complains of, as far as the line shows it, else of the regex."""
    place, end = source.place(node), node.end_mark
    line = source.lines[place.line - 1]
    last = end.column if end.line + 1 == place.line else len(line)
    at = line.find(part, place.column - 1, last) if part else -1
    if at < 0:
        return place, max(last - place.column + 1, 1)
    return Place(place.file, place.line, at + 1), len(part)


def _regex_help(regex: str) -> str:
    if any(sign in regex for sign in _LOOK_AROUND):
        return "RE2 has no look-around: find the whole phrase, and excuse the others with `except`."
    if "(?P=" in regex or r"\k" in regex or any(f"\\{digit}" in regex for digit in range(1, 10)):
        return "RE2 has no back-references: write the alternatives out."
    if any(sign in regex for sign in ("*+", "++", "?+", "(?>")):
        return "RE2 never backtracks: leave out the possessive + and (?>…)."
    if r"\u" in regex:
        return r"Write \x{4e00}, not \u4e00; Han characters are \p{Han}."
    if r"\Z" in regex:
        return "Write $: a message is searched alone."
    if r"\h" in regex or r"\R" in regex:
        return r"Write [ \t] for \h; a line break is a blank here."
    if "(?#" in regex or "(?x" in regex:
        return "RE2 has no comments in regexes; write them in the YAML, after #."
    if "(?(" in regex:
        return "RE2 has no conditions: write both alternatives out."
    return "The syntax is RE2: https://github.com/google/re2/wiki/Syntax"
