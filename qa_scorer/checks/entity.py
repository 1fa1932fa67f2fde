"""``entity``: personal data and contacts in an agent's message that the customer had not given (H1).

Numbers are validated: an ID card by its checksum (GB 11643), a bank card by Luhn and its first digit. A masked
number (177****0087), a service hotline or an order number is none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from qa_scorer.checks.bearers import bearers, concerned, count_by_unit, responsible_for, show_found
from qa_scorer.checks.finding import Evaluator
from qa_scorer.checks.found import Found
from qa_scorer.checks.outcome import Outcome
from qa_scorer.checks.wording import guard_texts
from qa_scorer.matching.index import TextIndex
from qa_scorer.model.checks import Entity
from qa_scorer.model.rules import Rule
from qa_scorer.model.words import Role

_MIN_DIGITS = 7


def id_card_is_valid(number: str) -> bool:
    """The check character of an 18-character ID number."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return "10x98765432"[total % 11] == number[17].lower()


def luhn_is_valid(number: str) -> bool:
    """The Luhn checksum of a string of digits."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _bank_card(number: str) -> bool:
    return 16 <= len(number) <= 19 and number[0] in "3456" and luhn_is_valid(number)


def _any(_: str) -> bool:
    return True


_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PLACE = r"[\u4e00-\u9fff]"
_KINDS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "mobile": (re.compile(r"(?<![\d*])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?![\d*])"), _any),
    "id_card": (re.compile(rf"(?<![\da-z])([1-9]\d{{5}}{_DAY}\d{{3}}[\dx])(?![\da-z])"), id_card_is_valid),
    "bank_card": (re.compile(r"(?<![\d*])(\d{4}(?:[- ]?\d){12,15})(?![\d*])"), _bank_card),
    "email": (re.compile(r"(?<![\w.])([a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z]{2,})+)", re.ASCII), _any),
    "wechat": (re.compile(r"(?:微信|微信号|vx|wx|v信|威信)号?[:： 是为]*([a-z][a-z0-9_-]{5,19})"), _any),
    "qq": (re.compile(r"(?:qq|扣扣|企鹅)号?[:： 是为]*([1-9]\d{4,10})"), _any),
    "address": (
        re.compile(
            rf"({_PLACE}{{2,8}}(?:省|市|区|县|镇|乡)?{_PLACE}{{0,12}}(?:路|街|巷|弄|道|村|里|小区|花园|苑|大厦)"
            rf"{_PLACE}{{0,6}}\d+(?:号|弄|栋|幢|座|楼)(?:[\u4e00-\u9fff]?\d*(?:号|栋|幢|座|楼|单元|室|层))*)"
        ),
        lambda text: re.search(r"\d+(?:室|单元|栋|幢)", text) is not None,
    ),
}  # fmt: skip
_IN_ORIGINAL = {"url": re.compile(r"((?:https?://|www\.)[\x21-\x7e]+)", re.IGNORECASE)}
_WITHOUT_DIGITS = {"email", "url", "wechat"}
"""Kinds that may hold no digit."""
_SIGNS = {"email": "@", "wechat": "xv信", "qq": "q扣企", "address": "号室栋幢弄座楼"}


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
        chosen = chosen[search.index.digits(search.numbers[chosen]) > 0]
    spans = {
        (text, start, end)
        for text in chosen.tolist()
        for start, end in _entities(kinds, search.texts[text], search.index, int(search.numbers[text]))
    }
    rows = np.array(sorted(spans), dtype=np.int64).reshape(-1, 3)
    return Found(rows[:, 0], rows[:, 1], rows[:, 2], np.full(len(rows), -1, dtype=np.int64))


def _entities(kinds: tuple[str, ...], original: str, index: TextIndex, number: int) -> Iterator[tuple[int, int]]:
    """(start, end) of every valid entity of a text, in the original."""
    clean = index.clean(number)
    digits = sum(map(str.isdecimal, clean))
    for kind in kinds:
        if kind in _IN_ORIGINAL:
            yield from (found.span(1) for found in _IN_ORIGINAL[kind].finditer(original))
            continue
        signs = _SIGNS.get(kind)
        needed = 0 if kind == "email" else 1 if signs else _MIN_DIGITS
        if digits < needed or (signs and not any(sign in clean for sign in signs)):
            continue
        regex, valid = _KINDS[kind]
        for found in regex.finditer(clean):
            bare = found[1].replace(" ", "").replace("-", "") if kind in ("mobile", "bank_card") else found[1]
            if valid(bare):
                origin = index.clean_origin(number)
                yield int(origin[found.start(1)]), int(origin[found.end(1) - 1]) + 1


def _given(view: Evaluator, message: int, start: int, end: int) -> bool:
    """The customer wrote the same before, blanks and hyphens aside."""
    batch = view.batch
    told = _letters(batch.texts[message][start:end])
    first = int(batch.conv_start[batch.conv[message]])
    return any(batch.role[row] == Role.CUSTOMER and told in _letters(batch.texts[row]) for row in range(first, message))


def _letters(text: str) -> str:
    return "".join(char for char in text.translate(_HALF_WIDTH).lower() if char.isalnum())


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
