"""Writes all reports of a run into one folder."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.errors import OutputError
from qa_scorer.reports.language import load_language
from qa_scorer.reports.page import Pages
from qa_scorer.reports.workbook import write_workbook
from qa_scorer.results.summary import RunSummary

_MARK = '<meta name="generator" content="qa-scorer '


def write_reports(summary: RunSummary, out: Path, language: str = "zh") -> list[Path]:
    """Write ``index.html``, ``agents/<slug>.html`` and ``report.xlsx`` to ``out`` and return their paths.

    The same summary gives the same bytes. Agents' pages of an earlier run that this run does not write again are
    removed, so that no page stays that the team page does not know. Raises OutputError.
    """
    words = load_language(language)
    pages = Pages(summary, words)
    folder = out / "agents"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write(out / "index.html", pages.team())]
        written += [_write(folder / f"{agent.slug}.html", pages.agent(agent)) for agent in summary.agents]
        _remove_stale(folder, set(written))
        written.append(out / "report.xlsx")
        write_workbook(summary, written[-1], words)
    except OSError as error:
        raise OutputError(
            f"{error.filename or out}: the reports cannot be written ({error.strerror or error}). "
            "Choose another folder with -o, or close the program that has the file open."
        ) from error
    return written


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _remove_stale(folder: Path, current: set[Path]) -> None:
    for path in sorted(folder.glob("*.html")):
        if path in current or not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            ours = _MARK in file.read(2000)
        if ours:
            path.unlink()
