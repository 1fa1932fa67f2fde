"""What the reader says of an export (how conversations were told apart, notes, rejects) in the reader's language.

Its own words are English wherever they are run, for they also stand in the tables. Here they are templates.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from qa_scorer.catalogues import load_catalogue

_LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    return text


_SENTENCES = (
    N_("one row per message"),
    N_("one row per question and answer"),
    N_("one row per conversation, its transcript in one cell"),
    N_("one row per conversation, its messages as JSON in one cell"),
    N_("conversations that hold their messages, as JSON"),
    N_("Intercom conversations"),
    N_("a chat client's text file"),
    N_("column {column} holds whole transcripts"),
    N_("column {column} holds messages as JSON"),
    N_("heads like {notation}"),
    N_("messages in {path}"),
    N_("{first} holds what customers said, {second} what agents said"),
    N_("as told, although it does not look like it"),
    N_("no format fits"),
    N_("one conversation per row"),
    N_("one conversation per object of the document"),
    N_("every row is a conversation of its own: neither an id, a speaker nor a time is known"),
    N_("the whole file is one conversation: neither an id, a customer nor a time is known"),
    N_("the whole file, parted at silences of {gap} s"),
    N_("by {columns}, parted at silences of {gap} s"),
    N_("by day"),
    N_("by day + agent + customer"),
    N_("by day + customer"),
    N_("by headings and rules"),
    N_("by {column}"),
    N_("nothing tells who speaks; all messages are taken as the customer's, so that no agent is blamed"),
    N_("which side is the agent's cannot be known; say it, for example {options}"),
    N_("messages without a sender are counted as the system's"),
    N_("no column names the agent; the file's or sheet's name does: {name}"),
    N_("times that are not understood are left empty, for example {example}"),
    N_("times of day without a date are taken as of {day}; only the waits between them count"),
    N_("times since the start are taken as of {day}; only the waits between them count"),
    N_("read row by row because of {reason}"),
    N_("read row by row"),
    N_("{count} lines hold bytes of no known encoding; they are shown as �"),
    N_("empty text"),
    N_("header repeated"),
    N_("heading of the rows below"),
    N_("duplicate message"),
    N_("conversation without messages"),
    N_("record without messages"),
    N_("recall or switch entry"),
    N_("no conversation id in this row"),
    N_("a row of totals, not a message"),
    N_("{found} cells where the header has {wanted}"),
    N_("not readable as {encoding} nor as any other usual encoding"),
    N_("not readable as {encoding}"),
    N_("not valid JSON: {reason}"),
    N_("not a JSON object"),
    N_("the JSON is damaged here, in line {line}: {reason}"),
    N_("the JSON breaks off here: {reason}"),
    N_("the JSON in {column} is not whole"),
    N_("the XML breaks off in line {line}: {reason}"),
    N_("{count} rows cannot be read here ({reason})"),
    N_("no message found in the cell; expected heads like {notation}"),
    N_("a message of {size} KB; the limit is {limit} KB (limits.text_kb in qa-scorer.yaml)"),
    N_("a cell is longer than the limit (limits.text_kb in qa-scorer.yaml)"),
    N_("a quotation mark opens a cell here and never closes"),
    N_("who speaks is unknown: {column} is {value}; say it with --role {word}=agent"),
    N_("this is no workbook that can be opened ({reason})"),
    N_("no column holds the text of the messages; the columns are {names}. Name it with --map text=COLUMN"),
    N_(
        "no column holds the text of the messages; {count} columns without names, the first row is {row}. "
        "Name it with --map text=COLUMN"
    ),
    N_(
        "the file has no header and nothing tells who speaks; {count} columns without names, the first row is {row}. "
        "Say which column does by its number, --map role=NUMBER or --map sender=NUMBER; this was found: {found}"
    ),
)


def translate_sentence(text: str, language: str) -> str:
    """``text`` in a language (``zh`` or ``en``); what no template fits stays as it is."""
    if language == "en":
        return text
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return load_catalogue(_LOCALE, language).gettext(template).format(**found.groupdict())
    return text


@lru_cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (template, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template)), re.DOTALL))
        for template in _SENTENCES
    )
