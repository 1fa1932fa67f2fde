"""Rules of Alibaba Cloud 智能对话分析 (SCA), as its public API hands them out, become a rulebook and a report.

``reading`` understands the JSON, ``formula`` the expressions over ids, ``sentences`` what one message must hold,
``operators`` each kind of operator, ``conditions`` check ranges, ``rules`` whole rules, ``report`` what became of each.
"""

from __future__ import annotations

from qa_scorer.ruletools.sca.reading import read_sca
from qa_scorer.ruletools.sca.report import Import, as_json, as_text, rule_file
from qa_scorer.ruletools.sca.rules import import_rules

__all__ = ["Import", "as_json", "as_text", "import_rules", "read_sca", "rule_file"]
