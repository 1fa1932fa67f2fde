"""Texts whose messages have heads of several lines, rewritten with heads of one line: subtitles and mail.

Subtitles (WebVTT, SRT) give a range of time above each text and the speaker as ``<v Name>`` or ``Name:``; mail and its kin
give ``From:``, ``To:``, ``Date:`` lines, also in Chinese.
"""

from __future__ import annotations

import re

from qa_scorer.late import late

_CUE = late(
    r"(?:^[^\n]*\n)?^\s*(?P<start>(?:\d{1,2}:)?\d{1,2}:\d{2})(?:[.,]\d{1,3})?\s*-->\s*(?:\d{1,2}:)?\d{1,2}:\d{2}[^\n]*\n"
    r"(?P<text>(?:[^\n]*\S[^\n]*(?:\n|\Z))+)",
    re.MULTILINE,
)
_VOICE = late(r"^\s*<v(?:\.[^\s>]+)*\s+(?P<name>[^<>]+)>(?P<text>.*?)(?:</v>)?\s*$", re.DOTALL)
_FIELD = r"(?:from|to|cc|bcc|date|sent|subject|reply-to|发件人|收件人|抄送|发送时间|时间|日期|主题)"
_MAIL = late(
    rf"^(?:From|发件人)[ \t]*[:：][ \t]*(?P<sender>[^\n]+)\n(?P<rest>(?:{_FIELD}[ \t]*[:：][^\n]*\n)+)",
    re.MULTILINE | re.IGNORECASE,
)
_DATE = late(
    r"^(?:date|sent|发送时间|时间|日期)[ \t]*[:：][ \t]*(?P<date>[^\n]+?)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_ADDRESS = late(r"\s*[<(\[][^<>\s]+@[^<>\s]+[>)\]]\s*$")
_FEW = 2


def one_line_heads(text: str) -> str:
    """``text`` with ``[00:01:05] Name: …`` for subtitles and ``2024-10-01 09:12:03 Name`` above the text for mail; any
    other text as it is."""
    if text.count("-->") >= _FEW and len(_CUE.findall(text)) >= _FEW:
        return _CUE.sub(_cue, text)
    if len(_MAIL.findall(text)) >= _FEW:
        return _MAIL.sub(_mail, text)
    return text


def _cue(found: re.Match[str]) -> str:
    start = found["start"]
    clock = start if start.count(":") > 1 else f"00:{start}"
    said = " ".join(line.strip() for line in found["text"].splitlines())
    voice = _VOICE.match(said)
    return f"[{clock}] {voice['name'].strip()}: {voice['text'].strip()}\n" if voice else f"[{clock}] {said}\n"


def _mail(found: re.Match[str]) -> str:
    sender = _ADDRESS.sub("", found["sender"]).strip(" \"'") or found["sender"].strip()
    date = _DATE.search(found["rest"])
    return f"{_plain_date(date['date']) if date else ''} {sender}\n".lstrip()


def _plain_date(date: str) -> str:
    """``Tue, 01 Oct 2024 09:12:03 +0800`` -> ``2024-10-01 09:12:03``, by the clock of the sender; others as they are."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(date).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return date
