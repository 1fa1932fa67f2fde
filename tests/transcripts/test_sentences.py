"""What the reader says of a row is read by people who speak no English: in Chinese pages it is Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from qa_scorer.transcripts import sentences
from qa_scorer.transcripts.sentences import translate_sentence


def test_every_sentence_has_a_chinese_translation_and_none_is_left_over() -> None:
    with (Path(sentences.__file__).parent / "locale" / "zh.po").open("rb") as file:
        entries = {str(entry.id): str(entry.string) for entry in read_po(file, abort_invalid=True) if entry.id}
    assert set(entries) == set(sentences._SENTENCES)
    assert all(entries.values())


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        (
            "who speaks is unknown: 角色 is '甲'; say it with --role 甲=agent",
            "不知道谁在说话：角色 是 '甲'；可用 --role 甲=agent 指明",
        ),
        ("no conversation id in this row", "此行没有会话编号"),
        ("something new", "something new"),
    ],
)
def test_the_words_of_the_export_stand_in_the_sentence(said: str, chinese: str) -> None:
    assert translate_sentence(said, "zh") == chinese
    assert translate_sentence(said, "en") == said
