"""Where an agent's message may restate something: its sentences with a confirming form or a question, clause by clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_scorer.late import late

Span = tuple[int, int]

_SENTENCE = late(r"(?:[^。!?;~…\n.]|\.(?=\d))+[?!。…~;]*")
_PIECE = late(r"\S+")
_SENTENCE_PIECE = late(r"(?:[^。!?;~…\s.]|\.(?=\d))+[?!。…~;]*")
"""The pieces of sentences between blanks; marks that stand alone say nothing and are none."""
_CLAUSE = late(r"[^,:、?!。…~;\s]+")
_QUESTION = late(r"\?|[吗么嘛]\W*$")
_ASKING_END = late(r"[吗吧么嘛不没?]\W*$")
_HAN = late(r"[\u4e00-\u9fff]")
_SPACED = 6
"""A text with a blank for fewer characters than this is spaced out, so blanks part no sentences in it."""


@dataclass(frozen=True, slots=True)
class Restatement:
    """A sentence that may restate: its clauses (spans of the text, forms cut out), the span to show, whether a confirming
    form stands in it (and a leading one), and the clause that is asked about (-1: none in particular)."""

    clauses: tuple[Span, ...]
    span: Span
    formed: bool
    led: bool
    asked: int


def restatements(text: str, forms: Sequence[Span]) -> tuple[Restatement, ...]:
    """The sentences of ``text`` (clean view) that hold a form or ask a question. ``forms`` are sorted."""
    found: list[Restatement] = []
    for start, end in _sentences(text, forms):
        inside = [form for form in forms if start <= form[0] < end] if forms else []
        if inside or _QUESTION.search(text, start, end):
            restatement = _restatement(text, start, end, inside)
            if restatement.clauses:
                found.append(restatement)
    return tuple(found)


def _sentences(text: str, forms: Sequence[Span]) -> list[Span]:
    """Sentences; a bare form (是吗 / 跟您确认一下) belongs to the sentence that it asks about."""
    parted = text.count(" ") * _SPACED < len(text)
    if not forms:  # most texts hold none
        return [found.span() for found in (_SENTENCE_PIECE if parted else _SENTENCE).finditer(text)]
    pieces: list[Span] = []
    for sentence in _SENTENCE.finditer(text):
        if not parted:
            pieces.append(sentence.span())
            continue
        pieces += [found.span() for found in _PIECE.finditer(text, *sentence.span())]
    joined: list[Span] = []
    lead = -1
    for start, end in pieces:
        if lead >= 0:
            start, lead = lead, -1
        if _is_bare(text, start, end, forms):
            if joined and _ASKING_END.search(text, start, end):
                joined[-1] = (joined[-1][0], end)
            else:
                lead = start
            continue
        joined.append((start, end))
    return joined


def _is_bare(text: str, start: int, end: int, forms: Sequence[Span]) -> bool:
    """Nothing is said but a form."""
    inside = [form for form in forms if start <= form[0] < end]
    if not inside:
        return False
    rest = "".join(text[a:b] for a, b in _cut(start, end, inside))
    return len(_HAN.findall(rest)) < 2


def _cut(start: int, end: int, forms: Sequence[Span]) -> list[Span]:
    """The stretches of a span outside the forms."""
    parts: list[Span] = []
    for begin, stop in forms:
        parts.append((start, max(start, min(begin, end))))
        start = max(start, stop)
    return [(a, b) for a, b in [*parts, (start, end)] if b > a]


def _restatement(text: str, start: int, end: int, forms: Sequence[Span]) -> Restatement:
    """What stands between a leading form (您是说) and a closing one (对吗), or around the only one."""
    if not forms:
        clauses = tuple([found.span() for found in _CLAUSE.finditer(text, start, end)])
        clauses = clauses if _HAN.search(text, start, end) else ()
        return Restatement(clauses, (start, end), False, False, len(clauses) - 1)
    stretches = [part for part in _cut(start, end, forms) if _HAN.search(text, *part)]
    followed = [form for form in forms if any(first >= form[1] for first, _ in stretches)]
    led = bool(followed) and not _ASKING_END.search(text, *followed[-1])
    if led:
        start = followed[-1][0]
        stretches = [part for part in stretches if part[0] >= followed[-1][1]]
    elif followed:  # a closing form with an afterthought: 是退货对吗亲
        stretches = [part for part in stretches if part[1] <= followed[-1][0]] or stretches
    clauses = tuple(found.span() for part in stretches for found in _CLAUSE.finditer(text, *part))
    asked = -1 if led and len(followed) == len(forms) else len(clauses) - 1
    return Restatement(clauses, (start, end), bool(forms), led, asked)
