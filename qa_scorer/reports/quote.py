"""What agents and customers wrote, made fit to show: marked, harmless, and addressable by a link."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from markupsafe import Markup

from qa_scorer.reports.language import Language
from qa_scorer.reports.wording import role_names
from qa_scorer.results.summary import Finding, Line

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PLAIN = re.compile(r"[\w.-]{1,80}")


def visible(text: str) -> str:
    """Control characters as their symbols (``␀``), one for one, so that offsets hold and XML and HTML accept the text."""
    return _CONTROL.sub(_symbol, text) if _CONTROL.search(text) else text


def _symbol(found: re.Match[str]) -> str:
    return "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0]))


def highlight(line: Line) -> str:
    """The line's text as HTML with its spans in ``<mark>``."""
    text = visible(line.text)
    if not line.spans:
        return escape(text)
    parts, done = [], 0
    for span in line.spans:
        parts += [escape(text[done : span.start]), "<mark>", escape(text[span.start : span.end]), "</mark>"]
        done = span.end
    return "".join([*parts, escape(text[done:])])


class Quoter:
    """Lines of a chat as HTML. In Python, not in a template: pages hold hundreds of thousands of them."""

    def __init__(self, language: Language) -> None:
        self._clock = language.clock
        self._roles = role_names(language)
        self._who = lru_cache(maxsize=1024)(self._speaker)

    def __call__(self, lines: Sequence[Line], key: int | None = None) -> Markup:
        """Some lines in a frame; ``key`` is the number of the one in question. Nothing for no lines."""
        if not lines:
            return Markup("")
        return Markup(f'<div class="quote">{"".join([self.line(line, line.seq == key) for line in lines])}</div>')

    def line(self, line: Line, key: bool = False, head: str = "", foot: str = "") -> str:
        """One line; ``head`` are further attributes of its element and ``foot`` is what follows its text, both HTML."""
        time = f"<time>{self._clock(line.time)}</time>" if line.time else ""
        return (
            f'<div class="line {line.role}{" key" if key else ""}"{head}>\n'
            f'<span class="who">{self._who(line.role, line.sender)}</span>{time}'
            f'<p dir="auto">{highlight(line)}</p>{foot}</div>'
        )

    def _speaker(self, role: str, sender: str) -> str:
        who = escape(self._roles[role])
        if role == "agent" and sender not in ("", self._roles["agent"]):
            who += f" <bdi>{escape(visible(sender))}</bdi>"
        return who


def key_line(finding: Finding) -> Line | None:
    """The message that shows the finding best, if it is quoted."""
    return next((line for line in finding.lines if line.seq == finding.seq), None)


@lru_cache(maxsize=1024)
def anchor(name: str) -> str:
    """A name as part of an element's id and of a link: itself when plain, else a digest that is the same in every run."""
    if _PLAIN.fullmatch(name):
        return name
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
