"""Whether a sentence restates what was told before it: enough of it was told, nothing of it contradicts what was told, and it
is no copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from qa_scorer.checks.content import Content, Mention, Synonyms, without_pronouns
from qa_scorer.checks.contradictions import Claims, Wrong, claims_of, contradiction, reversal, undone
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


@dataclass(frozen=True)
class Said:
    """A sentence of a text with that content, and the number of the guard that forgives each of its clauses (-1: none).

    ``place`` is its span in the original, ``needed`` the number of its mentions that must have been told, 0 when it can
    be wrong in what was not.
    """

    sentence: Restatement
    excuse: Sequence[int]
    place: Span
    content: Content
    needed: int

    @cached_property
    def tries(self) -> bool:
        """It says that it restates, and no guard forgives any of it."""
        return self.sentence.led and max(self.excuse) < 0

    @cached_property
    def is_promising(self) -> bool:
        """It says enough to be worth weighing."""
        return len(_mentions_of(self.sentence, self.content)) >= self.needed

    @cached_property
    def tokens(self) -> list[frozenset[str]]:
        """The tokens of each mention in the sentence."""
        return [mention.tokens for mention in _mentions_of(self.sentence, self.content)]

    @cached_property
    def forgiven(self) -> int:
        """The guard that forgives the clause that is asked about, -1 without one."""
        return self.excuse[self.sentence.asked] if self.sentence.asked >= 0 else -1

    @cached_property
    def clauses(self) -> Sequence[Span]:
        """The clauses that no guard forgives."""
        return [clause for clause, guard in zip(self.sentence.clauses, self.excuse, strict=True) if guard < 0]

    @cached_property
    def mentions(self) -> list[Mention]:
        """What is compared: the mentions in these clauses, or in a forgiven sentence all."""
        return _within(self.content.mentions, (self.sentence.span,) if self.forgiven >= 0 else self.clauses)

    @cached_property
    def compared(self) -> list[frozenset[str]]:
        """The tokens of each of these."""
        return [mention.tokens for mention in self.mentions]

    @cached_property
    def core(self) -> str:
        """The clauses as an echo would repeat them."""
        return without_pronouns("".join(self.content.text[start:end] for start, end in self.clauses))

    @cached_property
    def claims(self) -> Claims:
        """What the sentence says of changes and amounts."""
        return claims_of(self.content, *self.sentence.span)


def needed(sentence: Restatement, content: Content, overlap: int, synonyms: Synonyms) -> int:
    """How many mentions of a sentence must have been told before it is worth weighing: for a question as many as
    ``overlap``, for a confirming form one, or none where it says a fact, which can be the opposite of what was told."""
    if not sentence.formed:
        return max(overlap, 1)
    return 0 if any(map(synonyms.is_fact, _mentions_of(sentence, content))) else 1


def _mentions_of(sentence: Restatement, content: Content) -> list[Mention]:
    """What a sentence of a text with that content mentions, forgiven or not."""
    return _within(content.mentions, (sentence.span,))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a sentence turned out to be; ``trigger`` is the customer's message that tells, NOBODY for none."""

    kind: EvidenceKind
    note: str
    trigger: int


def weigh(said: Said, told: Told, first: int, params: Paraphrase, synonyms: Synonyms) -> Weighed | None:
    """What a sentence is, None when it restates nothing. ``first`` is the conversation's first message, from which notes
    count."""
    sentence, content = said.sentence, said.mentions
    shares = [told.share(mention, tokens) for mention, tokens in zip(content, said.compared, strict=True)]
    wrong = _wrong(said, shares, told, synonyms) if said.forgiven < 0 else None
    if wrong is not None:
        row, what = wrong
        return Weighed(EvidenceKind.NEAR_MISS, f"与{_places([row], first)}矛盾：{what}", row)
    least = _LEAST_SHARE if sentence.formed else _LEAST_SHARE_OF_QUESTION
    enough = max(_enough(sentence, content, shares, params, synonyms), least * len(content))
    if not content or sum([share for share, _ in shares]) < enough:
        return None
    if said.forgiven >= 0:
        return Weighed(EvidenceKind.EXCUSED, guard_texts(params.except_)[said.forgiven], NOBODY)
    common = {m.text: row for m, (share, row) in zip(content, shares, strict=True) if share > 0}
    place = min(common.values())
    if _is_echo(said.core, told, params.echo):
        return Weighed(EvidenceKind.NEAR_MISS, f"照抄{_places([place], first)}", place)
    note = f"与{_places(common.values(), first)}共有：{'、'.join(common)}"
    return Weighed(EvidenceKind.HIT, note, place)


def _within(mentions: Sequence[Mention], spans: Sequence[Span]) -> list[Mention]:
    """The mentions that begin in one of the spans, which are sorted."""
    return [mention for start, end in spans for mention in mentions if start <= mention.start < end]


def _wrong(said: Said, shares: Sequence[tuple[float, int]], told: Told, synonyms: Synonyms) -> Wrong | None:
    """What the sentence puts wrong, and in which message."""
    wrong = None
    if said.sentence.formed:
        wrong = contradiction(said.mentions, shares, told, synonyms) or undone(said.content.text, said.mentions, told)
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


def _is_echo(core: str, told: Told, least: float) -> bool:
    """The clauses, pronouns and particles aside, stand so in a customer's message."""
    for _, content in told.messages:
        source = content.core
        compare = fuzz.partial_ratio if len(core) <= len(source) else fuzz.ratio
        if compare(core, source, score_cutoff=least) >= least:
            return True
    return False
