"""What agents and customers wrote, made fit to show: marked, harmless, and addressable by a link."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from markupsafe import Markup, escape

from qa_scorer.results.summary import Finding, Line

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PLAIN = re.compile(r"[\w.-]{1,80}")


def visible(text: str) -> str:
    """Control characters as their symbols (``␀``), one for one, so that offsets hold and XML and HTML accept the text."""
    return _CONTROL.sub(lambda found: "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), text)


def highlight(line: Line) -> Markup:
    """The line's text as HTML with its spans in ``<mark>``."""
    text = visible(line.text)
    parts, done = [], 0
    for span in line.spans:
        parts += [
            escape(text[done : span.start]),
            Markup("<mark>"),
            escape(text[span.start : span.end]),
            Markup("</mark>"),
        ]
        done = span.end
    return Markup("").join([*parts, escape(text[done:])])


def key_line(finding: Finding) -> Line | None:
    """The message that shows the finding best, if it is quoted."""
    return next((line for line in finding.lines if line.seq == finding.seq), None)


@lru_cache(maxsize=1024)
def anchor(name: str) -> str:
    """A name as part of an element's id and of a link: itself when plain, else a digest that is the same in every run."""
    if _PLAIN.fullmatch(name):
        return name
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
