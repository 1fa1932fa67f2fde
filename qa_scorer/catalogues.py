"""The languages that the program speaks: English in the code, others from gettext catalogues (``locale/*.po``)."""

from __future__ import annotations

import gettext
import locale
import os
from functools import lru_cache
from io import BytesIO
from pathlib import Path


@lru_cache
def load_catalogue(folder: Path, code: str) -> gettext.NullTranslations:
    """The catalogue ``folder/code.po``, compiled; one that leaves everything as it is when there is no such file."""
    source = folder / f"{code}.po"
    if not source.exists():
        return gettext.NullTranslations()
    from qa_scorer.kept import made_once

    text = source.read_bytes()
    return gettext.GNUTranslations(BytesIO(made_once(source, text, lambda: _compile(text, code))))


def _compile(text: bytes, code: str) -> bytes:
    """A catalogue as gettext reads it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=code, abort_invalid=True))
    return compiled.getvalue()


def user_language() -> str:
    """``zh`` or ``en``: the language of the user's locale, as gettext finds it, for help and messages."""
    said = next(
        (os.environ[name] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "zh" if (said or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"
