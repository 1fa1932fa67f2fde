"""Pages as a reader without a browser sees them, with everything that is packed in them."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

_PACKED = re.compile(r'<script type="application/octet-stream" data-packed>(.*?)</script>')
_FOR_SCRIPTS = {"rows", "columns", "histogram", "bar", "dot", "good", "low", "muted"}
_READ_ALOUD = ("aria-label", "title", "placeholder", "alt")


class Page(HTMLParser):
    """The texts, tags and ids of a page, read as a browser reads them; what is packed stands in its place."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self._raw = ""
        self.feed(_PACKED.sub(lambda found: zlib.decompress(base64.b64decode(found[1])).decode(), self.source))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == self._raw:
            self._raw = ""

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    @property
    def words(self) -> str:
        """All that a person may see or hear: the text, labels, and the words of scripts and charts."""
        spoken = [value for name in _READ_ALOUD for value in self.values(name)]
        data = re.findall(r'<script type="application/json" id="(?:words|charts)">(.*?)</script>', self.source)
        return " ".join([self.text, *spoken, *(text for one in data for text in _texts(json.loads(one)))])

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


def _texts(value: Any) -> Iterator[str]:
    """What a chart or script shows; what tells it how to is one word of a short list."""
    if isinstance(value, str) and value not in _FOR_SCRIPTS:
        yield re.sub(r"\{\w+\}", "", value)
    elif isinstance(value, list | dict):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)


def read_pages(out: Path) -> dict[str, Page]:
    """All pages in a folder, by their path in it."""
    return {path.relative_to(out).as_posix(): Page(path) for path in sorted(out.rglob("*.html"))}


def broken_links(pages: Mapping[str, Page]) -> list[str]:
    """Links from page to page that lead nowhere."""
    # A script shows the findings of a conversation that has no row of its own on the page.
    ids = {
        name: {*page.values("id"), *(f"c-{conversation}" for conversation in page.values("data-c"))}
        for name, page in pages.items()
    }
    broken = []
    for name, page in pages.items():
        for link in page.values("href"):
            file, _, fragment = link.partition("#")
            target = _resolved(PurePosixPath(name).parent / file) if file else name
            if target not in pages or (fragment and fragment not in ids[target]):
                broken.append(f"{name}: {link}")
    return broken


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def unreadable_tables(page: Page) -> list[str]:
    """Heads without a scope, and tables without a name, which a screen reader cannot explain."""
    wrong = [
        f"th {attrs}" for tag, attrs in page.tags if tag == "th" and "scope" not in attrs and "aria-hidden" not in attrs
    ]
    for at, (tag, attrs) in enumerate(page.tags):
        if tag == "table" and page.tags[at + 1][0] != "caption" and not page.tags[at - 1][1].get("aria-label"):
            wrong.append(f"table {attrs}")
    return wrong


_NAMES = {
    "qa",
    "scorer",
    "audit",
    "report",
    "csv",
    "xlsx",
    "Holm",
    "Wilson",
    "Asia",
    "Shanghai",
    "JavaScript",
    "Mia",
    "Chen",
    "BCD",
}


def english(text: str) -> set[str]:
    """English words that are no names."""
    return set(re.findall("[A-Za-z]{2,}", text)) - _NAMES
