"""What a message says, as far as two messages can be compared: content words, groups of synonyms, quantities.

A *mention* is one of these at its place in the text, negated or not. Members of a synonym group are one word. A group
whose name begins with a negation (``未发货``) is the negation of the group without it (``发货``), so 还没寄出, 未发货 and
没动静 (if listed there) say the same.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import ahocorasick_rs

from qa_scorer.checks.quantities import Quantity, read_quantities
from qa_scorer.late import late
from qa_scorer.matching import segment
from qa_scorer.matching.normalise import normalise

Meaning = tuple[str, bool]
"""A word or group and whether it is negated."""

_COMMON_CHARS = frozenset(
    "的了不没未无有是在个一二两三子儿上下出进来去到得地着过里中后前时间大小人家用为以可能会要想就都还也又再很太好老只多少些点面头性化式品件"
)
"""Characters that say nothing about the word they stand in; sharing one is no likeness."""
_WORD = late(r"[\u4e00-\u9fffa-z1-9]")
"""A 0 alone is a masked value."""
_FOLDED = late(r"(?<![自知克])己")
_NEGATION = late(r"(?:不(?!过|仅|但|管|止|光|只|好意思|然)|没(?!事|关系|准)|无(?!论)|未|别(?![人的处])|莫|勿)")
_COMPLEMENT = late(r".{0,1}?(?:不(?:了|上|出|进|到|起|动|开|来|掉|成|着|好|住|全|够|清|准|回)|失败|失灵)")
_MAY_NEGATE = late(r"[不没无未别莫勿]|失败|失灵")
"""Every negation and every complement that negates holds one of these."""
_COMPLEMENT_REACH = 2
"""A complement begins so near behind its word."""
_GLUED = late(r"[没不未]")
_BRIDGE = late(r"[有能法会曾再被让得想要用需可以人过怎么我您你]*(?:[把将给].{0,4})?")
"""What may stand between a negation and its word: 没(有), 没(把东西)寄出. Other words would take the negation."""
_REACH = 8
_PRONOUNS = late(r"[我您你咱俺的了呢吗嘛吧啊呀哦哈亲是\W_]")
_SOME_QUANTITY = frozenset(("0",))
_NEGATIVE_NAMES = ("没有", "未", "没", "不", "无")


class Mention(NamedTuple):
    """A content word, synonym or quantity in a text (code points of the text that was read).

    ``word`` is the group's name for a synonym, else the text itself.
    """

    word: str
    negated: bool
    text: str
    start: int
    end: int
    quantity: Quantity | None = None

    @property
    def meaning(self) -> Meaning:
        """What is compared."""
        return self.word, self.negated

    @property
    def tokens(self) -> frozenset[str]:
        """Mentions that have something in common share one of these; the converse need not hold."""
        return _SOME_QUANTITY if self.quantity is not None else _tokens(self.word, self.text)


@dataclass(frozen=True)
class Content:
    """What a text (clean view) mentions, in order."""

    text: str
    mentions: list[Mention]

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The tokens of all mentions."""
        return frozenset().union(*[mention.tokens for mention in self.mentions])

    @cached_property
    def core(self) -> str:
        """The text as an echo would repeat it."""
        return without_pronouns(self.text)

    @cached_property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings of all mentions but quantities."""
        return frozenset([mention.meaning for mention in self.mentions if mention.quantity is None])

    @cached_property
    def chars(self) -> tuple[str, str]:
        """The characters of the words that are not negated, and of those that are."""
        worded = [mention for mention in self.mentions if mention.quantity is None]
        plain, negated = ("".join(m.text for m in worded if m.negated is side) for side in (False, True))
        return plain, negated

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities among the mentions."""
        return [mention.quantity for mention in self.mentions if mention.quantity is not None]


class Synonyms:
    """Groups of words that count as one, and pairs of groups that contradict each other."""

    def __init__(self, groups: Mapping[str, Sequence[str]], conflicts: Iterable[tuple[str, str]]) -> None:
        self._named = set(groups)
        members = [(text, self.resolve(name)) for name, texts in groups.items() for text in (name, *texts)]
        forms = [as_typed(form) for form in normalise([text for text, _ in members])]
        self.meaning_of: dict[str, Meaning] = {}
        for form, (_, meaning) in zip(forms, members, strict=True):
            self.meaning_of.setdefault(form, meaning)
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(self.meaning_of) or ["\0"], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        self._texts = list(self.meaning_of)
        self.conflicts: dict[Meaning, set[Meaning]] = {}
        for one, other in conflicts:
            left, right = self.resolve(one), self.resolve(other)
            self.conflicts.setdefault(left, set()).add(right)
            self.conflicts.setdefault(right, set()).add(left)

    def is_fact(self, mention: Mention) -> bool:
        """The mention can be right or wrong: its group is named in a conflict."""
        return mention.meaning in self.conflicts

    def resolve(self, name: str) -> Meaning:
        """未发货 is the negation of 发货 where there is such a group; any other name stands for itself."""
        for negative in _NEGATIVE_NAMES:
            if name.startswith(negative) and name.removeprefix(negative) in self._named:
                return name.removeprefix(negative), True
        return name, False

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """(member, start, end) of the longest members, from left to right."""
        found = self._automaton.find_matches_as_indexes(text)
        return [(self._texts[number], start, end) for number, start, end in found]


_MOST_REMEMBERED = 65_536


