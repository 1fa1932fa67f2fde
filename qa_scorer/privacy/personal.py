"""What is personal in a text, and which of its characters are hidden. The one definition of masks and of the check ``entity``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_scorer.late import late
from qa_scorer.privacy.addresses import addresses
from qa_scorer.privacy.digits import Number, all_numbers
from qa_scorer.privacy.labelled import labelled

_MAILBOX = late(r"[a-z0-9._%+-]{1,64} ?\Z", re.IGNORECASE)
_DOMAIN = late(r" ?(?:[a-z0-9-]{1,63}\.){1,8}[a-z](?:[a-z0-9-]{0,22}[a-z0-9])", re.IGNORECASE)
_MAILBOX_MOST = 65
_KEPT = {
    "mobile": (3, 4),
    "id_card": (3, 4),
    "id_shape": (3, 4),
    "bank_card": (0, 4),
    "other_card": (0, 4),
    "labelled_card": (0, 4),
    "local_phone": (0, 4),
}
"""How many digits stay readable at the beginning and the end of a number."""
_ORDERS = late(
    r"(?:订单|单号|运单|快递|物流|流水|交易|编号|票号|保单|型号|货号|条码|条形码|序列|order|tracking)"
    r"(?:号码?|是|为|[^\u4e00-\u9fff\n])*\Z"
)
_ORDER_FOLLOWS = late(r"[^0-9\n]{0,4}(?:订单|单号|运单)")
_LIKE_ORDERS = ("bank_card", "other_card", "id_shape")
"""Kinds that one in ten order numbers looks like; in an order's place they are left alone."""
_LABEL = 40


def hidden(text: str) -> Iterator[int]:
    """The places of the characters that a mask hides in a folded text."""
    for number in all_numbers(text):
        if not (number.kind in _LIKE_ORDERS and _is_order(text, number)):
            yield from _of_number(text, number)
    for start, end in emails(text):
        yield from _of_email(text, start, end)
    for address in addresses(text):
        yield from _letters(text, address.shown, address.end)
    yield from labelled(text)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every e-mail address of a text."""
    at = text.find("@")
    while at >= 0:
        mailbox = _MAILBOX.search(text, max(0, at - _MAILBOX_MOST), at)
        domain = _DOMAIN.match(text, at + 1) if mailbox else None
        if mailbox and domain:
            yield mailbox.start(), domain.end()
        at = text.find("@", at + 1)


def _is_order(text: str, number: Number) -> bool:
    before = _ORDERS.search(text, max(0, number.start - _LABEL), number.start)
    return before is not None or _ORDER_FOLLOWS.match(text, number.end) is not None


def _of_number(text: str, number: Number) -> list[int]:
    places = _letters(text, number.start, number.end)
    first, last = _KEPT.get(number.kind) or (_area_code(text[number.start : number.end]), 4)
    return places[first : len(places) - last]


def _area_code(number: str) -> int:
    """Digits of a landline's area code: 010 and 02x have three, the others four."""
    return 3 if number[1] in "12" else 4


def _of_email(text: str, start: int, end: int) -> list[int]:
    """All but the first letter of a name that has several, and the top level domain."""
    at, dot = text.index("@", start, end), text.rindex(".", start, end)
    name = _letters(text, start, at)
    return (name[1:] or name) + _letters(text, at, dot)


def _letters(text: str, start: int, end: int) -> list[int]:
    return [place for place in range(start, end) if text[place].isalnum()]
