"""What one rule asks for and another punishes, found in the rulebook's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from qa_scorer.model.checks import Follow, Forbid, Require
from qa_scorer.model.patterns import Condition, Fuzzy, Guard, ListRef, Literal, Near, Negated, Pattern, Regex, Word
from qa_scorer.model.rules import Place, Rule
from qa_scorer.model.words import Role
from qa_scorer.ruletools.lint.findings import Findings
from qa_scorer.ruletools.lint.words import bare, clean, folded_regex

_QUOTED = re.compile(r"(?<![把将])“([^”]{4,})”")  # 把“…”写成“…” quotes what not to say first
_NEGATION = re.compile("[不没無别勿未非莫甭]")
_PATTERNS = (Literal, Word, Regex, Fuzzy, ListRef)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that the rulebook puts into an agent's mouth."""

    text: str
    rule: Rule
    code: str
    place: Place


def wanted_and_banned(findings: Findings) -> None:
    """Q306, Q307: texts that a rule rewards and examples in advice, looked at by the rules that forbid.

    An exception forgives a text wherever it stands in it, and segmentation and likeness are left out: rather no
    warning than a wrong one.
    """
    words = [word for word in _wanted(findings) if findings.own(word.place)]
    if not words:
        return
    texts = _Texts([word.text for word in words])
    for rule in findings.rulebook.rules:
        if not isinstance(rule.check, Forbid) or rule.when is not None:
            continue
        condition = rule.check.condition
        if Role.AGENT not in condition.scope.role or not condition.any:
            continue
        place = rule.place or Place("", 1)
        hit = texts.with_any(pattern for pattern, _ in findings.opened(condition.any, place))
        for number in sorted(hit - _forgiven(findings, condition.except_, texts, place) if hit else ()):
            word = words[number]
            what = "the advice of" if word.code == "Q307" else "wanted by"
            findings.report(word.code, f"{word.text}: {what} {word.rule.id}, forbidden by {rule.id}", word.place)


class _Texts:
    """Texts to be searched together. Numbers are those of the texts given."""

    def __init__(self, texts: list[str]) -> None:
        self._bare = [bare(text) for text in texts]
        lines = [clean(text).replace("\n", " ") for text in texts]
        self._joined = "\n".join(lines)
        self.negated = {number for number, line in enumerate(lines) if _NEGATION.search(line)}

    def with_any(self, patterns: Iterator[Pattern]) -> set[int]:
        """Texts in which one of the patterns stands."""
        found: set[int] = set()
        for pattern in patterns:
            if isinstance(pattern, Regex):
                found |= self._with_regex(pattern.regex)
            elif isinstance(pattern, (Literal, Fuzzy)):
                form = bare(pattern.text if isinstance(pattern, Literal) else pattern.fuzzy)
                found |= {number for number, text in enumerate(self._bare) if form and form in text}
        return found

    def _with_regex(self, regex: str) -> set[int]:
        options = re2.Options()
        options.case_sensitive = False
        options.never_nl = True
        compiled = re2.compile(f"(?m:{folded_regex(regex)})", options)
        return {self._joined.count("\n", 0, match.start()) for match in compiled.finditer(self._joined) if match[0]}


def _forgiven(findings: Findings, guards: tuple[Guard, ...], texts: _Texts, place: Place) -> set[int]:
    forgiven: set[int] = set()
    for guard in guards:
        if isinstance(guard, Negated):
            forgiven |= texts.negated
        elif isinstance(guard, Near):
            forgiven |= texts.with_any(pattern for pattern, _ in findings.opened(guard.near, place))
        elif isinstance(guard, _PATTERNS):
            forgiven |= texts.with_any(pattern for pattern, _ in findings.opened((guard,), place))
    return forgiven


def _wanted(findings: Findings) -> Iterator[_Words]:
    for rule in findings.rulebook.rules:
        place = rule.place or Place("", 1)
        yield from (_Words(text, rule, "Q307", place) for text in _QUOTED.findall(rule.advice))
        condition = _rewarded(rule)
        if condition is not None and Role.AGENT in condition.scope.role:
            for pattern, where in findings.opened(condition.any, place):
                if isinstance(pattern, Literal):
                    yield _Words(pattern.text, rule, "Q306", where)


def _rewarded(rule: Rule) -> Condition | None:
    if isinstance(rule.check, Require):
        return rule.check.condition
    return rule.check.then if isinstance(rule.check, Follow) else None
