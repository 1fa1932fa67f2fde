"""The agent in the name of a file or sheet: found where it is a person's, never made up from other words."""

from __future__ import annotations

import pytest

from qa_scorer.transcripts.titles import agent_in_title, title_of


@pytest.mark.parametrize(
    ("title", "agent"),
    [
        ("王小满", "王小满"),
        ("小禾", "小禾"),
        ("李禾的聊天记录", "李禾"),
        ("2024-03_李禾", "李禾"),
        ("客服小满_三月聊天记录", "小满"),
        ("Ida Holm", "Ida Holm"),
        ("客服聊天记录", None),
        ("聊天明细", None),
        ("Sheet1", None),
        ("Chat Export", None),
        ("三月", None),
        ("周报", None),
        ("小时统计", None),
        ("安排", None),
        ("张先生", None),  # so customers are called
        ("2024-03", None),
    ],
)
def test_agent_is_named_by_persons_names_only(title: str, agent: str | None) -> None:
    assert agent_in_title(title) == agent


def test_title_is_the_innermost_name() -> None:
    assert title_of("exports.zip/三月.xlsx[小满]") == "小满"
    assert title_of("exports/李禾.csv.gz") == "李禾"
