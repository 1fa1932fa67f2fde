"""Results and audits → files for people: HTML pages, workbooks, Markdown. Formats what the models hold and computes nothing."""

from qa_scorer.reports.audit import write_audit
from qa_scorer.reports.write import write_reports

__all__ = ["write_audit", "write_reports"]
