"""Regexes that can never match, whatever a message says, and scopes without messages."""

from __future__ import annotations

import re
import warnings
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from qa_scorer.model.checks import Entity, Length, Repeat
from qa_scorer.model.patterns import Extent, Regex
from qa_scorer.ruletools.describe import count
from qa_scorer.ruletools.lint.findings import Findings
from qa_scorer.ruletools.lint.lists import conditions

_ONLY_RE2 = re.compile(r"\\[pP]\{\w+\}|\\x\{[0-9A-Fa-f]+\}|\[:\^?\w+:\]")
_EMOJI_CODE = re.compile(r"\[[^\[\]\s]{1,8}\]")
_CUT = (
    range(0x0A, 0x0B), range(0x1F000, 0x1FB00), range(0x2600, 0x2795), range(0x2796, 0x27C0), range(0x200B, 0x2010),
    range(0x2060, 0x2065), range(0xFE00, 0xFE10), range(0xFEFF, 0xFF00), range(0xAD, 0xAE),
)  # fmt: skip
"""Characters that ``matching.normalise`` leaves out of what regexes see; a test holds the two equal."""


def never_match(findings: Findings) -> None:
    """Q309: what asks for an emoji or a line break, or for text beyond the end."""
    for pattern, place in findings.own_patterns():
        if isinstance(pattern, Regex) and (why := why_never(pattern.regex)):
            findings.report("Q309", f"{pattern.regex} can never match: {why}", place)


def scopes(findings: Findings) -> None:
    """Q310: the first messages that are among the last too; there are such in short conversations alone."""
    for rule, place in findings.own_rules():
        own = [rule.check.scope] if isinstance(rule.check, (Length, Repeat, Entity)) else []
        for scope in dict.fromkeys([*own, *(condition.scope for condition in conditions(rule))]):
            if scope.first is not None and scope.last is not None:
                message = f"what is among the first {_told(scope.first)} and the last {_told(scope.last)} at once"
                findings.report("Q310", f"{message} stands in short conversations only", findings.spot(place, "first"),
                                help="Leave one out, or write two rules.")  # fmt: skip


def _told(extent: Extent) -> str:
    return count(int(extent.count), extent.unit) if extent.count == int(extent.count) else f"{extent.count:g} seconds"


def why_never(regex: str) -> str:
    """Why no message can hold a match, or nothing."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of what later Pythons may read otherwise
            return _of_sequence(parser.parse(_ONLY_RE2.sub(r"\\w", regex)))
    except (re.error, OverflowError, RecursionError):
        return ""


def is_cut(char: str) -> bool:
    """Whether regexes never see the character."""
    return any(ord(char) in block for block in _CUT)


def _of_sequence(items: Any) -> str:
    ended = False
    text = run = ""
    for number, (op, argument) in enumerate(items):
        wide = items[number : number + 1].getwidth()[0] > 0
        if ended and wide:
            return "`$` is the end of the message, and more is to follow"
        if op is ops.AT and argument is ops.AT_BEGINNING and text:
            return "`^` is the beginning of the message, and more is to stand before it"
        ended |= op is ops.AT and argument is ops.AT_END
        text += "." * wide
        run = run + chr(argument) if op is ops.LITERAL else ""
        why = _of_item(op, argument) or _of_text(run)
        if why:
            return why
    return ""


def _of_item(op: Any, argument: Any) -> str:
    if op is ops.LITERAL and is_cut(chr(argument)):
        return _of_char(argument)
    if op is ops.IN:
        codes = [code for kind, code in argument if kind is ops.LITERAL]
        return _of_char(codes[0]) if len(codes) == len(argument) and all(is_cut(chr(code)) for code in codes) else ""
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        return _of_sequence(argument[2]) if argument[0] else ""
    if op is ops.SUBPATTERN:
        return _of_sequence(argument[-1])
    if op is ops.BRANCH:
        whys = [_of_sequence(branch) for branch in argument[1]]
        return whys[0] if all(whys) else ""
    return ""


def _of_char(code: int) -> str:
    return "a line break is a blank here" if code == 0x0A else f"{chr(code)} is cut from the text as no word"


def _of_text(run: str) -> str:
    found = _EMOJI_CODE.search(run)
    return f"{found[0]} is a code of the platform and cut from the text" if found else ""
