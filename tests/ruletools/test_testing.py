"""The tests that stand with rules: what is told of a failed one, and what counts as exercised."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_scorer.model.rules import Rulebook
from qa_scorer.model.words import EvidenceKind, Verdict
from qa_scorer.rulebook import case_files, load
from qa_scorer.ruletools.cases import with_cases
from qa_scorer.ruletools.coverage import measure
from qa_scorer.ruletools.testing import TestOutcome, run_tests

RULES = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
lists:
  promise: [保证, 肯定能]
rules:
  - id: promise
    title: 过度承诺
    dimension: d
    check: forbid
    any: [$promise]
    except: [保证金, {quoted: any}]
    deduct: 2
    tests:
"""


def rulebook(folder: Path, *tests: str) -> Rulebook:
    (folder / "rules.yaml").write_text(RULES + "".join(f"      - {test}\n" for test in tests), encoding="utf-8")
    return load([folder])


def only(folder: Path, test: str) -> TestOutcome:
    (outcome,) = run_tests(rulebook(folder, test)).outcomes
    return outcome


def test_the_builtin_rules_pass_their_own_tests_and_the_cases_beside_them() -> None:
    report = run_tests(with_cases(load(None), case_files()))
    assert [f"{o.test.place}: {o.whose}: {o.test.name}: {o.got}" for o in report.outcomes if not o.passed] == []
    assert {rule.id for rule in load(None).rules} <= {rule.id for outcome in report.outcomes for rule in outcome.rules}


def test_a_fail_that_goes_unseen_is_missed(tmp_path: Path) -> None:
    outcome = only(tmp_path, "{name: 客户说的, chat: '客: 保证能到吗\n\n        服: 明天到', expect: fail}")
    assert (outcome.missed, outcome.unexpected, outcome.got) == (True, False, Verdict.PASS)


def test_a_fail_for_nothing_is_unexpected_and_shows_the_words(tmp_path: Path) -> None:
    outcome = only(tmp_path, '{name: 承诺, chat: "客: 能到吗\\n服: 我保证明天到", expect: pass}')
    assert (outcome.missed, outcome.unexpected) == (False, True)
    assert [(s.kind, s.message, s.start, s.end, s.text) for s in outcome.spans] == [(EvidenceKind.HIT, 1, 1, 3, "保证")]


def test_what_was_excused_is_shown_with_the_guard(tmp_path: Path) -> None:
    outcome = only(tmp_path, '{name: 保证金, chat: "客: 交多少\\n服: 保证金2000元", expect: pass}')
    assert outcome.passed
    assert [(span.kind, span.text, span.note) for span in outcome.spans] == [
        (EvidenceKind.EXCUSED, "保证", "except: 保证金")
    ]


@pytest.mark.parametrize("chat", ["没有说话人", "   "])
def test_a_chat_that_cannot_be_read_is_told_and_the_others_run(tmp_path: Path, chat: str) -> None:
    tests = (f'{{name: 坏, chat: "x{chat}", expect: pass}}', '{name: 好, chat: "服: 保证", expect: fail}')
    bad, good = run_tests(rulebook(tmp_path, *tests)).outcomes
    assert (bad.got, bad.passed, good.passed) == (None, False, True)
    assert "客:" in bad.error


def test_metadata_of_a_wrong_type_is_told(tmp_path: Path) -> None:
    outcome = only(tmp_path, '{name: 坏, chat: "服: 好", expect: pass, metadata: {csat: 很好}}')
    assert outcome.got is None
    assert outcome.error


def test_the_gravest_verdict_counts_when_several_agents_speak(tmp_path: Path) -> None:
    assert only(tmp_path, '{name: 两人, chat: "服[甲]: 您好\\n服[乙]: 保证到", expect: fail}').passed


def test_a_selection_runs_only_what_it_names(tmp_path: Path) -> None:
    book = rulebook(tmp_path, '{name: 一, chat: "服: 保证", expect: fail}', '{name: 二, chat: "服: 好", expect: pass}')
    assert [outcome.test.name for outcome in run_tests(book, ["PROMISE: 二"]).outcomes] == ["二"]


def test_coverage_names_what_no_test_made_fire(tmp_path: Path) -> None:
    book = rulebook(
        tmp_path, '{name: 一, chat: "服: 保证到", expect: fail}', '{name: 二, chat: "服: 保证金", expect: pass}'
    )
    coverage = measure(book, run_tests(book))
    assert [(idle.what, idle.rules, idle.place and idle.place.line) for idle in coverage.idle] == [
        ("肯定能", ("promise",), 4),
        ("{quoted: any}", ("promise",), 6),
    ]
    assert (coverage.total, coverage.share) == (4, 0.5)


def test_who_extends_the_builtin_rules_is_measured_by_their_own(tmp_path: Path) -> None:
    """Nobody else can reach what ``--fail-under`` asks for."""
    (tmp_path / "own.yaml").write_text(
        "version: 1\nextends: [builtin:base]\nlists: {greeting+: [欢迎来到小店, 小店欢迎您]}\nrules:\n"
        "  - {id: own, title: 用语, dimension: wording, check: forbid, any: [包您满意], deduct: 2, except: [$greeting, {quoted: any}],\n"
        '     tests: [{name: 一, chat: "服: 包您满意", expect: fail}, {name: 二, chat: "服: 欢迎来到小店", expect: pass}]}\n',
        encoding="utf-8",
    )
    book = load([tmp_path])
    coverage = measure(book, run_tests(book))
    assert (coverage.total, {idle.what for idle in coverage.idle}) == (4, {"小店欢迎您", "{quoted: any}"})
