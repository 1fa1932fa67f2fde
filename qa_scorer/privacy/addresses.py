"""Postal addresses in a text whose characters are folded: named parts (省 市 区 路 小区) and numbered ones (号 栋 单元 室).

Numbers of doors are written 12, A3, 3-2-501 or 十二.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_scorer.late import late

HAN_NUMERALS = "零〇一二三四五六七八九十百两"
_COUNT = rf"(?:[a-z甲乙丙丁]?[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{0,3}}|[{HAN_NUMERALS}]{{1,6}})"
_NUMBERED = rf"(?:{_COUNT}(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|户|房|组|队)|[a-z]座)"
_DASHED = r"[a-z]?[0-9]{1,3}-[0-9]{1,3}-[0-9]{3,4}(?![0-9-])"
_TAIL = late(
    rf"{_NUMBERED}(?:[ ,，、-]?[\u4e00-\u9fff]{{0,8}}?{_NUMBERED}){{0,6}}"
    rf"(?:[ -]?(?:[0-9]{{3,4}}|[0-9]{{1,3}}(?:-[0-9]{{1,4}}){{1,3}})(?![0-9-]))?"
    rf"|(?<=[区园寓苑庭湾城村]){_DASHED}|(?<=[区园寓苑庭湾城村] ){_DASHED}"
)
_ENDS = late(
    rf"(?<=[0-9a-z{HAN_NUMERALS}])(?:(号楼|栋|幢|座)|(号院|号|弄|组|队)|(单元)|(室|楼|层|户|房))|([0-9]-[0-9]{{3,4}})(?![0-9-])"
)
_DASHED_DOOR = 5
"""Group of ``_ENDS``: building, unit and room in one."""
_NAMED = late(
    r"[\u4e00-\u9fff]{1,12}?(?:(省|自治区|特别行政区)|(市|自治州|盟)|([区县旗镇乡]|街道)|"
    r"(大道|路|街(?!道)|巷|胡同|村|屯)|(小区|花园|家园|公寓|大厦|广场|苑|园|府|庭|湾|城))"
)
_TOWN = 2
_STREET = 4
"""Groups of ``_NAMED`` up to which a part is the province or the city, and from which on it is a street or an estate."""
_HEAD = late(r"[\u4e00-\u9fff0-9a-z ,，、()·:：-]{2,40}\Z")
_PART_ENDS = late(r"[省市州盟区县旗镇乡道路街巷同村屯园寓厦场苑府庭湾城]")
_LEADS = late(r".*[到在至是址发给往住去](?=[\u4e00-\u9fff]{2})")
_NEAR = 8
_LEAST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Address:
    """An address at ``start:end``. ``shown`` is where its province and city end; ``has_door`` says that a building, a
    unit or a room is named."""

    start: int
    shown: int
    end: int
    has_door: bool


def addresses(text: str) -> Iterator[Address]:
    """Addresses with three kinds of parts at least, a street or an estate (or two numbered parts) among them."""
    for tail in _TAIL.finditer(text):
        found = _before(text, *tail.span())
        if found is not None:
            yield found


def _before(text: str, begin: int, end: int) -> Address | None:
    """The address that ends with the numbered parts at ``begin:end``."""
    if _PART_ENDS.search(text, max(0, begin - _NEAR - 1), begin) is None:
        return None  # most numbers are those of days and amounts
    head = _HEAD.search(text, max(0, begin - 40), begin)
    if head is None:
        return None
    named = list(_NAMED.finditer(text, head.start(), begin))
    if not named or begin - named[-1].end() > _NEAR:
        return None
    ends = {entry.lastindex for entry in _ENDS.finditer(text, begin, end)}
    kinds = {entry.lastindex or 0 for entry in named}
    placed = max(kinds) >= _STREET or (max(kinds) > _TOWN and len(ends) > 1)
    if not placed or len(kinds) + len(ends) + 2 * (_DASHED_DOOR in ends) < _LEAST_PARTS:
        return None
    shown = 0
    for entry in named:
        if (entry.lastindex or 0) > _TOWN:
            break
        shown = entry.end()
    start = _after_leading_words(text, *named[0].span())
    return Address(start, shown or start, end, bool(ends - {2}))


def _after_leading_words(text: str, start: int, end: int) -> int:
    """Where the name of the first part begins: 麻烦寄到 is none of it."""
    lead = _LEADS.match(text, start, end)
    return lead.end() if lead else start
