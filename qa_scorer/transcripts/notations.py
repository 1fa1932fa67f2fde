"""The notations of transcripts in running text: how the head of a message looks, and the messages between the heads.

One table of regular expressions, tried on a sample; the notation whose heads are most frequent reads the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_scorer.late import late

_CLOCK = (
    r"(?:(?:上午|下午|凌晨|早上|中午|晚上)\s?)?\d{1,2}[:：]\d{1,2}(?:[:：]\d{1,2}(?:\.\d{1,6})?)?(?:\s?[AaPp][Mm])?"
)
_DAY = r"(?:\d{4}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})"
_VAGUE_DAY = rf"(?:{_DAY}|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}-\d{{1,2}}|前天|昨天|今天|(?:星期|周)[一二三四五六日天]|(?:[Yy]esterday|[Tt]oday)(?: at)?)"
_WEEKDAY = r"(?:\s*[(（]?(?:星期|周|週)[一二三四五六日天][)）]?|,?\s*\(?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\)?)"
_MOMENT = rf"{_VAGUE_DAY}{_WEEKDAY}?,?(?:[ T ]+|(?=[上下凌早中晚])){_CLOCK}"
_TIME = rf"(?P<time>{_MOMENT}|{_CLOCK}|{_DAY})"
_FULL = rf"(?P<time>{_MOMENT})"
_NO_TIME = r"(?!\d{1,2}[月\-]\d|前天 |昨天 |今天 |\d{4}[-/.年]\d|\d{1,2}[:：]\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d)"
_NAME = rf"(?P<sender>{_NO_TIME}\S.{{0,58}}?)"
_SHORT = r"(?P<sender>[^\s:：>,，。!！?？][^:：>,，。!！?？]{0,28}?(?::[^\s:：>,，。]{1,20})?)"
_OPEN, _CLOSE = r"[\[【(（]?", r"[\]】)）]?"


@dataclass(frozen=True, slots=True)
class Notation:
    """``head`` finds the line that begins a message; its groups are time, sender, text and offset, none of them needed.

    ``timed``: a head holds a time. ``next_line``: the line under the head is ``sender: text``.
    """

    name: str
    head: re.Pattern[str]
    timed: bool = True
    next_line: bool = False
    needs_roles: bool = False


@dataclass(slots=True)
class Spoken:
    """One message of a text; ``time`` as written, ``day`` from the last banner, ``offset`` seconds since the start,
    ``heading`` the conversation's id above it (``会话 12``), ``block`` how many ruled lines part it from the first."""

    sender: str
    text: str
    time: str | None = None
    day: str | None = None
    offset: int | None = None
    heading: str | None = None
    block: int = 0


NOTATIONS: tuple[Notation, ...] = (
    Notation("( 1m 13s ) sender: text", late(
        rf"^\s*\(\s*(?P<offset>(?:\d+\s*h\s*)?(?:\d+\s*m\s*)?(?:\d+\s*s)?)\s*\)\s*{_NAME}:\s?(?P<text>.*)$"), timed=False),
    Notation("time, then sender: text below", late(rf"^\s*{_OPEN}{_TIME}{_CLOSE}\s*$"), next_line=True),
    Notation("time sender text, parted by tabs", late(
        rf"^\s*{_OPEN}{_TIME}{_CLOSE}\t+(?P<sender>[^\t]{{1,60}})\t+(?P<text>.*)$")),
    Notation("[time] sender: text", late(
        rf"^\s*{_OPEN}{_TIME}{_CLOSE}\s*[-–|,，]?\s*{_NAME}\s*(?:：\s?|:\s|:$|[|>]\s?)(?P<text>.*)$")),
    Notation("sender [time]: text", late(
        rf"^\s*{_NAME}\s*{_OPEN}\s*{_TIME}\s*{_CLOSE}\s*[:：>](?!\d)\s?(?P<text>.*)$")),
    Notation("time sender, text below", late(
        rf"^\s*{_OPEN}{_FULL}{_CLOSE}\s+(?P<sender>\S.{{0,58}}?)\s*[:：]?\s*$")),
    Notation("sender time, text below", late(rf"^\s*{_NAME}(?:\s+|(?<=[】\])）])){_OPEN}{_TIME}{_CLOSE}\s*[:：]?\s*$")),
    Notation("sender: text", late(rf"^\s*{_SHORT}\s*[:：>]\s?(?P<text>.*)$"), timed=False, needs_roles=True),
)  # fmt: skip

