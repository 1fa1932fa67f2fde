"""What a restatement puts wrong in what the customer told: facts and amounts, from what to what a thing shall be changed
(改到, 换成, 降到), and what an amount was for (押了500，只退了300)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_scorer.checks.content import Content, Meaning, Mention, Synonyms, as_typed
from qa_scorer.checks.quantities import BARE, contradicted
from qa_scorer.checks.told import NOBODY, Told
from qa_scorer.late import late

_CHANGE = late(
    r"(?:改签?|改约|改期|换|更换|调整?|挪|转|变更?|移|升级?|降级?|推迟|提前|延期|切换)(?:成|到|为|至)(?P<target>[^,，。!?;…\n]+)"
)
_DONE = late(r"(?:[已早]经?|早就|早已|都已经?)[^,，。!?;…\n]{0,3}$")
_NOT_DONE = late(r"(?:没有?|未)[^,，。!?;…\n]{0,2}$")
"""What stands before the word for something that has happened, or has not."""
_BEFORE = 6
"""Characters before the word in which that stands."""
_SENTENCE_END = late(r"[。!?;…\n]")
_NEAR = 1
"""Characters that may stand between a word and its amount (退了300)."""

_Amount = tuple[Meaning, Mention]
"""A quantity with the word that it belongs to."""
Wrong = tuple[int, str]
"""The customer's message, and what is put wrong in it."""


def contradiction(
    content: Sequence[Mention], shares: Sequence[tuple[float, int]], told: Told, synonyms: Synonyms
) -> Wrong | None:
    """A fact or an amount of a restatement that cannot be what was told.

    The rest of the restatement must be the customer's matter, unless one plain request stands for another
    (退款 for 换货): then there may be no rest.
    """
    said = {mention.meaning for mention in content}
    shared = sum(share for share, _ in shares)
    for mention, (share, _) in zip(content, shares, strict=True):
        on_topic = shared > share
        if mention.quantity is not None:
            if not on_topic or not told.quantities:
                continue
            other = contradicted(mention.quantity, [quantity for quantity, _ in told.quantities], told.known)
            if other is not None:
                row = next(row for quantity, row in told.quantities if quantity is other)
                text = next(earlier.text for number, earlier in told.messages if number == row)
                return row, f"{text[other.start : other.end]}说成{mention.text}"
        elif mention.meaning in synonyms.conflicts and told.who_said(mention.meaning) == NOBODY:
            for meaning in sorted(synonyms.conflicts[mention.meaning] - said):
                who = told.who_said(meaning)
                if who != NOBODY and (on_topic or not (meaning[1] or mention.negated)):
                    return who, f"{_named(meaning)}说成{_named(mention.meaning)}"
    return None


def undone(text: str, content: Iterable[Mention], told: Told) -> Wrong | None:
    """Something told to be done (早就退了) of which a text says that it is not, or the other way round.

    What the customer said of the very word decides, else what was said of words for the same.
    """
    for mention in content:
        done = _is_done(text, mention)
        if done is None:
            continue
        of_word = [
            (row, _is_same_word(other, mention), other.negated, _is_done(earlier.text, other))
            for row, earlier in told.messages
            for other in earlier.mentions
            if other.quantity is None and other.word == mention.word
        ]
        same = [entry for entry in of_word if entry[1]] or of_word
        otherwise = [row for row, _, _, other in same if other is not None and other is not done]
        # What is said to be done must have been told with 没 and no other way, what is not without it.
        if otherwise and all(negated is done for _, _, negated, _ in same):
            return otherwise[0], f"{'未' if done else '已'}{mention.word}说成{'已' if done else '未'}{mention.word}"
    return None


def _is_same_word(one: Mention, other: Mention) -> bool:
    """拿到 and 没拿."""
    short, long = sorted((one.text.lstrip("没有未"), other.text.lstrip("没有未")), key=len)
    return bool(short) and long.startswith(short)


def _is_done(text: str, mention: Mention) -> bool | None:
    """Whether a text says that something has happened, None when it does not say."""
    if mention.quantity is not None:
        return None
    before = as_typed(text[max(0, mention.start - _BEFORE) : mention.start])  # 自己 is not 自已
    if mention.negated:
        return False if mention.text[0] in "没未" or _NOT_DONE.search(before) else None
    return True if _DONE.search(before) else None


def _named(meaning: Meaning) -> str:
    return ("未" if meaning[1] else "") + meaning[0]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sentence says of changes and amounts."""

    changes: list[_Change]
    amounts: list[_Amount]

    def __bool__(self) -> bool:
        return bool(self.changes or self.amounts)


def claims_of(content: Content, start: int, end: int) -> Claims:
    """What the text says of changes and amounts between two places."""
    inside = [mention for mention in content.mentions if start <= mention.start < end]
    return Claims(_changes(content, start, end), _amounts(inside))


def reversal(claims: Claims, told: Told) -> Wrong | None:
    """A change restated the other way round (从39改到99 for 从99改到39), or an amount given to another thing."""
    if not claims:
        return None
    for row, content in told.messages:
        if claims.changes and _is_reversed(claims.changes, _changes(content, 0, len(content.text))):
            return row, "方向说反了"
        amount = _misplaced(claims.amounts, _amounts(content.mentions))
        if amount is not None:
            return row, f"{amount.text}说到别处"
    return None


@dataclass(frozen=True, slots=True)
class _Change:
    """What stands before and behind a word of change, as mentions."""

    source: tuple[Mention, ...]
    target: tuple[Mention, ...]


def _changes(content: Content, start: int, end: int) -> list[_Change]:
    found, mentions = [], content.mentions
    for match in _CHANGE.finditer(content.text, start, end):
        ends = [sign.end() for sign in _SENTENCE_END.finditer(content.text, start, match.start())]
        begin = ends[-1] if ends else start
        source = tuple(mention for mention in mentions if begin <= mention.start < match.start())
        target = tuple(mention for mention in mentions if match.start("target") <= mention.start < match.end())
        found.append(_Change(source, target))
    return found


def _is_reversed(said: Iterable[_Change], told: Sequence[_Change]) -> bool:
    """Something said to be the aim was told to be what shall change, and the other way round."""
    return any(
        _meet(one.target, other.source) and _meet(one.source, other.target) and not _meet(one.target, other.target)
        for one in said
        for other in told
    )


def _misplaced(said: Sequence[_Amount], told: Sequence[_Amount]) -> Mention | None:
    """An amount that was told of one thing and is said of another, whose own amount was told too."""
    for word, quantity in said:
        own = any(name == word for name, _ in told)
        elsewhere = [name for name, other in told if _same(quantity, other)]
        if own and elsewhere and word not in elsewhere:
            return quantity
    return None


def _amounts(mentions: Sequence[Mention]) -> list[_Amount]:
    """Each quantity right behind a word, with the word's meaning."""
    return [
        (before.meaning, quantity)
        for before, quantity in itertools.pairwise(mentions)
        if before.quantity is None and quantity.quantity is not None and quantity.start - before.end <= _NEAR
    ]


def _meet(some: Sequence[Mention], others: Sequence[Mention]) -> bool:
    return any(_same(one, other) for one in some for other in others)


def _same(one: Mention, other: Mention) -> bool:
    if one.quantity is None or other.quantity is None:
        return one.quantity is other.quantity and one.meaning == other.meaning
    units = {one.quantity.unit, other.quantity.unit}
    return one.quantity.value == other.quantity.value and (len(units) == 1 or BARE in units)
