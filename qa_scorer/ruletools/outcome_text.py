"""The outcome of rule tests as plain text for a terminal, and as JUnit for CI."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from qa_scorer.model.rules import Place
from qa_scorer.model.words import Verdict
from qa_scorer.rulebook import Diagnostic
from qa_scorer.rulebook.diagnostics import printable
from qa_scorer.ruletools.coverage import Coverage
from qa_scorer.ruletools.describe import count
from qa_scorer.ruletools.formats import junit_file
from qa_scorer.ruletools.testing import TestOutcome, TestReport


def test_report(report: TestReport, coverage: Coverage | None) -> str:
    """Failed tests with chat and evidence, those that saw too little apart from those that saw too much."""
    lines: list[str] = []
    groups = (
        ("missed (the rule saw less than it should)", [o for o in report.outcomes if o.missed]),
        ("unexpected (the rule saw more than it should)", [o for o in report.outcomes if o.unexpected]),
        ("not run (the chat cannot be read)", [o for o in report.outcomes if o.error]),
    )
    for title, outcomes in groups:
        if outcomes:
            lines.append(f"{title}: {len(outcomes)}")
            for outcome in outcomes:
                lines += [*_failed_test(outcome), ""]
    if coverage is not None:
        lines += _coverage(coverage)
    failed = sum(not outcome.passed for outcome in report.outcomes)
    lines.append(
        f"{count(len(report.outcomes), 'test')}, {failed} failed"
        if failed
        else f"{count(len(report.outcomes), 'test')} passed"
    )
    return "\n".join(lines)


def diagnostics_of(report: TestReport) -> list[Diagnostic]:
    """Each failed test as a diagnostic at its place, for the formats of CI systems."""
    return [
        Diagnostic(
            "Q504", f"{outcome.whose}: {outcome.test.name}: {_what(outcome)}", outcome.test.place or Place("-", 1)
        )
        for outcome in report.outcomes
        if not outcome.passed
    ]


def junit_report(report: TestReport) -> str:
    """JUnit XML: a test case for each test, passed ones too, under its rule or item."""
    failed = sum(not outcome.passed for outcome in report.outcomes)
    numbers = {"tests": str(len(report.outcomes)), "failures": str(failed)}
    suite = ElementTree.Element("testsuite", {"name": "qa-scorer rules test", **numbers})
    for outcome in report.outcomes:
        case = ElementTree.SubElement(
            suite, "testcase", classname=printable(outcome.whose), name=printable(outcome.test.name)
        )
        if not outcome.passed:
            failure = ElementTree.SubElement(case, "failure", message=printable(_what(outcome)))
            failure.text = "\n".join(map(printable, _failed_test(outcome)))
    return junit_file(suite)


def _what(outcome: TestOutcome) -> str:
    if outcome.error or outcome.got is None:
        return outcome.error
    return f"expected {_verdict(outcome.test.expect)}, got {_verdict(outcome.got)}"


def _failed_test(outcome: TestOutcome) -> Iterator[str]:
    place = f"{outcome.test.place}: " if outcome.test.place else ""
    yield f"  {place}{outcome.whose}: {outcome.test.name}"
    yield f"    {_what(outcome)}"
    if outcome.got is None:
        return
    yield from (f"    | {line}" for line in outcome.test.chat.strip().splitlines())
    for span in outcome.spans:
        note = f" ({span.note})" if span.note else ""
        yield f"    {span.kind.name.lower().replace('_', ' ')} in message {span.message + 1}: {span.text}{note}"


def _verdict(verdict: Verdict) -> str:
    return verdict.name.lower()


def _coverage(coverage: Coverage) -> Iterator[str]:
    for idle in coverage.idle:
        place = f"{idle.place}: " if idle.place else ""
        yield f"  {place}{idle.what} never fired in a test of {', '.join(idle.rules)}"
    for rule in coverage.untested:
        yield f"  {rule} has no test"
    fired = coverage.total - len(coverage.idle)
    yield f"coverage {coverage.share:.0%}: {fired} of {coverage.total} patterns and guards fired"