_BANNER = late(rf"^[-=|*~·—–─\s]*(?:日期|Date)?\s*[:：]?\s*(?P<day>{_DAY}){_WEEKDAY}?\s*[-=|*~·—–─\s]*$")
_HEADING = late(
    r"^[^\w]*(?:(?:会话|对话|咨询|工单|服务单|聊天记录|conversation|session|chat|ticket|dialogue?)\s*(?:id|编号|单号|序号|号|no\.?|number)?"
    r"[\s:：#]*(?P<id>(?=[\w\-]*\d)[A-Za-z0-9][A-Za-z0-9_\-]{0,60})|第\s*(?P<number>\d{1,6})\s*[个段通条则]?\s*(?:会话|对话|咨询|聊天记录))[^\w]*$",
    re.IGNORECASE,
)
_DIGIT = late(r"\d")
_DECORATION = "=-#*~—–─_【[（(<《"
_RULE = late(r"^\s*[|\-=*_+—–─~]{4,}\s*$")
_SENDER_TEXT = late(r"^(?P<sender>[^\n]{1,60}?)(?:：\s?|:\s|:$|:(?=[^\w\s]))(?P<text>.*)$")
_CLIENT_HEADER = late(r"^\s*(消息记录|消息分组|消息对象|聊天记录导出|导出时间)[^\n]*$")
_SPEAKING = late(
    r"^(客服|访客|客户|用户|买家|卖家|顾客|坐席|座席|机器人|系统|人工|商家|我|对方|店|客|服|"
    r"agent|customer|user|visitor|bot|system|assistant|client|[AQCBS问答])",
    re.IGNORECASE,
)
_ROLE_BEFORE = late(r"^\s*[\[【(（](?P<role>[^\[\]【】()（）]{1,12})[\]】)）]\s*(?P<name>\S.*)$")
_BREAK = late(
    r"(?:\s*<\s*/?\s*(?:br|p|div|li|ul|ol|dl|dt|dd|tr|table|section|article|blockquote|h\d)\b[^<>]*>)+\s*",
    re.IGNORECASE,
)
_APART = late(
    r"(</\s*(?:span|b|strong|em|i|a|label|time|small|font|td|th)\s*>)\s*(?=<\s*(?:span|b|strong|em|i|a|label|time|small|font|td|th)\b)",
    re.IGNORECASE,
)
_HEADLINE = late(r"<\s*(?:h\d|hr)\b[^<>]*>", re.IGNORECASE)
_UNSEEN = late(r"<\s*(head|style|script|title)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = late(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--)>", re.DOTALL)
EMPTY_CELL = late(
    r"^\s*[(（\[【]?\s*(无聊天内容|无聊天记录|无会话记录|暂无记录|无消息|no messages|empty)\s*[)）\]】]?\s*$",
    re.IGNORECASE,
)


def heading_id(line: str) -> str | None:
    """The conversation that a line such as ``===== 会话 12 =====`` announces, or None."""
    found = _HEADING.match(line)
    return None if found is None else found["id"] or found["number"]


def best_notation(texts: Sequence[str]) -> Notation | None:
    """The notation with the most heads in the sample, or None when none is frequent enough."""
    best: tuple[float, Notation] | None = None
    lines = [
        line
        for text in texts
        for line in text.splitlines()[:400]
        if line.strip() and not _RULE.match(line) and not _HEADING.match(line)
    ]
    digits = any(map(_DIGIT.search, lines))
    for notation in NOTATIONS:
        if notation.timed and not digits:
            continue  # its regex is long to compile, and short chats without times are common
        matches = [notation.head.match(line) for line in lines]
        if not notation.next_line and "text" not in notation.head.groupindex:
            # The text stands below: a line that is followed by another such line is no head.
            matches = [None if after else found for found, after in zip(matches, [*matches[1:], None], strict=True)]
        heads = [found for found in matches if found]
        if notation.needs_roles and not _recurring(heads, len(lines)):
            continue
        score = len(heads) / max(1, len(lines)) * (2 if notation.next_line else 1)
        if len(heads) >= 2 and score > 0.15 and (best is None or score > best[0] * 1.1):
            best = (score, notation)
    return None if best is None else best[1]


