"""Numbers, durations, sums of money and days in Chinese text, as values that can be compared.

三天 and 3天 are one value, so are 半个月 and 15天, 一礼拜 and 七天, 两百块 and 200元. What a value is measured in is its
*unit*: minutes for durations, 元 for money, the counter word for other things, and names for days (``weekday``,
``day`` for 昨天, ``date`` for 3号, ``clock`` for 十点半).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_scorer.late import late

MINUTES = "minutes"
MONEY = "元"
TIMES = "次"
WEEKDAY = "weekday"
DAY = "day"
DATE = "date"
CLOCK = "clock"
_DIAL = 12
"""Hours of a clock's face: 15点 is 下午三点."""
_NAMED = (WEEKDAY, DAY, DATE, CLOCK)
"""Points in time: their sums mean nothing."""
BARE = ""

_DAY_MINUTES = 1440.0
_MINUTES_OF = {
    "秒钟": 1 / 60, "秒": 1 / 60, "分钟": 1.0, "刻钟": 15.0,
    "小时": 60.0, "钟头": 60.0, "个钟": 60.0,
    "天": _DAY_MINUTES, "周": 7 * _DAY_MINUTES, "星期": 7 * _DAY_MINUTES, "礼拜": 7 * _DAY_MINUTES,
    "个月": 30 * _DAY_MINUTES, "月": 30 * _DAY_MINUTES, "年": 365 * _DAY_MINUTES,
}  # fmt: skip
_MONEY_OF = {"元": 1.0, "块钱": 1.0, "块": 1.0, "圆": 1.0, "毛": 0.1, "角": 0.1}
_TIMES_OF = dict.fromkeys("次回遍趟", 1.0)
_COUNTERS = "件个只台双条瓶箱包盒袋张本套份部辆片人位桶罐支间晚户笔单项期节桌杯斤克升寸码级折"
_DAY_NAMES = {
    "大前天": 3, "前天": 2, "前晚": 2, "前日": 2, "昨天": 1, "昨晚": 1, "昨日": 1, "昨儿": 1, "昨夜": 1,
    "明天": -1, "明早": -1, "明晚": -1, "明日": -1, "明儿": -1, "大后天": -3, "后天": -2,
    "上上周": 14, "上上个月": 60, "上个月": 30, "上月": 30, "下个月": -30, "下月": -30,
    "去年": 365, "前年": 730, "明年": -365,
}  # fmt: skip
_WEEKS = {"上": 7, "下": -7}

_FIGURE = r"\d+(?:\.\d+)?万?"
_NUMERAL = r"[零〇一二两俩仨三四五六七八九十百千万]+"
_UNITS = "|".join(
    r"(?<=[俩仨])月" if unit == "月" else unit  # 两月 is a month of the year
    for unit in sorted({*_MINUTES_OF, *_MONEY_OF, *_TIMES_OF, *_COUNTERS}, key=len, reverse=True)
)
_FIRST = r"(?=[\d零〇一二两俩仨三四五六七八九十百千万个半大前昨明后上下去周星礼])"
"""Every quantity begins with one of these: elsewhere none of the kinds need be tried."""
_QUANTITY = late(
    rf"{_FIRST}(?:(?P<week>(?P<which>[上下])?(?:一?个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-6])(?!个))"
    rf"|(?P<lastweek>[上下](?:一?个)?(?:周|星期|礼拜))"
    rf"|(?P<day>{'|'.join(sorted(_DAY_NAMES, key=len, reverse=True))})"
    rf"|(?:(?P<month>\d+|[一二三四五六七八九十]+)月)?(?P<date>\d+|[一二三四五六七八九十]+)(?:号|日)(?![楼线码店])"
    rf"|(?P<clock>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})点(?P<past>半|钟|整)?(?![\d一])"
    rf"|半(?P<half>(?:个)?(?:小时|钟头|钟|月|星期|礼拜)|天|年|日)"
    rf"|(?P<price>{_FIGURE}|{_NUMERAL})块(?P<dime>[\d一二三四五六七八九])(?![\d个])"
    rf"|(?P<number>{_FIGURE}|{_NUMERAL})(?:多|来|几|整)?(?:个(?=半|小时|钟|星期|礼拜))?(?P<plus>半)?(?P<unit>{_UNITS})?(?P<later>半)?)"
)
_PAID = late(r"[收付扣花充退交卖价贵缴赔]\D{0,3}$")
_SUM = late(r"的?(?:押金|定金|订金|保证金|违约金|现金|红包|年费|话费|运费|邮费|手续费|服务费|罚款|差价)")
_MAYBE = late(r"[1-9零〇一二两俩仨三四五六七八九十百半昨前明后上下去周星礼]")
"""Every quantity holds one of these; most texts hold none."""
_HALVES = {"小时": 30.0, "钟头": 30.0, "钟": 30.0, "月": 15 * _DAY_MINUTES, "星期": 3.5 * _DAY_MINUTES,
           "礼拜": 3.5 * _DAY_MINUTES, "天": 720.0, "日": 720.0, "年": 182.5 * _DAY_MINUTES}  # fmt: skip
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_WEEKDAYS = {char: value for value, char in enumerate("一二三四五六日", start=1)} | {"天": 7, "末": 7}
_MOST_DIGITS = 6
"""More digits are a number's name (order, telephone), no amount."""
_NO_NUMBERS = ("千万", "万一", "百万", "千百", "万千")
"""Words for "by all means", "in case" and "very many"."""
_MOST_TOLD = 4
"""Beyond so many told values anything can be a sum of some of them, so nothing contradicts."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit and its place in the text (code points)."""

    value: float
    unit: str
    start: int
    end: int


