"""The shortcuts of reading in columns equal their plain definitions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_scorer.transcripts import numbering
from qa_scorer.transcripts.encoded import dictionary_codes, encode
from qa_scorer.transcripts.kinds import is_auto_text, kind_of_text, shown_kinds
from qa_scorer.transcripts.numbering import Numbering
from qa_scorer.transcripts.textual import Texts

TEXTS = st.lists(
    st.sampled_from(
        ("", " ", "[图片]", "［图片］", " 【语音】 ", "[图片][图片]", "对方撤回了一条消息", "你撤", "回了一条消息", "This message was deleted", "#E-s12", "您好",
         "https://a.cn/b.jpg", "http", "（表情）", "\t[视频]", "　[文件]", "[自动回复]您好", "【自动回复】：在", "(auto reply) hi", "自动回复：您好", "自动挡的车", "auto-reply: hi", "A recalled a message")
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, start=st.integers(0, 5))
def test_kinds_that_texts_show_are_those_of_each_text_alone(texts: list[str], start: int) -> None:
    """A picture among thousands of texts is found without looking at every text; also in a slice of a column."""
    column = Texts(pa.array(texts, pa.string()).slice(min(start, len(texts))))
    shown = shown_kinds(column, column.leads())
    found = dict(zip(shown.rows.tolist(), shown.kinds.tolist(), strict=True))
    for row, text in enumerate(column.array.to_pylist()):
        kind = kind_of_text(text)
        assert found.get(row, -1) == (-1 if kind is None else kind), text
    assert set(shown.rows[shown.auto].tolist()) == {
        row for row, text in enumerate(column.array.to_pylist()) if is_auto_text(text)
    }


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.sampled_from(("甲", "乙", "", " ", None, "甲 ")), max_size=30), encoded=st.booleans())
def test_codes_stand_for_the_values(values: list[str | None], encoded: bool) -> None:
    column = pa.array(values, pa.string())
    column = column.dictionary_encode() if encoded else column
    codes, distinct = dictionary_codes(column)
    names = distinct.to_pylist()
    assert [None if code < 0 else names[code] for code in codes.tolist()] == values
    blanks = (encode(column).codes < 0).tolist()
    assert blanks == [value is None or not value.strip() for value in values]


@settings(max_examples=40, deadline=None)
@given(
    chunks=st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=12), min_size=1, max_size=8),
    together=st.integers(0, 30),
)
def test_conversations_are_numbered_as_they_first_appear(chunks: list[list[int]], together: int) -> None:
    """However many keys are looked up in one go."""
    known: dict[str, int] = {}
    for chunk in chunks:
        for key in chunk:
            known.setdefault(f"S{key}", len(known))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_TOGETHER", together)
        counted = Numbering()
        for chunk in chunks:
            counted.add(pa.array([f"S{key}" for key in chunk]))
        keys, numbers = counted.finish()
    assert keys.to_pylist() == list(known)
    for chunk, found in zip(chunks, numbers, strict=True):
        assert np.array_equal(found, [known[f"S{key}"] for key in chunk])
