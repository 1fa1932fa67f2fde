"""What a regular expression says in plain text: all of it, when it is a short list of phrases in disguise, or else the
literals that it cannot match without, which gate the dear search."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from qa_scorer.kept import made_once, state_of

Alternatives = frozenset[str]

_MOST_ALTERNATIVES = 64
_MOST_TEXTS = 400
_COMMON = frozenset("的了是我您你有在不这个好亲一呢哦吗可以没请么会到要就么给帮为先看说再还能 ,.?!")

_MORE_THAN_TEXT = re.compile(r"(?<!\\)(?:[.*+^$]|\[\^|\{[\d,])|\\[pP]")
"""Found in most regexes at a glance, which saves trying out what they say up to there."""
_NOT_PLAIN = re.compile(r"\\(?:[px]\{[^}]*\}|.)|\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]", re.DOTALL)
"""Escapes and classes."""
_AT_A_GLANCE = re.compile(r"\||[一-鿿]+(?![?*{])|\)(?:[?*]|\{0)?|\((?:\?p?<[^>]*>)?")
"""Signs of alternatives and groups, with ``?`` and the like behind them, and runs of Han characters that are needed."""
_ONLY_RE2 = re.compile(r"\\[pP]\{\w+\}|\\x\{[0-9A-Fa-f]+\}|\[:\^?[a-z]+:\]")
"""What Python cannot read; to the parser it may be any character, since only plain text makes a gate."""


_finite: dict[str, Alternatives | None] = {}
_required: dict[str, tuple[Alternatives, ...]] = {}


def recall(regexes: Collection[str]) -> None:
    """Know what these regexes say before it is asked for: a run of many texts asks for all, and reading a thousand takes
    as long as scoring as many chats, so it is kept for the next run by the same rules."""
    made_by = state_of(Path(__file__), Path(parser.__file__))
    finite, required = pickle.loads(
        made_once(Path(__file__), repr((made_by, regexes)).encode(), lambda: pickle.dumps(_read_all(regexes)))
    )
    _finite.update(finite)
    _required.update(required)


def _read_all(regexes: Iterable[str]) -> tuple[dict[str, Alternatives | None], dict[str, tuple[Alternatives, ...]]]:
    finite = {regex: finite_texts(regex) for regex in regexes}
    return finite, {regex: required_texts(regex) for regex, texts in finite.items() if texts is None}


def finite_texts(regex: str) -> Alternatives | None:
    """All texts that ``regex`` matches, when they are few and none is empty; None otherwise.

    ``(跟|和)我(们)?无关`` is four phrases: the automaton finds them as fast as any literal.
    """
    if regex not in _finite:
        _finite[regex] = _finite_texts(regex)
    return _finite[regex]


def _finite_texts(regex: str) -> Alternatives | None:
    if _MORE_THAN_TEXT.search(regex):
        return None
    parsed = _parse(regex)
    texts = None if parsed is None else _texts_of(parsed)
    return frozenset(texts) if texts and all(texts) else None


def required_texts(regex: str) -> tuple[Alternatives, ...]:
    """Sets of texts; of each set at least one stands in every match of ``regex``. Empty when none is found.

    ``(帮|给)您.{0,4}(退|换)`` has three. Python's own parser reads the expression. Where RE2 knows syntax that Python does
    not, there is no gate and the regex is tried on every message: slower, never wrong.
    """
    if regex not in _required:
        _required[regex] = _required_texts(regex)
    return _required[regex]


def _required_texts(regex: str) -> tuple[Alternatives, ...]:
    parsed = _parse(regex)
    return () if parsed is None else tuple(dict.fromkeys(_sets_of(parsed)))


def may_match(regex: str, text: str) -> bool:
    """Whether a text holds the Han characters that ``regex`` asks for, as far as a glance tells; never False for one
    that it matches. A tenth of the time of compiling the regex, and few texts hold what most regexes ask for."""
    if r"\q" in regex:  # signs may be quoted
        return True
    around: list[tuple[bool, bool]] = []
    earlier, this = False, True  # may an alternative before match, and the one that is being read
    for token in _AT_A_GLANCE.findall(_NOT_PLAIN.sub(" ", regex)):
        if token == "|":
            earlier, this = earlier or this, True
        elif token[0] == "(":
            around.append((earlier, this))
            earlier, this = False, True
        elif token[0] == ")":
            group = earlier or this or token != ")"
            earlier, this = around.pop()
            this = this and group
        elif this:
            this = token in text
    return earlier or this


@cache
def _parse(regex: str) -> Iterable[tuple[Any, Any]] | None:
    try:
        parsed: Iterable[tuple[Any, Any]] = parser.parse(_ONLY_RE2.sub(r"\\w", regex))
    except (re.error, OverflowError, RecursionError):
        return None
    return parsed


def _texts_of(items: Iterable[tuple[Any, Any]]) -> list[str] | None:
    """The language of a sequence of parsed items, None when it is too large or more than plain text."""
    texts = [""]
    for op, argument in items:
        choices = _choices(op, argument)
        if choices is None or len(texts) * len(choices) > _MOST_TEXTS:
            return None
        texts = [text + choice for text in texts for choice in choices]
    return texts


def _choices(op: Any, argument: Any) -> list[str] | None:
    if op is ops.LITERAL:
        return [chr(argument)]
    if op is ops.IN and all(kind is ops.LITERAL for kind, _ in argument):
        return [chr(code) for _, code in argument]
    if op is ops.SUBPATTERN and not argument[1] and not argument[2]:
        return _texts_of(argument[-1])
    if op is ops.BRANCH:
        branches = [_texts_of(branch) for branch in argument[1]]
        return None if None in branches else [text for branch in branches for text in branch or ()]
    if op is ops.MAX_REPEAT and argument[0] == 0 and argument[1] == 1:
        once = _texts_of(argument[2])
        return None if once is None else ["", *once]
    return None


def _sets_of(items: Iterable[tuple[Any, Any]]) -> list[Alternatives]:
    """What each item of a sequence requires, runs of literals as one text."""
    sets: list[Alternatives] = []
    run = ""
    for op, argument in items:
        if op is ops.LITERAL:
            run += chr(argument)
            continue
        if run:
            sets.append(frozenset({run}))
            run = ""
        required = _of_item(op, argument)
        if required:
            sets.append(required)
    return [*sets, frozenset({run})] if run else sets


def _of_item(op: Any, argument: Any) -> Alternatives | None:
    if op is ops.IN:
        if all(kind is ops.LITERAL for kind, _ in argument):
            return frozenset(chr(code) for _, code in argument)
        return None
    if op is ops.SUBPATTERN:
        return _best(_sets_of(argument[-1]))
    if op is ops.BRANCH:
        branches = [_best(_sets_of(branch)) for branch in argument[1]]
        known = [branch for branch in branches if branch is not None]
        union = frozenset().union(*known)
        return union if len(known) == len(branches) and len(union) <= _MOST_ALTERNATIVES else None
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT) and argument[0] >= 1:
        return _best(_sets_of(argument[2]))
    return None


def _best(sets: Iterable[Alternatives]) -> Alternatives | None:
    """The set that lets the fewest messages through, by how common its texts are in service chats."""
    # The exact sum does not depend on the order of a set, which differs from run to run.
    weights = [(math.fsum(map(_commonness, texts)), texts) for texts in sets]
    least = min((weight for weight, _ in weights), default=0.0)
    alike = [texts for weight, texts in weights if weight == least]
    return min(alike, key=sorted) if len(alike) > 1 else next(iter(alike), None)


def _commonness(text: str) -> float:
    """A rough share of messages that hold the text."""
    if len(text) > 1:
        return 0.01
    return 0.3 if text in _COMMON else 0.05
