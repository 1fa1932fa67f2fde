"""How the heads of messages are told in running text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_scorer.transcripts.notations import NOTATIONS, Notation, best_notation

_PIECES = st.sampled_from(
    ("昨天", "今天 ", "Today at ", "星期一", "上午", ":", "：", "[", "]", "(", ")", "年月日", "\t", " ")
)


@pytest.mark.parametrize("notation", [notation for notation in NOTATIONS if notation.timed], ids=lambda one: one.name)
@given(st.lists(_PIECES | st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=4)).map("".join))
def test_a_head_with_a_time_holds_a_digit(notation: Notation, line: str) -> None:
    """Texts without a digit are not searched for such heads."""
    assert not re.search(r"\d", line)
    assert notation.head.match(line) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("客: 在吗\n服: 在的\n客: 好\n服: 请说", "sender: text"),
        ("() 客: 在吗\n() 服: 在的\n", "( 1m 13s ) sender: text"),
        ("٠٩:١٢ 小明: 在吗\n٠٩:١٣ 客服: 在的\n", "[time] sender: text"),
    ],
)
def test_whether_a_text_holds_digits_decides_nothing_else(text: str, name: str) -> None:
    found = best_notation([text])
    assert found is not None
    assert found.name == name
