"""Rules that no test protects, and tests that cannot run."""

from __future__ import annotations

from qa_scorer.errors import InputError
from qa_scorer.model.chats import parse_script
from qa_scorer.model.words import Verdict
from qa_scorer.ruletools.lint.findings import Findings


def present(findings: Findings) -> None:
    """Q501, Q502, Q503: no tests, tests that expect one verdict only, and chats that cannot be read."""
    for rule, place in findings.own_rules():
        if not rule.tests:
            findings.report(
                "Q501", f"{rule.id} has no tests", place, help="Add one chat that fails and one that passes."
            )
            continue
        if len({test.expect for test in rule.tests}) == 1:
            only = rule.tests[0].expect
            other = "pass" if only is Verdict.FAIL else "fail"
            findings.report("Q502", f"every test of {rule.id} expects {only.name.lower()}", place,
                            help=f"Add a chat that must {other}.")  # fmt: skip
        for test in rule.tests:
            wrong = _wrong_with(test.chat)
            if wrong and test.place is not None:
                findings.report("Q503", f"{test.name}: {wrong}", test.place)


def _wrong_with(chat: str) -> str:
    try:
        return "" if parse_script(chat) else "the chat holds no message"
    except InputError as error:
        return str(error)