@lru_cache(maxsize=4)
def compiled_synonyms(
    groups: tuple[tuple[str, tuple[str, ...]], ...], conflicts: tuple[tuple[str, str], ...]
) -> Synonyms:
    """Synonyms made ready, once per rulebook and process."""
    return Synonyms(dict(groups), conflicts)


def read_contents(texts: Sequence[str], synonyms: Synonyms) -> list[Content]:
    """The content of each text (clean view); the texts are segmented in one call."""
    return [Content(text, found) for text, found in zip(texts, read_mentions(texts, synonyms), strict=True)]


def read_mentions(texts: Sequence[str], synonyms: Synonyms) -> list[list[Mention]]:
    """The mentions of each text (clean view), in order; the texts are segmented in one call."""
    typed = [as_typed(text) for text in texts]
    return [_mentions(form, words, synonyms) for form, words in zip(typed, segment.cut(typed), strict=True)]


def as_typed(text: str) -> str:
    """The clean view folds 已 into 己; the segmenter needs the word."""
    return _FOLDED.sub("已", text) if "己" in text else text


def without_pronouns(text: str) -> str:
    """What is left of a text without pronouns, particles and punctuation."""
    return _PRONOUNS.sub("", text)


@cache
def _function_words() -> frozenset[str]:
    """Words that say nothing of the matter."""
    text = (Path(__file__).parent / "data" / "function_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=_MOST_REMEMBERED)
def _says_something(word: str) -> bool:
    """The word speaks of the matter."""
    return word not in _function_words() and _WORD.search(word) is not None


_Span = tuple[int, int, str, Quantity | None, Meaning | None]


def _mentions(text: str, words: Sequence[str], synonyms: Synonyms) -> list[Mention]:
    spans: list[_Span] = []
    taken = bytearray(len(text))
    borders: set[int] | None = None
    for member, start, end in synonyms.find(text):
        if end - start == 1:  # a single character is a word only where the segmenter says so: 退 is not in 衰退
            borders = _borders(text, words) if borders is None else borders
            if start not in borders or end not in borders:
                continue
        spans.append((start, end, member, None, synonyms.meaning_of[member]))
        taken[start:end] = b"\1" * (end - start)
    for quantity in read_quantities(text):
        start, end = quantity.start, quantity.end
        if taken.find(1, start, end) < 0:
            spans.append((start, end, text[start:end], quantity, None))
            taken[start:end] = b"\1" * (end - start)
    place = 0
    next_taken = _find(taken, 1, 0)
    for word in words:
        start, place = place, place + len(word)
        if place <= next_taken:
            if _says_something(word):
                spans.append((start, place, word, None, None))
            continue
        for begin, end in _free(taken, start, place):
            piece = text[begin:end]
            if _says_something(piece):
                spans.append((begin, end, piece, None, None))
        next_taken = _find(taken, 1, place)
    spans.sort(key=_by_start)
    return _with_negations(text, spans)


_by_start = itemgetter(0)


def _borders(text: str, words: Sequence[str]) -> set[int]:
    ends = list(itertools.accumulate(map(len, words)))
    borders = {0, *ends}
    if _GLUED.search(text):  # the segmenter takes 没派 for a word
        borders.update(end - len(word) + 1 for word, end in zip(words, ends, strict=True) if word[0] in "没不未")
    return borders


def _free(taken: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a word that no synonym or quantity covers."""
    free: list[tuple[int, int]] = []
    while (start := _find(taken, 0, start)) < end:
        stop = min(_find(taken, 1, start), end)
        free.append((start, stop))
        start = stop
    return free


def _find(taken: bytearray, value: int, start: int) -> int:
    """Where the value stands next; the end without one."""
    place = taken.find(value, start)
    return place if place >= 0 else len(taken)


def _with_negations(text: str, spans: Sequence[_Span]) -> list[Mention]:
    """The mentions that stand there (sorted), negated or not."""
    signs = [found.start() for found in _MAY_NEGATE.finditer(text)]
    first_sign, last_sign = (signs[0], signs[-1]) if signs else (len(text), -1)
    mentions, before = [], 0
    for start, end, word, quantity, group in spans:
        negated = False
        first = max(before, start - _REACH)
        if first <= last_sign and first_sign < end + _COMPLEMENT_REACH:
            negated = _is_negated(text, first, start)
            if quantity is None:
                negated ^= _COMPLEMENT.match(text, end) is not None
        before = end
        if group is None:
            mentions.append(Mention(word, negated, word, start, end, quantity))
        else:
            mentions.append(Mention(group[0], group[1] ^ negated, text[start:end], start, end))
    return mentions


def _is_negated(text: str, first: int, start: int) -> bool:
    """A negation in text[first:start] speaks of what begins at ``start``; 是不是 and 有没有 are none."""
    for found in _NEGATION.finditer(text, first, start):
        place = found.start()
        asks = 0 < place < len(text) - 1 and text[place - 1] == text[place + 1]
        if not asks and _BRIDGE.fullmatch(text, found.end(), start):
            return True
    return False


@lru_cache(maxsize=_MOST_REMEMBERED)
def _tokens(word: str, text: str) -> frozenset[str]:
    # One object for each character: there are a thousand characters in a hundred thousand words.
    return frozenset(map(sys.intern, text)) - _COMMON_CHARS | {word}


@lru_cache(maxsize=_MOST_REMEMBERED)
def telling(text: str) -> tuple[str, ...]:
    """The distinct characters of a word that say something about it."""
    return tuple(char for char in dict.fromkeys(text) if char not in _COMMON_CHARS)
