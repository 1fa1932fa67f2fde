"""Quoted messages: the right words are marked, and nothing in them becomes markup."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from qa_scorer.reports.quote import anchor, highlight, visible
from qa_scorer.results.summary import Line, Span


def test_the_span_is_marked_by_code_points() -> None:
    line = Line(0, "agent", "", None, "😀𠮷好<b>催什么</b>", (Span(3, 6), Span(6, 9)))
    assert highlight(line) == "😀𠮷好<mark>&lt;b&gt;</mark><mark>催什么</mark>&lt;/b&gt;"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.integers(0, 40), max_size=8))
def test_marks_change_nothing_but_the_look(text: str, cuts: list[int]) -> None:
    edges = sorted({min(cut, len(text)) for cut in cuts})
    spans = tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))
    shown = str(highlight(Line(0, "agent", "", None, text, spans)))
    plain = re.sub(r"</?mark>", "", shown)
    assert "<" not in plain
    assert html.unescape(plain) == visible(text)
    assert [html.unescape(part) for part in re.findall(r"<mark>(.*?)</mark>", shown, re.S)] == [
        visible(text)[span.start : span.end] for span in spans
    ]


def test_control_characters_are_shown_one_for_one() -> None:
    assert visible("a\x00b\x1b\x7f\n\t") == "a␀b␛␡\n\t"


def test_an_anchor_keeps_plain_names_and_hides_all_others() -> None:
    assert anchor("20261001-0001") == "20261001-0001"
    assert anchor("会话_7") == "会话_7"
    strange = {anchor(name) for name in ('a"b', "../../x", "a b", "", "<script>", "x" * 81)}
    assert len(strange) == 6
    assert all(re.fullmatch(r"[0-9a-f]{16}", name) for name in strange)
