"""Writes all reports of an audit into one folder."""

from __future__ import annotations

from pathlib import Path

from qa_scorer.audit.model import Audit
from qa_scorer.reports.audit_page import WORKBOOK, AuditPages
from qa_scorer.reports.audit_workbook import write_audit_workbook
from qa_scorer.reports.folder import remove_stale, write_text, writing_to
from qa_scorer.reports.language import load_language
from qa_scorer.reports.markdown import audit_markdown


def write_audit(audit: Audit, out: Path, language: str = "zh") -> list[Path]:
    """Write ``index.html``, ``agents/<slug>.html`` and ``.md``, ``conversations/<slug>-<number>.html`` and ``audit.xlsx`` to ``out`` and return their paths.

    The same audit gives the same bytes. Agents' pages of an earlier audit that this one does not write again are
    removed. Raises OutputError.
    """
    words = load_language(language)
    pages = AuditPages(audit, words)
    folders = (out / "agents", out / "conversations")
    with writing_to(out):
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        chats = [write_text(out / name, html) for name, html in pages.chats()]
        written = [write_text(out / "index.html", pages.index()), *chats]
        written += [write_text(folders[0] / f"{agent.slug}.html", pages.agent(agent)) for agent in audit.agents]
        written += [
            write_text(folders[0] / f"{agent.slug}.md", audit_markdown(audit, agent, words)) for agent in audit.agents
        ]
        for folder in folders:
            remove_stale(folder, set(written))
        written.append(out / WORKBOOK)
        write_audit_workbook(audit, written[-1], words)
    return written
