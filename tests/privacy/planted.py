"""Personal data that nobody owns, for planting: valid by form and checksum."""

from __future__ import annotations

from hypothesis import strategies as st

from qa_scorer.privacy.digits import luhn_is_valid

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WIDE = {ord("0") + n: 0xFF10 + n for n in range(10)}


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def _id_card(area: str, day: str, order: str) -> str:
    number = area + day + order
    return number + "10X98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=True)) % 11]


def _bank_card(start: str, body: str) -> str:
    return next(start + body + last for last in "0123456789" if luhn_is_valid(start + body + last))


def _mobile(start: str, body: str, between: str, wide: bool) -> str:
    number = between.join((start + body[0], body[1:5], body[5:]))
    return number.translate(_WIDE) if wide else number


mobiles = st.builds(
    _mobile, st.sampled_from(["13", "15", "17", "18", "19"]), _digits(9), st.sampled_from(["", " ", "-"]), st.booleans()
)
id_cards = st.builds(
    _id_card, st.sampled_from(["110101", "330106", "510104"]), st.sampled_from(["19900307", "20011231"]), _digits(3)
)
bank_cards = st.builds(_bank_card, st.sampled_from(["6222", "4111", "5105"]), _digits(11))
landlines = st.builds(
    "{}-{}".format, st.sampled_from(["010", "021", "0571"]), st.from_regex(r"[2-8][0-9]{7}", fullmatch=True)
)
emails = st.builds(
    "{}@{}".format,
    st.from_regex(r"[a-z][a-z0-9._-]{2,12}[a-z0-9]", fullmatch=True),
    st.sampled_from(["example.com", "mail.example.com.cn", "163.example.net"]),
)
addresses = st.builds(
    "{}{}{}号{}栋{}室".format, st.sampled_from(["云州市江北区", "东海省临江市南桥区"]), st.sampled_from(["梧桐路", "学府街"]),
    st.integers(1, 999), st.integers(1, 30), st.integers(101, 3000),
)  # fmt: skip
personal = st.one_of(mobiles, id_cards, bank_cards, landlines, emails, addresses)
words = st.text("您好请问可以麻烦发一下吗谢谢，。！？ \n", max_size=12)
