"""Names that stand for people: the same person has the same one in every run with the same key, and only the key leads
back to the name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from qa_scorer.errors import InputError, OutputError
from qa_scorer.late import late
from qa_scorer.transcripts.roles import ROLE_WORDS

LEAST_KEY = 16
"""Bytes of a key: fewer can be tried out."""
_KINDS = {"agent": 8, "customer": 10, "conversation": 13, "source": 8}
"""Letters (5 bits each) of the pseudonyms: enough that no two of a company's agents, or of a million customers or
conversations, meet."""
_WORDS = {
    "zh": {"agent": "客服", "customer": "顾客", "conversation": "会话", "source": "文件"},
    "en": {"agent": "Agent", "customer": "Customer", "conversation": "Conversation", "source": "File"},
}
_OURS = late(
    rf"(?:{'|'.join(word for words in _WORDS.values() for word in words.values())})-[A-Z2-7]{{8,13}}(?:\.\w+)?"
)
_REMEMBERED = 65_536
_PARTS = late(r"[\s:：_/@()（）·.-]+")
_TITLES = late(r"^(?:客服|售前|售后|专员|顾问|坐席|导购|店长)+|(?:客服|专员|顾问|坐席|导购|店长|[0-9]+)+$")


class Pseudonyms:
    """Pseudonyms by a key, in the words of a language (``zh`` or ``en``).

    ``of(kind, name)`` is the pseudonym of an agent, a customer, a conversation or a source. ``agents`` gives the names of
    all agents of the run; it is asked when the first text is to be cleared of them.
    """

    def __init__(self, key: bytes, language: str, agents: Callable[[], Collection[str]]) -> None:
        self._key = key
        self._words = _WORDS[language]
        self._agents = agents
        self.of = lru_cache(_REMEMBERED)(self._of)

    @property
    def fingerprint(self) -> str:
        """Tells whether two runs used the same key, and nothing else of it."""
        return self._letters("fingerprint", "", 8)

    def _of(self, kind: str, name: str) -> str:
        """Words that name a role stay, and so does what is a pseudonym already."""
        if not name or _OURS.fullmatch(name) or (kind in ("agent", "customer") and name.strip().lower() in ROLE_WORDS):
            return name
        ending = Path(name).suffix if kind == "source" else ""
        ending = ending if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", ending) else ""
        return f"{self._words[kind]}-{self._letters(kind, name, _KINDS[kind])}{ending}"

    def names_of_agents(self) -> set[str]:
        """What agents are called in texts."""
        return {form for name in self._agents() for form in forms(name)}

    def _letters(self, kind: str, name: str, count: int) -> str:
        digest = hmac.digest(self._key, f"{kind}\0{name}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.b32encode(digest[:10])[:count].decode()


def forms(name: str) -> set[str]:
    """A name, its parts, and these without titles and numbers; single characters and words for roles are left out."""
    parts = set(_PARTS.split(name))
    parts |= {name.strip(), *(_TITLES.sub("", part) for part in parts)}
    return {
        part for part in parts if len(part) > 1 + part.isdigit() and part.lower() not in ROLE_WORDS and "*" not in part
    }


def load_key(path: Path) -> bytes:
    """The key in a file; a new one is made where there is no file. Raises InputError for a key that is too short,
    OutputError where it cannot be read or made."""
    try:
        try:
            key = path.read_bytes().strip()
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            key = secrets.token_hex(32).encode()
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key + b"\n")
    except OSError as error:
        raise OutputError(
            f"{path}: the key cannot be read or made ({error.strerror}); name another with --key"
        ) from error
    if len(key) < LEAST_KEY:
        raise InputError(
            f"{path}: holds {len(key)} bytes, expected a key of {LEAST_KEY} at least; name a file that does not exist "
            "and a key is made there"
        )
    return key
