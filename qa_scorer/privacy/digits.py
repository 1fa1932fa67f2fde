"""Phone, identity and card numbers in a text whose characters are folded (``matching.normalise.fold_table``).

A run is digits without a gap. A number is one run, or several with blanks, hyphens or dots between them in one of the
ways in which such numbers are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qa_scorer.late import late

LEAST_DIGITS = 7
"""No number that is looked for here has fewer."""

HAN_DIGITS = "〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_WRITTEN = str.maketrans(HAN_DIGITS, "0001234567891123456789")
_BETWEEN = r"[ \-().·_‐-―−\u00a0\u200b-\u200f\u2060\ufeff]{0,3}"
_GROUP = late(rf"[0-9](?:{_BETWEEN}[0-9]){{{LEAST_DIGITS - 1},}}x?")
_SPOKEN = late(rf"[{HAN_DIGITS}0-9](?:{_BETWEEN}[{HAN_DIGITS}0-9]){{{LEAST_DIGITS - 1},}}")
_RUN = late(r"[0-9]+x?")
_CHANGES = late(r"(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])")
_MOBILE = late(r"(?:(?:00)?86)?(1[3-9][0-9]{9})")
_LANDLINE = late(r"0(?:10|2[0-9])[2-8][0-9]{7}|0[3-9][0-9]{2}[2-8][0-9]{6,7}")
_LOCAL = late(r"[2-8][0-9]{6,7}")
_OTHER_CARD = late(r"4[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}")
_PROVINCE = late(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_MOBILE_RUNS = ((3, 4, 4), (3, 3, 5), (4, 3, 4), (3, 8), (7, 4), (1,) * 11)
_MOST_DIGITS, _MOST_RUNS = 19, 11
_LABEL = 40
"""How far before a number its label is looked for, in characters."""
_ASKS_PHONE = late(r"(?:电话|座机|固话|手机|联系方式|tel|phone)(?:号码?|是|为|[^0-9\u4e00-\u9fff\n]){0,6}\Z")
_ASKS_CARD = late(r"(?:身份证|证件|银行卡|储蓄卡|信用卡|借记卡|卡号)(?:号码?|是|为|[^0-9\u4e00-\u9fff\n]){0,6}\Z")


@dataclass(frozen=True, slots=True)
class Number:
    """A number at ``start:end``.

    ``kind``: ``mobile``, ``id_card`` and ``bank_card`` are told by their form and checksum; ``landline``, ``local_phone``
    (by its label), ``other_card`` (13 to 15 digits), ``id_shape`` (a birthday in the right place, no valid checksum)
    and ``labelled_card`` (called a card, wrong checksum) are likely.
    """

    kind: str
    start: int
    end: int


def all_numbers(text: str) -> Iterator[Number]:
    """All numbers of a folded text, in figures or Han digits."""
    yield from numbers(text)
    yield from spoken_numbers(text)


def in_figures(text: str) -> str:
    """The text with figures for Han digits."""
    return text.translate(_WRITTEN)


def numbers(text: str) -> Iterator[Number]:
    """All numbers of a folded text that are written in figures, which do not overlap."""
    for group in _GROUP.finditer(text):
        runs = [_without_letter(text, *run.span()) for run in _RUN.finditer(text, *group.span())]
        yield from _of_group(text, [run for run in runs if not _in_hash(text, *run)])


def spoken_numbers(text: str) -> Iterator[Number]:
    """Mobile, identity and bank card numbers of a folded text that are written in Han digits, wholly or in part."""
    written = _SPOKEN.sub(lambda found: found[0].translate(_WRITTEN), text)
    if written != text:
        for number in numbers(written):
            said = text[number.start : number.end]
            if number.kind in ("mobile", "id_card", "bank_card") and not said.isascii():
                yield number


def id_card_is_valid(number: str) -> bool:
    """The check character of an 18-character ID number (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return "10x98765432"[total % 11] == number[17].lower()


def luhn_is_valid(number: str) -> bool:
    """The Luhn checksum of a string of digits."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _without_letter(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without an x that is no check character."""
    return start, end - (text[end - 1] == "x" and end - start != 18)


def _in_hash(text: str, start: int, end: int) -> bool:
    """The run stands in letters and digits that change places more than twice (9f3af13800138000f39): the id of a record,
    which happens to hold eleven digits in a row."""
    first, after = start, end
    while first and text[first - 1].isascii() and text[first - 1].isalnum():
        first -= 1
    while after < len(text) and text[after].isascii() and text[after].isalnum():
        after += 1
    return len(_CHANGES.findall(text, first, after)) > 2


def _of_group(text: str, runs: list[tuple[int, int]]) -> Iterator[Number]:
    """The numbers of neighbouring runs: single runs first, then the longest rows of runs."""
    single = [_of_run(text, start, end) for start, end in runs]
    yield from (number for number in single if number is not None)
    place = 0
    while place < len(runs):
        found = (
            None
            if single[place]
            else _of_row(text, runs[place : place + _MOST_RUNS], single[place : place + _MOST_RUNS])
        )
        if found is not None:
            yield found
        place += 1 if found is None else sum(1 for start, _ in runs[place:] if start < found.end)


def _of_run(text: str, start: int, end: int) -> Number | None:
    digits = text[start:end]
    if _is_masked(text, start, end):
        return None
    mobile = _MOBILE.fullmatch(digits)
    if mobile is not None:
        return Number("mobile", start + mobile.start(1), end)
    kind = _card(digits, _in_code(text, start))
    if kind is None and _LANDLINE.fullmatch(digits):
        kind = "landline"
    if kind is None and _LOCAL.fullmatch(digits) and _ASKS_PHONE.search(text, max(0, start - _LABEL), start):
        kind = "local_phone"
    if kind is None and 13 <= len(digits) <= 19 and _ASKS_CARD.search(text, max(0, start - _LABEL), start):
        kind = "labelled_card"
    return Number(kind, start, end) if kind else None


def _of_row(text: str, runs: list[tuple[int, int]], single: list[Number | None]) -> Number | None:
    """The longest number that begins with the first run and holds another one at least."""
    best = None
    digits, sizes = "", []
    for (start, end), taken in zip(runs, single, strict=True):
        digits += text[start:end]
        sizes.append(end - start)
        if taken is not None or len(digits) > _MOST_DIGITS:
            break
        if len(sizes) > 1 and not _is_masked(text, runs[0][0], end):
            in_code, lettered = _in_code(text, runs[0][0]), len(digits) == 17 and text[end : end + 1] == "x"
            kind = _spaced(digits + "x", (*sizes[:-1], sizes[-1] + 1), in_code) if lettered else None
            if kind:  # the check letter of an ID, which its last run alone has given up
                best = Number(kind, runs[0][0], end + 1)
                continue
            kind = _spaced(digits, tuple(sizes), in_code)
            best = Number(kind, runs[0][0], end) if kind else best
    return best


def _spaced(digits: str, sizes: tuple[int, ...], in_code: bool) -> str | None:
    """The kind of a number that is written in several runs."""
    if sizes in _MOBILE_RUNS and _MOBILE.fullmatch(digits):
        return "mobile"
    if sizes[0] in (3, 4) and len(sizes) <= 3 and _LANDLINE.fullmatch(digits):
        return "landline"
    kind = None if min(sizes[:-1]) < 3 else _card(digits, in_code)
    return kind if kind in ("id_card", "bank_card") else None


def _card(digits: str, in_code: bool) -> str | None:
    """The kind of an identity or card number. What stands in a code such as SF1234567890123 is a valid ID or nothing."""
    born = len(digits) == 18 and _is_birthday(digits[6:14]) and _PROVINCE.match(digits)
    if born and id_card_is_valid(digits):
        return "id_card"
    if in_code:
        return None
    if born:
        return "id_shape"
    if len(digits) == 15 and _is_birthday("19" + digits[6:12]) and _PROVINCE.match(digits):
        return "id_shape"
    if 16 <= len(digits) <= 19 and digits[0] in "3456" and digits.isdigit() and luhn_is_valid(digits):
        return "bank_card"
    if _OTHER_CARD.fullmatch(digits) and luhn_is_valid(digits):
        return "other_card"
    return None


def _is_birthday(digits: str) -> bool:
    if digits[:2] not in ("19", "20"):
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_masked(text: str, start: int, end: int) -> bool:
    """Whether the digits are what a mask has left of a number."""
    return text[start - 1 : start] == "*" or text[end : end + 1] == "*"


def _in_code(text: str, start: int) -> bool:
    """Whether a letter stands right before the digits."""
    before = text[start - 1 : start]
    return before.isascii() and before.isalpha()
