"""What is compiled is kept for the next start; whatever becomes of the file, users get the same."""

from __future__ import annotations

import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from qa_scorer.catalogues import load_catalogue
from qa_scorer.kept import find_kept, keep


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Beside which Python may write."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "team.html"


def place(source: Path) -> Path:
    return next((source.parent / "__pycache__").iterdir())


def test_what_was_kept_is_found_under_the_same_stamp_only(source: Path) -> None:
    keep(source, b"new", b"made")
    assert find_kept(source, b"new") == b"made"
    assert find_kept(source, b"old") is None
    assert find_kept(source.with_name("agent.html"), b"new") is None


def test_it_stands_where_python_keeps_modules(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(source, b"", b"made")
    assert place(source).stem == Path(cache_from_source(str(source))).stem
    monkeypatch.setattr(sys, "pycache_prefix", str(source.parent / "elsewhere"))
    assert find_kept(source, b"") is None
    keep(source, b"", b"made")
    assert find_kept(source, b"") == b"made"


@pytest.mark.parametrize("left", [0, 20, 32, 35])
def test_a_file_that_was_cut_is_none(source: Path, left: int) -> None:
    keep(source, b"", b"made")
    place(source).write_bytes(place(source).read_bytes()[:left])
    assert find_kept(source, b"") is None


def test_a_file_in_which_a_bit_fell_over_is_none(source: Path) -> None:
    keep(source, b"", b"made")
    written = bytearray(place(source).read_bytes())
    written[-1] ^= 1
    place(source).write_bytes(written)
    assert find_kept(source, b"") is None


def test_nothing_is_written_when_python_writes_no_bytecode(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    keep(source, b"", b"made")
    assert not list(source.parent.iterdir())


def test_where_nothing_can_be_written_nothing_is_kept(source: Path) -> None:
    (source.parent / "__pycache__").write_bytes(b"")
    keep(source, b"", b"made")
    assert find_kept(source, b"") is None


def test_what_cannot_be_put_in_place_leaves_nothing_behind(source: Path) -> None:
    Path(cache_from_source(str(source))).with_suffix(".kept").mkdir(parents=True)
    keep(source, b"", b"made")
    assert [path.is_dir() for path in (source.parent / "__pycache__").iterdir()] == [True]


def test_a_catalogue_is_compiled_once_and_anew_when_it_changes(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = source.with_name("zh.po")
    text = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Agent"\nmsgstr "{}"\n'

    def said() -> str:
        load_catalogue.cache_clear()
        return load_catalogue(catalogue.parent, "zh").gettext("Agent")

    catalogue.write_text(text.format("客服"), encoding="utf-8")
    assert said() == "客服"
    monkeypatch.setattr("babel.messages.pofile.read_po", None)
    assert said() == "客服"
    monkeypatch.undo()
    catalogue.write_text(text.format("坐席"), encoding="utf-8")
    assert said() == "坐席"
    load_catalogue.cache_clear()
