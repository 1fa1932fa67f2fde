"""The folder of reports: what is written where, what is removed, and what is said when it cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_scorer.errors import OutputError
from qa_scorer.reports.write import write_reports
from tests.reports.factory import AGENTS, make_run


def test_paths_are_returned_in_a_stable_order(tmp_path: Path) -> None:
    run = make_run(AGENTS[:2], 2)
    paths = write_reports(run, tmp_path)
    slugs = [f"agents/{agent.slug}{suffix}" for suffix in (".html", ".md") for agent in run.agents]
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == ["index.html", *slugs, "report.xlsx"]


def test_pages_of_agents_who_left_go_and_foreign_files_stay(tmp_path: Path) -> None:
    write_reports(make_run(AGENTS[:3], 2), tmp_path)
    mine = tmp_path / "agents" / "notes.html"
    mine.write_text("<p>mine</p>", encoding="utf-8")
    write_reports(make_run(AGENTS[:1], 2), tmp_path)
    assert sorted(path.name for path in mine.parent.iterdir()) == ["agent-01.html", "agent-01.md", "notes.html"]


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "out"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match=r"out.*cannot be written"):
        write_reports(make_run(AGENTS[:1], 1), blocked)
