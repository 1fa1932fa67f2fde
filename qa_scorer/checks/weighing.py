"""Whether a sentence restates what was told before it: enough of it was told, nothing of it contradicts what was told, and it
is no copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from qa_scorer.checks.content import Content, Mention, Synonyms
from qa_scorer.checks.contradictions import Claims, Wrong, claims_of, contradiction, reversal
from qa_scorer.checks.restating import Restatement, Span
from qa_scorer.checks.told import NOBODY, Told
from qa_scorer.checks.wording import guard_texts
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.words import EvidenceKind

_LEAST_SHARE = 0.25
"""Share of a restatement's content that the customer must have told, when it stands in a confirming form."""
_LEAST_SHARE_OF_QUESTION = 0.5
"""The same for a plain question, which otherwise asks something new."""
_LED = 0.5
"""What a leading form (您是说) is worth: who says so restates something."""
_PRONOUNS = re.compile(r"[我您你咱俺的了呢吗嘛吧啊呀哦哈亲是\W_]")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence of a text says: the tokens of each mention in it, whether one of them can be right or wrong, the
    mentions in its clauses, and what it claims."""

    sentence: Restatement
    content: Content
    tokens: list[frozenset[str]]
    factual: bool
    stated: list[Mention]
    claims: Claims


def what_it_says(sentence: Restatement, content: Content, synonyms: Synonyms) -> Said:
    """What a sentence of a text with that content says."""
    start, end = sentence.span
    both = zip(content.mentions, content.tokens, strict=True)
    inside = [(mention, tokens) for mention, tokens in both if start <= mention.start < end]
    factual = any(synonyms.is_fact(mention) for mention, _ in inside)
    stated = _in_clauses(content.mentions, sentence.clauses)
    return Said(sentence, content, [tokens for _, tokens in inside], factual, stated, claims_of(content, start, end))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a sentence turned out to be; ``trigger`` is the customer's message that tells, NOBODY for none."""

    kind: EvidenceKind
    note: str
    trigger: int


def weigh(
    said: Said, excuse: Sequence[int], told: Told, first: int, params: Paraphrase, synonyms: Synonyms
) -> Weighed | None:
    """What a sentence is, None when it restates nothing. ``excuse`` is the number of the guard that forgives each clause
    (-1: none), ``first`` the conversation's first message, from which notes count."""
    sentence, content, kept = said.sentence, said.stated, said.sentence.clauses
    forgiven = excuse[sentence.asked] if sentence.asked >= 0 else -1
    if max(excuse) >= 0:
        kept = tuple(clause for clause, guard in zip(kept, excuse, strict=True) if guard < 0)
        content = _in_clauses(said.content.mentions, (sentence.span,) if forgiven >= 0 else kept)
    shares = [told.share(mention) for mention in content]
    wrong = _wrong(said, content, shares, told, synonyms) if forgiven < 0 else None
    if wrong is not None:
        row, what = wrong
        return Weighed(EvidenceKind.NEAR_MISS, f"与{_places([row], first)}矛盾：{what}", row)
    least = _LEAST_SHARE if sentence.formed else _LEAST_SHARE_OF_QUESTION
    enough = max(_enough(sentence, content, shares, params, synonyms), least * len(content))
    if not content or sum([share for share, _ in shares]) < enough:
        return None
    if forgiven >= 0:
        return Weighed(EvidenceKind.EXCUSED, guard_texts(params.except_)[forgiven], NOBODY)
    common = {m.text: row for m, (share, row) in zip(content, shares, strict=True) if share > 0}
    place = min(common.values())
    if _is_echo(said.content.text, kept, told, params.echo):
        return Weighed(EvidenceKind.NEAR_MISS, f"照抄{_places([place], first)}", place)
    note = f"与{_places(common.values(), first)}共有：{'、'.join(common)}"
    return Weighed(EvidenceKind.HIT, note, place)


def _in_clauses(mentions: Sequence[Mention], clauses: Sequence[Span]) -> list[Mention]:
    """The mentions that begin in one of the clauses."""
    return [mention for mention in mentions if any(start <= mention.start < end for start, end in clauses)]


def _wrong(
    said: Said, content: Sequence[Mention], shares: Sequence[tuple[float, int]], told: Told, synonyms: Synonyms
) -> Wrong | None:
    """What the sentence puts wrong, and in which message."""
    wrong = contradiction(content, shares, told, synonyms) if said.sentence.formed else None
    return wrong or reversal(said.claims, told)


def _enough(
    sentence: Restatement, content: Sequence[Mention], shares: Sequence[tuple[float, int]], params: Paraphrase,
    synonyms: Synonyms,
) -> float:  # fmt: skip
    """How many shared words make a restatement. In a confirming form fewer do when there are no others, or when one of two
    is the very lack that was told (没收到 in 您的意思是没有收到水杯吗)."""
    if not sentence.formed:
        return params.overlap
    told_fact = any(
        m.negated and share == 1 and synonyms.is_fact(m) for m, (share, _) in zip(content, shares, strict=True)
    )
    return min(params.overlap - _LED * sentence.led, 1 if told_fact and len(content) == 2 else len(content))


def _places(rows: Iterable[int], first: int) -> str:
    return f"客户第{'、'.join(map(str, sorted({row - first + 1 for row in rows})))}条消息"


def _is_echo(text: str, clauses: Sequence[Span], told: Told, least: float) -> bool:
    """The clauses, pronouns and particles aside, stand so in a customer's message."""
    core = _PRONOUNS.sub("", "".join(text[start:end] for start, end in clauses))
    for _, content in told.messages:
        source = _PRONOUNS.sub("", content.text)
        alike = fuzz.partial_ratio(core, source) if len(core) <= len(source) else fuzz.ratio(core, source)
        if alike >= least:
            return True
    return False
