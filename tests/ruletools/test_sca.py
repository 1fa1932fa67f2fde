"""Rules that come from SCA judge as they did there; what cannot be said here is reported, never guessed or dropped."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from qa_scorer.cli.rules import rules
from qa_scorer.errors import RulebookError
from qa_scorer.model.rules import Rulebook, RuleTest
from qa_scorer.model.words import Verdict
from qa_scorer.rulebook import diagnose
from qa_scorer.ruletools.sca import Import, import_rules, read_sca, rule_file
from qa_scorer.ruletools.sca.formula import FormulaError, parse
from qa_scorer.ruletools.sca.report import Status
from qa_scorer.ruletools.testing import run_tests

FOLDER = Path(__file__).parent / "sca"
CASES = [
    pytest.param(file, case, id=f"{file.split('.')[0]}-{case['rule']}-{number}")
    for file, cases in yaml.safe_load((FOLDER / "verdicts.yaml").read_text(encoding="utf-8")).items()
    for number, case in enumerate(cases)
]


@cache
def imported(file: str) -> Import:
    return import_rules(read_sca((FOLDER / file).read_text(encoding="utf-8"), file))


@pytest.mark.parametrize(("file", "case"), CASES)
def test_an_imported_rule_judges_as_it_did(file: str, case: dict[str, Any]) -> None:
    rule = next(one.rule for one in imported(file).rules if one.rid == case["rule"])
    assert rule is not None
    test = RuleTest("case", case["chat"], Verdict.PASS)
    rulebook = Rulebook("sca", (dataclasses.replace(rule, tests=(test,)),), imported(file).dimensions)
    (outcome,) = run_tests(rulebook).outcomes
    counts = Verdict.PASS if rule.bonus else Verdict.FAIL  # a hit earns a bonus, or costs a deduction
    assert (outcome.got is counts) == case["hit"], outcome


def test_what_has_no_equivalent_is_named() -> None:
    left_out = {one.rid: one.notes[0] for one in imported("upload_rule.json").rules if one.status is Status.LEFT_OUT}
    assert left_out.keys() == {"106", "111", "113"}
    assert "SPEECH_SPEED_CHECK" in left_out["106"]
    assert "RE2" in left_out["111"]
    assert "from 2 to 5" in left_out["113"]


def test_a_rule_without_a_score_costs_nothing_until_somebody_says_so() -> None:
    text = (FOLDER / "upload_rule.json").read_text(encoding="utf-8")
    by_id = {one.rid: one for one in imported("upload_rule.json").rules}
    assert by_id["109"].status is Status.UNSCORED
    assert "\n  # - id: sca.109\n" in rule_file(imported("upload_rule.json"), "x")
    scored = {one.rid: one for one in import_rules(read_sca(text, "x"), unscored=2).rules}
    assert scored["109"].rule is not None
    assert scored["109"].rule.deduct == 2


@pytest.mark.parametrize("anchor", [{"location": "AROUND"}, {"location": "BEFORE"}, {"hit_time": -1}, {"cid": "99"}])
def test_an_anchor_is_imported_exactly_or_the_difference_is_told(anchor: dict[str, Any]) -> None:
    given = json.loads((FOLDER / "upload_rule.json").read_text(encoding="utf-8"))
    given["conditions"][3]["check_range"]["anchor"] |= anchor
    (rule,) = [one for one in import_rules(read_sca(json.dumps(given), "x")).rules if one.rid == "103"]
    assert rule.status is not Status.EXACT
    assert rule.notes


@pytest.mark.parametrize("file", ["upload_rule.json", "get_rule_detail.json"])
def test_the_written_file_is_a_rulebook_without_mistakes(file: str, tmp_path: Path) -> None:
    run = CliRunner().invoke(rules, ["import-sca", str(FOLDER / file), "-o", str(tmp_path / "sca.yaml")])
    assert run.exit_code == (1 if file == "upload_rule.json" else 0), run.output
    rulebook, diagnostics = diagnose([tmp_path / "sca.yaml"])
    assert not diagnostics
    assert rulebook is not None
    judging = [one.rule for one in imported(file).rules if one.status in (Status.EXACT, Status.APPROXIMATE)]
    assert [rule.check for rule in rulebook.rules] == [rule.check for rule in judging if rule is not None]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"rules": []}', '{"Data": {}}', "[1]", '{"JsonStr": "{"}', "[" * 100_000],
    ids=["nothing", "open", "list", "object", "no rules", "no data", "numbers", "broken inside", "deep"],
)
def test_what_is_no_export_of_rules_is_said_in_one_line(text: str) -> None:
    with pytest.raises(RulebookError, match=r"no JSON|no list of `rules`"):
        read_sca(text, "rules.json")


@pytest.mark.parametrize("text", ["", "1&&", "(1", "1)", "&&1", "1 2", "1#2", "!" * 999 + "1"])
def test_a_broken_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_no_export_however_odd_ends_in_a_traceback(tmp_path: Path) -> None:
    """Values of a true export replaced by others: every rule is imported, or left out with a reason."""
    chance = random.Random(6)
    true = json.loads((FOLDER / "upload_rule.json").read_text(encoding="utf-8"))
    odd = [
        None,
        "",
        "x",
        "1",
        "客服",
        -1,
        0,
        1e308,
        99,
        True,
        [],
        {},
        ["您好"],
        {"a": 1},
        "!(1||2)&&3",
        "((((",
        "\ud800",
        "a\x00\x1b",
    ]
    for _ in range(100):
        given = copy.deepcopy(true)
        for _ in range(3):
            _replace_one(given, chance, odd)
        try:
            result = import_rules(read_sca(json.dumps(given), "odd.json"))
        except RulebookError:
            continue
        written = tmp_path / "odd.yaml"
        written.write_text(rule_file(result, "odd"), encoding="utf-8")
        assert not [d for d in diagnose([written])[1] if d.code != "Q302"], written.read_text(encoding="utf-8")


def _replace_one(given: Any, chance: random.Random, odd: list[Any]) -> None:
    while True:
        key = chance.choice(list(given) if isinstance(given, dict) else range(len(given)))
        if isinstance(given[key], (dict, list)) and given[key] and chance.random() < 0.8:
            given = given[key]
            continue
        given[key] = copy.copy(chance.choice(odd))
        return
