"""The audit of a period: a history's tables in, one ``Audit`` out that reports show."""

from __future__ import annotations

from qa_scorer.audit.build import Compared, build_audit
from qa_scorer.audit.data import as_json, write_data
from qa_scorer.audit.model import Audit
from qa_scorer.audit.period import parse_period, previous
from qa_scorer.audit.settings import Settings, load_settings

__all__ = [
    "Audit",
    "Compared",
    "Settings",
    "as_json",
    "build_audit",
    "load_settings",
    "parse_period",
    "previous",
    "write_data",
]
