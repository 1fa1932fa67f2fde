"""``entity``: personal data and contacts in an agent's message that the customer had not given (H1).

Numbers, in figures or Han digits, are validated: an ID card by its checksum (GB 11643), a bank card by Luhn and its first
digit. A masked number (177****0087), a service hotline or an order number is none of these. What they look like is written in
``qa_scorer.privacy``, which masks them in all that is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from qa_scorer.checks.bearers import bearers, concerned, count_by_unit, responsible_for, show_found
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.wording import guard_texts
from qa_scorer.late import late
from qa_scorer.matching.index import TextIndex
from qa_scorer.matching.search import Search
from qa_scorer.model.checks import Entity
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import Role
from qa_scorer.privacy.addresses import addresses
from qa_scorer.privacy.digits import HAN_DIGITS, LEAST_DIGITS, all_numbers, in_figures
from qa_scorer.privacy.personal import emails

_NUMBERS = ("mobile", "id_card", "bank_card")
_CONTACTS = {
    "wechat": (late(r"(?:微信|微信号|vx|wx|v信|威信)号?[:： 是为]*([a-z][a-z0-9_-]{5,19})"), "xv信"),
    "qq": (late(r"(?:qq|扣扣|企鹅)号?[:： 是为]*([1-9]\d{4,10})"), "q扣企"),
}
"""What follows the name of a messenger, and the signs of which such a text holds one."""
_URL = late(r"((?:https?://|www\.)[\x21-\x7e]+)", re.IGNORECASE)
_WITHOUT_DIGITS = {"email", "url", "wechat"}
"""Kinds that may hold no digit."""


def judge(params: Entity, rule: Rule, view: Evaluator) -> Outcome:
    """Fail for every entity that is told, not excused, and not the customer's own word."""
    batch = view.batch
    who = responsible_for(rule, params.scope)
    found = view.recall(
        ("entity", params.kinds), batch.mask(params.scope), lambda texts: _look(params.kinds, view, texts)
    )
    guarded = view.excuse(found.message, found.start, found.end, params.except_)
    excuses = guard_texts(params.except_)
    if params.unless_given:
        spans = zip(found.message.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
        given = np.array([_given(view, *span) for span in spans], dtype=np.bool_)
        guarded = np.where((guarded < 0) & given, len(excuses), guarded)
        excuses = (*excuses, "given by the customer")
    found = Found(found.message, found.start, found.end, guarded)
    outcome = Outcome.absent(batch.units)
    hits = count_by_unit(bearers(batch, who, found.message[found.counted]), batch.units)
    units = concerned(batch, who)
    outcome.decide(units, hits[units] == 0, hits[units])
    show_found(outcome, view, who, found, excuses)
    return outcome


def _look(kinds: tuple[str, ...], view: Evaluator, texts: np.ndarray) -> Found:
    """Every valid entity in the chosen texts of the search (bool, t); ``message`` is a text."""
    search = view.search
    chosen = np.flatnonzero(texts)
    if not _WITHOUT_DIGITS & set(kinds):
        chosen = chosen[_with_digits(search, chosen)]
    spans = {
        (text, start, end)
        for text in chosen.tolist()
        for start, end in _entities(kinds, search.original(text), search.index, int(search.numbers[text]))
    }
    rows = np.array(sorted(spans), dtype=np.int64).reshape(-1, 3)
    return Found(rows[:, 0], rows[:, 1], rows[:, 2], np.full(len(rows), -1, dtype=np.int64))


def _with_digits(search: Search, texts: np.ndarray) -> np.ndarray:
    """Which of the texts of a search hold a figure, or as many Han digits as a number has, bool."""
    spoken = pc.count_substring_regex(search.originals(texts), f"[{HAN_DIGITS}]").to_numpy() >= LEAST_DIGITS
    with_digits: np.ndarray = (search.index.digits(search.numbers[texts]) > 0) | spoken
    return with_digits


def _entities(kinds: tuple[str, ...], original: str, index: TextIndex, number: int) -> Iterator[tuple[int, int]]:
    """(start, end) of every valid entity of a text, in the original."""
    if "url" in kinds:
        yield from (found.span(1) for found in _URL.finditer(original))
    clean = index.clean(number)
    spans = list(_in_clean(kinds, clean))
    if spans:
        origin = index.clean_origin(number)
        yield from ((int(origin[start]), int(origin[end - 1]) + 1) for start, end in spans)


def _in_clean(kinds: tuple[str, ...], clean: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every valid entity but links in a text's clean view."""
    if not set(kinds).isdisjoint(_NUMBERS):
        yield from ((found.start, found.end) for found in all_numbers(clean) if found.kind in kinds)
    if "email" in kinds:
        yield from emails(clean)
    if "address" in kinds:
        yield from ((found.start, found.end) for found in addresses(clean) if found.has_door)
    for kind in kinds:
        regex, signs = _CONTACTS.get(kind, (None, ""))
        if regex is not None and any(sign in clean for sign in signs):
            yield from (found.span(1) for found in regex.finditer(clean))


def _given(view: Evaluator, message: int, start: int, end: int) -> bool:
    """The customer wrote the same before, blanks and hyphens aside, in figures or Han digits."""
    batch = view.batch
    told = _letters(batch.texts[message][start:end])
    first = int(batch.conv_start[batch.conv[message]])
    return any(batch.role[row] == Role.CUSTOMER and told in _letters(batch.texts[row]) for row in range(first, message))


def _letters(text: str) -> str:
    return "".join(char for char in in_figures(text.translate(_HALF_WIDTH)).lower() if char.isalnum())


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
