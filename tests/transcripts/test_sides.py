"""The sides of a recording: the agent's is found by its words, and where it cannot be, the reader says what to pass."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.transcripts.optionfile import options_of
from tests.transcripts.helpers import read_all

UNCLEAR = "call_id,channel,start,text\nC70010001,0,0.5,喂\nC70010001,1,3.2,嗯喂\nC70010001,0,9.0,灯不亮\nC70010001,1,12.0,知道了\n"


def test_side_that_serves_is_the_agents_even_when_it_speaks_first(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "call_id,channel,start,text\nC70010001,0,0.5,您好，请问有什么可以帮您\nC70010001,1,3.2,灯不亮\n"
        "C70010001,0,9.0,您换个灯泡试试\nC70010001,1,12.0,好\n",
        encoding="utf-8",
    )
    assert [line.split(" | ")[1] for line in read_all(path).lines] == ["0 agent", "1 customer", "2 agent", "3 customer"]


def test_unclear_sides_are_told_with_the_options_to_pass(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(UNCLEAR, encoding="utf-8")
    assert (
        "which side is the agent's cannot be known; say it, for example --role 0=customer --role 1=agent"
        in read_all(path).reading.reports[0].notes
    )


def test_sides_are_what_the_options_say(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(UNCLEAR, encoding="utf-8")
    result = read_all(path, options=options_of({"roles": {"0": "agent", "1": "customer"}}, "test"))
    assert [line.split(" | ")[1] for line in result.lines] == ["0 agent", "1 customer", "2 agent", "3 customer"]