def _recurring(heads: list[re.Match[str]], lines: int) -> bool:
    """Whether ``name: text`` heads are speakers: few names, several of them said again or named as a role."""
    names = [found["sender"] for found in heads]
    distinct = set(names)
    named = sum(1 for name in names if _SPEAKING.match(name))
    return len(names) >= 0.5 * lines and 2 <= len(distinct) <= max(2, len(names) // 2 + 1) and named >= 0.3 * len(names)


def looks_html(text: str) -> bool:
    return bool(_BREAK.search(text)) or bool(re.search(r"</?(?:p|div|span|b|strong)\b[^<>]*>", text))


def html_to_text(text: str) -> str:
    """HTML -> text, one line per block or break, an empty one before headlines and rules, a blank between neighbours in one
    line, entities resolved."""
    text = _HEADLINE.sub("\0", _UNSEEN.sub("", text))
    text = _BREAK.sub("\n", _APART.sub(r"\1 ", text))
    return html.unescape(_TAG.sub("", text)).replace("\xa0", " ").replace("\0", "\n\n")


@dataclass(slots=True)
class _Above:
    """What the lines between the messages have said so far."""

    notation: Notation
    day: str | None = None
    heading: str | None = None
    block: int = 0
    _before: str = ""

    def takes(self, line: str, current: Spoken | None) -> bool:
        """Whether the line belongs to no message: a day, a conversation's heading, a rule, a client's header."""
        opens = not self._before or line[:1] in _DECORATION or _RULE.match(self._before)
        self._before = line.strip()
        banner = _BANNER.match(line)
        if banner and not (self.notation.next_line and self.notation.head.match(line) and ":" in line):
            self.day = banner["day"]
            return True
        titled = _HEADING.match(line) if opens else None
        if titled:
            self.heading = titled["id"] or titled["number"]
            return True
        if _RULE.match(line):
            self.block += current is not None and current.block == self.block
            return True
        return current is None and bool(_CLIENT_HEADER.match(line))


def split_messages(text: str, notation: Notation) -> Iterator[Spoken]:
    """The messages of one text. Lines before the first head belong to no message and are left out."""
    above = _Above(notation)
    current: Spoken | None = None
    body: list[str] = []
    awaits_sender = False
    for line in text.splitlines():
        if above.takes(line, current):
            continue
        head = notation.head.match(line)
        if head:
            if current is not None:
                yield _finished(current, body)
            groups = head.groupdict()
            current = Spoken(
                sender=_name_of(groups.get("sender") or ""), text="", time=groups.get("time"), day=above.day,
                offset=_seconds(groups["offset"]) if groups.get("offset") else None,
                heading=above.heading, block=above.block,
            )  # fmt: skip
            body = [groups["text"]] if groups.get("text") is not None else []
            awaits_sender = notation.next_line
        elif current is not None:
            if awaits_sender and line.strip():
                current.sender, line = _sender_of(line)
                awaits_sender = False
            body.append(line)
    if current is not None:
        yield _finished(current, body)


def _name_of(sender: str) -> str:
    """``[客服] 小李`` -> ``小李(客服)``, as other platforms write it; brackets around the whole name are left out."""
    found = _ROLE_BEFORE.match(sender)
    return f"{found['name']}({found['role']})" if found else sender.strip(" 【】[]*_`")


def _sender_of(line: str) -> tuple[str, str]:
    """``某店:小美: 亲，在的`` -> (``某店:小美``, ``亲，在的``); the name ends at a colon with a blank or a wide
    colon."""
    found = _SENDER_TEXT.match(line)
    if found is None:
        return "", line
    sender, text = found["sender"], found["text"]
    again = _SENDER_TEXT.match(text)
    if again and re.search(r"(店|商城|公司)$", sender) and len(again["sender"]) <= 16:
        return f"{sender}:{again['sender']}", again["text"]
    return sender.strip(), text


def _finished(message: Spoken, body: list[str]) -> Spoken:
    message.text = "\n".join(body).strip()
    return message


def _seconds(offset: str) -> int:
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)\s*([hms])", offset))
