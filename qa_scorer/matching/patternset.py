"""Distinct patterns, numbered and compiled: what each one is, before anything is searched."""

from __future__ import annotations

import re
from collections.abc import Iterable

import re2

from qa_scorer.errors import RulebookError
from qa_scorer.matching import triggers
from qa_scorer.matching.normalise import fold, normalise
from qa_scorer.model.patterns import Fuzzy, Literal, Pattern, Regex, Word

_TEXT_ENDS = re.compile(r"(?<!\\)(?:\\\\)*\\[AzZ]")


class PatternSet:
    """Distinct patterns. Pattern numbers are positions in ``patterns``, and ``regexes`` the numbers of the regexes."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Raises RulebookError for a regex that RE2 refuses, unless it is known to be tried, and for text that
        normalisation erases."""
        self.patterns: tuple[Pattern, ...] = tuple(dict.fromkeys(patterns))
        self.number = {pattern: number for number, pattern in enumerate(self.patterns)}
        self.forms = normalise([_exact_text(pattern) for pattern in self.patterns])
        for pattern, form in zip(self.patterns, self.forms, strict=True):
            if not isinstance(pattern, Regex) and not form:
                raise RulebookError(f"pattern {_exact_text(pattern)!r} holds nothing but blanks, punctuation or emoji")
        self._sources = {
            number: pattern.regex for number, pattern in enumerate(self.patterns) if isinstance(pattern, Regex)
        }
        self.regexes = tuple(self._sources)
        self._compiled = {
            number: compile_regex(pattern.regex)
            for number, pattern in enumerate(self.patterns)
            if isinstance(pattern, Regex) and not pattern.tried
        }

    def compiled(self, number: int) -> re2._Regexp:
        """A regex ready to be tried, compiled when it is first asked for: a short run asks for few."""
        if number not in self._compiled:
            self._compiled[number] = compile_regex(self._sources[number])
        return self._compiled[number]

    def folded(self, number: int) -> str:
        """A regex as it is compared with normalised texts."""
        return fold(self._sources[number]).lower()

    def phrases(self, regexes: Iterable[int]) -> dict[int, list[str]]:
        """Those of the regexes that are a short list of phrases in disguise, with these: they match a few texts which
        are bare as they stand, all normalised in one call."""
        finite = {number: sorted(triggers.finite_texts(self.folded(number)) or ()) for number in regexes}
        finite = {number: texts for number, texts in finite.items() if texts}
        bare = bare_forms(text for texts in finite.values() for text in texts)
        return {number: texts for number, texts in finite.items() if all(bare[text] == text for text in texts)}


def bare_forms(texts: Iterable[str]) -> dict[str, str]:
    """The bare form of each text."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, normalise(distinct), strict=True))


def compile_regex(regex: str) -> re2._Regexp:
    """RE2 over lines of folded text in UTF-8, case-insensitive. Raises RulebookError with RE2's reason."""
    if _TEXT_ENDS.search(regex):
        raise RulebookError(f"regex {regex!r}: write ^ and $ for the ends of a message, not \\A and \\z")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_nl = True
    options.never_capture = True  # only the whole match is asked for
    try:
        return re2.compile(f"(?m:{fold(regex)})".encode(), options)
    except re2.error as error:
        reason = error.args[0]
        raise RulebookError(f"regex {regex!r}: {reason.decode() if isinstance(reason, bytes) else reason}") from None


def _exact_text(pattern: Pattern) -> str:
    if isinstance(pattern, Literal):
        return pattern.text
    if isinstance(pattern, Word):
        return pattern.word
    return pattern.fuzzy if isinstance(pattern, Fuzzy) else ""
