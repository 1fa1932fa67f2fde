"""Writes all reports of a run into one folder."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.reports.folder import remove_stale, write_text, writing_to
from qa_scorer.reports.language import load_language
from qa_scorer.reports.markdown import agent_markdown
from qa_scorer.reports.page import WORKBOOK, Pages
from qa_scorer.reports.workbook import write_workbook
from qa_scorer.results.summary import RunSummary


def write_reports(summary: RunSummary, out: Path, language: str = "zh") -> list[Path]:
    """Write ``index.html``, ``agents/<slug>.html`` and ``.md``, ``conversations/<slug>-<number>.html`` and ``report.xlsx`` to ``out`` and return their paths.

    The same summary gives the same bytes. Agents' pages of an earlier run that this run does not write again are
    removed. Raises OutputError.
    """
    words = load_language(language)
    pages = Pages(summary, words)
    folders = (out / "agents", out / "conversations")
    with writing_to(out):
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        written = [write_text(out / "index.html", pages.team())]
        written += [write_text(out / page.name, page.html) for page in pages.chats()]
        written += [write_text(folders[0] / f"{agent.slug}.html", pages.agent(agent)) for agent in summary.agents]
        written += [
            write_text(folders[0] / f"{agent.slug}.md", agent_markdown(summary, agent, words))
            for agent in summary.agents
        ]
        for folder in folders:
            remove_stale(folder, set(written))
        written.append(out / WORKBOOK)
        write_workbook(summary, written[-1], words)
    return written
