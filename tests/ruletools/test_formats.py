"""What CI systems read of a check: right columns, right escapes, stable fingerprints."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from qa_scorer.model.rules import Place
from qa_scorer.rulebook import Diagnostic
from qa_scorer.ruletools.formats import as_json, github, gitlab, junit, sarif, text

LINE = '  词😀表: [<坏> & "引号", x]'
FOUND = Diagnostic(
    "Q202", "list <坏>, 100%:\n没有\x1b[31m", Place("规则/a,b.yaml", 3, 9), 3, "did you mean `好`?", LINE
)
HINT = Diagnostic("Q304", "x", Place("规则/a,b.yaml", 4, 1))


def test_sarif_counts_columns_in_utf16_and_escapes_the_path() -> None:
    run = json.loads(sarif([FOUND, HINT], None))["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 10, "endColumn": 13}
    assert place["artifactLocation"]["uri"] == "%E8%A7%84%E5%88%99/a%2Cb.yaml"
    assert [result["level"] for result in run["results"]] == ["error", "note"]
    assert run["tool"]["driver"]["rules"][run["results"][1]["ruleIndex"]]["id"] == "Q304"


def test_github_commands_stay_on_one_line_and_escape_what_ends_a_property() -> None:
    first = github([FOUND], None).splitlines()[0]
    assert first.startswith("::error file=规则/a%2Cb.yaml,line=3,col=9,title=Q202 list not defined::list <坏>, 100%25:")
    assert "\x1b" not in first


def test_junit_is_xml_whatever_the_message_holds() -> None:
    suite = ElementTree.fromstring(junit([FOUND, HINT], None).encode()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "<坏>" in str(suite.findtext("testcase/failure"))


def test_junit_without_mistakes_is_one_passed_case() -> None:
    suite = ElementTree.fromstring(junit([], None).encode()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("1", "0", 1)


def test_gitlab_knows_a_mistake_again_after_lines_were_added_above() -> None:
    moved = Diagnostic(FOUND.code, FOUND.message, Place(FOUND.place.file, 9, 9), 3, FOUND.help, LINE)
    one, two = json.loads(gitlab([FOUND], None))[0], json.loads(gitlab([moved], None))[0]
    assert one["fingerprint"] == two["fingerprint"]
    assert one["severity"] == "major"


def test_json_holds_everything() -> None:
    (found,) = json.loads(as_json([FOUND], None))["diagnostics"]
    assert found == {
        "code": "Q202", "level": "error", "message": FOUND.message, "help": FOUND.help,
        "file": "规则/a,b.yaml", "line": 3, "column": 9, "length": 3,
    }  # fmt: skip


def test_a_terminal_never_gets_control_characters_from_a_rule_file() -> None:
    assert "\x1b" not in text([FOUND], None)
