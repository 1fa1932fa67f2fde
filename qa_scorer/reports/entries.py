"""The entries of an agent's long lists as HTML: findings and conversations.

In Python, not in a template, because a run has tens of thousands; what repeats (advice, badges) comes from the templates once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from qa_scorer.reports import wording
from qa_scorer.reports.language import Language
from qa_scorer.reports.quote import Quoter, anchor, visible
from qa_scorer.results.summary import ConversationRow, Finding

_WITH_NEIGHBOURS = 500


class Entries:
    """Renders entries for pages in ``agents/``.

    ``parts`` are the macros of parts.html; ``chats`` has the address of each conversation's transcript from the folder of
    the run; ``dated`` says whether any conversation of the run has a time.
    """

    def __init__(self, language: Language, parts: Any, chats: Mapping[str, str], dated: bool) -> None:
        self._language = language
        self._chats = chats
        self._dated = dated
        self._quote = Quoter(language)
        self._whole = escape(language.gettext("whole chat"))
        self._badge: Callable[[str], str] = lru_cache(maxsize=None)(parts.badge)
        self._advice: Callable[[str], str] = lru_cache(maxsize=None)(parts.advice)
        self._cost: Callable[[bool, float], str] = lru_cache(maxsize=None)(parts.cost)

    def finding(self, item: Finding, number: int) -> str:
        """A finding with what was written and what to write instead; ``number`` is its place in the list.

        Far down a long list the neighbours of the message are left to the transcript, so that the page stays small.
        """
        lines = item.lines
        if number >= _WITH_NEIGHBOURS and item.conversation_id in self._chats:
            lines = tuple(line for line in lines if line.seq == item.seq)
        conversation = anchor(item.conversation_id)
        note = wording.remark(self._language, item)
        said = f'<p class="note">{escape(visible(note))}</p>' if note else ""
        return (
            f'<article class="finding" id="f-{conversation}-{anchor(item.rule_id)}" data-n="{number}" '
            f'data-c="{conversation}" data-rule="{escape(item.rule_id)}" data-dimension="{escape(item.dimension)}">\n'
            f"<header>{self._cost(item.veto, item.points)}<h3>{escape(item.title)}</h3>{self._badge(item.standard)}"
            f'<span class="where"><a href="#c-{conversation}"><bdi>{escape(visible(item.conversation_id))}</bdi></a>'
            f"{self._time(item)}{self._chat_link(item)}</span></header>\n"
            f"{said}\n{self._quote(lines, item.seq)}\n{self._advice(item.advice)}</article>\n"
        )

    def _time(self, item: Finding) -> str:
        return f" · <time>{self._language.moment(item.time)}</time>" if item.time else ""

    def _chat_link(self, item: Finding) -> str:
        chat = self._chats.get(item.conversation_id)
        if chat is None:
            return ""
        place = (
            "" if item.seq is None else f"{chat.partition('#')[0]}#{message_id(anchor(item.conversation_id), item.seq)}"
        )
        return f' · <a href="../{place or chat}">{self._whole}</a>'

    def conversation(self, row: ConversationRow, findings: bool) -> str:
        """A row of the conversation list; with ``findings`` it leads to them."""
        language = self._language
        name, key = anchor(row.conversation_id), wording.outcome_key(row)
        shown = f"<bdi>{escape(visible(row.conversation_id))}</bdi>"
        if chat := self._chats.get(row.conversation_id):
            shown = f'<a href="../{chat}">{shown}</a>'
        began = language.moment(row.started_at)
        known = began if row.started_at else ""
        time = f'<td class="short" data-v="{known}">{began}</td>' if self._dated else ""
        failed = escape(language.gettext(", ").join(row.failed))
        if findings:
            failed = f'<a href="#c-{name}">{failed}</a>'
        return (
            f'<tr id="c-{name}" data-outcome="{key}"><th scope="row">{shown}</th>{time}'
            f'<td class="num" data-v="{row.messages}">{language.count(row.messages)}</td>'
            f'<td class="num" data-v="{"" if row.score is None else row.score}">{language.score(row.score)}</td>'
            f'<td class="short">{escape(row.grade)}</td>'
            f'<td><span class="outcome {key}">{escape(wording.outcome(language, row))}</span></td>'
            f"<td>{failed}</td></tr>\n"
        )


def message_id(place: str, seq: int) -> str:
    """The id of a message's element in a transcript, whose ids are made of ``place``."""
    return f"m-{place}-{seq}"