def read_number(text: str) -> float:
    """The value of a figure or a Chinese numeral: 3, 1.5万, 二十五, 一百二."""
    if text[0].isdigit():
        return float(text[:-1]) * 10_000 if text[-1] == "万" else float(text)
    total = section = digit = 0
    last_power = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char] if last_power != 1 or not digit else digit * 10 + _DIGITS[char]
            continue
        power = _POWERS[char]
        if power == 10_000:
            total, section, digit = (total + section + digit) * power, 0, 0
        else:
            section, digit = section + (digit or 1) * power, 0
        last_power = power
    # 一百二 is 120: a last digit counts tenths of the power before it, unless a 零 stands between.
    if digit and last_power >= 100 and "零" not in text and "〇" not in text:
        digit *= last_power // 10
    return float(total + section + digit)


def read_quantities(text: str) -> list[Quantity]:
    """All quantities of a text in order. 一 with a counter (一个, 一下) is no quantity."""
    found: list[Quantity] = []
    if not _MAYBE.search(text):
        return found
    for match in _QUANTITY.finditer(text):
        value, unit = _meaning(match)
        start, end = match.span()
        if unit == BARE and (_PAID.search(text, max(0, start - 4), start) or _SUM.match(text, end)):
            unit = MONEY
        if value:
            found.append(Quantity(value, unit, start, end))
    return found


def _meaning(match: re.Match[str]) -> tuple[float, str]:
    """(value, unit) of a match; value 0 for what means nothing."""
    if match["week"]:
        digit = match["weekday"]
        return float(_WEEKDAYS.get(digit) or digit), WEEKDAY
    if match["lastweek"]:
        return float(_WEEKS[match["lastweek"][0]]), DAY
    if match["day"]:
        return float(_DAY_NAMES[match["day"]]), DAY
    if match["date"]:
        month = read_number(match["month"]) if match["month"] else 0
        return month * 100 + read_number(match["date"]), DATE
    if match["clock"]:
        hour = read_number(match["clock"])
        # 一点 is a bit, unless it strikes.
        minutes = hour % _DIAL * 60 + 30 * (match["past"] == "半")
        return (minutes or _DIAL * 60.0, CLOCK) if hour > 1 or match["past"] else (0.0, CLOCK)
    if match["half"]:
        return _HALVES[match["half"].removeprefix("个")], MINUTES
    if match["price"]:
        return read_number(match["price"]) + read_number(match["dime"]) / 10, MONEY
    return _amount(match)


def _amount(match: re.Match[str]) -> tuple[float, str]:
    number, unit = match["number"], match["unit"]
    value = read_number(number) + (0.5 if match["plus"] or match["later"] else 0.0)
    if unit is None:
        is_amount = 2 <= len(number) <= _MOST_DIGITS and (number[0].isdigit() or value >= 10)
        return (value, BARE) if is_amount and number not in _NO_NUMBERS else (0.0, BARE)
    if unit in _MINUTES_OF:
        return value * _MINUTES_OF[unit], MINUTES
    if unit in _MONEY_OF:
        return value * _MONEY_OF[unit], MONEY
    if value == 1 or len(number) > _MOST_DIGITS:
        return 0.0, unit
    return value, TIMES if unit in _TIMES_OF else unit


def derivable(told: Sequence[Quantity]) -> dict[str, set[float]]:
    """What follows from the told values: themselves, their sums and differences per unit, days between weekdays,
    hours between times of day, on a face of twelve hours.

    A bare number may stand for any unit. Days named by distance (昨天) are durations too.
    """
    values: dict[str, set[float]] = {}
    for quantity in told:
        values.setdefault(quantity.unit, set()).add(quantity.value)
    bare = values.get(BARE, set())
    result: dict[str, set[float]] = {}
    for unit, given in values.items():
        every = given if unit in _NAMED else given | bare
        result[unit] = set(every)
        if unit not in _NAMED:
            for one, other in itertools.combinations(every, 2):
                result[unit] |= {one + other, abs(one - other)}
    times = values.get(TIMES, set())
    result.setdefault(MONEY, set()).update(bare, (n * price for n in times for price in values.get(MONEY, set())))
    for one, other in itertools.combinations(bare, 2):
        result[MONEY] |= {one + other, abs(one - other)}
    durations = result.setdefault(MINUTES, set())
    durations.update(abs(day) * _DAY_MINUTES for day in values.get(DAY, set()))
    for one, other in itertools.permutations(values.get(CLOCK, set()), 2):
        durations.add((one - other) % (_DIAL * 60))
    for one, other in itertools.permutations(values.get(WEEKDAY, set()), 2):
        durations.add((one - other) % 7 * _DAY_MINUTES)
    named = result.setdefault(DAY, set())
    named.update(span / _DAY_MINUTES * sign for span in durations for sign in (1, -1))
    return result


def follows(quantity: Quantity, known: dict[str, set[float]]) -> bool:
    """The quantity is told or follows from what was told. Durations may differ by 3 % (30 and 31 days a month)."""
    slack = 0.03 * abs(quantity.value) if quantity.unit == MINUTES else 0.001
    units: Iterable[str] = (quantity.unit, BARE) if quantity.unit not in _NAMED else (quantity.unit,)
    return any(abs(quantity.value - value) <= slack for unit in units for value in known.get(unit, ()))


def contradicted(quantity: Quantity, told: Sequence[Quantity], known: dict[str, set[float]]) -> Quantity | None:
    """The told value of the same unit that the quantity puts wrong, None when it follows or nothing is comparable."""
    same = [other for other in told if other.unit == quantity.unit]
    if quantity.unit == BARE or not same or follows(quantity, known):
        return None
    return same[0] if len({other.value for other in same}) <= _MOST_TOLD else None
