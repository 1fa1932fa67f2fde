"""Results → files for people: HTML pages and a workbook. Formats what ``results.summary`` holds and computes nothing."""

from qa_scorer.reports.write import write_reports

__all__ = ["write_reports"]
