"""What normalisation undoes, and what it must leave alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from qa_scorer.matching.normalise import make_views, normalise


@pytest.mark.parametrize(
    ("original", "clean"),
    [
        ("ＡＢｃ１２３", "abc123"),
        ("這不是我的問題", "这不是我的问题"),
        ("不.可.能", "不可能"),
        ("您 ， 错 ，了！", "您错了!"),
        ("亲 您好 请稍等", "亲 您好 请稍等"),
        ("好的[微笑]收到#E-s21哦/:^_^", "好的收到哦"),
        ("请看 https://example.com/a?b=1 这里", "请看  这里"),
        ("[数字x]小时内，[日期x]送达", "0小时内,0日送达"),
        ("自己看👀", "自己看"),
        ("第一行\n第二行", "第一行 第二行"),
        ("零\u200b宽", "零宽"),
        ("➕薇", "+薇"),
    ],
)
def test_clean_view(original: str, clean: str) -> None:
    assert make_views(pa.array([original])).clean.message(0) == clean


def test_the_bare_view_holds_no_blanks_punctuation_or_emoji() -> None:
    assert normalise(["您好，😀 在 吗？！", "。。。", "100％ +v"]) == ["您好在吗", "", "100%+v"]


def test_nothing_is_one_empty_text_and_no_messages_are_none() -> None:
    assert normalise([""]) == [""]
    assert normalise([]) == []
