"""Diagnostics in the formats that people and CI systems read, all from the one ``Diagnostic`` type."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

from qa_scorer import __version__
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook.diagnostics import CODES, Diagnostic, Level, printable, render
from qa_scorer.ruletools.describe import summary

Diagnostics = Sequence[Diagnostic]


def text(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:
    """For a terminal: each with its line and a caret, then a summary."""
    return "\n".join([*(render(diagnostic) for diagnostic in diagnostics), summary(diagnostics, rulebook)])


def as_json(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:
    """A JSON object: ``rules`` (``null`` when there is an error) and ``diagnostics``."""
    found = [
        {
            "code": diagnostic.code,
            "level": diagnostic.level.name.lower(),
            "message": diagnostic.message,
            "help": diagnostic.help,
            "file": diagnostic.place.file,
            "line": diagnostic.place.line,
            "column": diagnostic.place.column,
            "length": diagnostic.length,
        }
        for diagnostic in diagnostics
    ]
    rules = None if rulebook is None else len(rulebook.rules)
    return _dump({"version": __version__, "rules": rules, "diagnostics": found})


_SARIF_LEVEL = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}


def sarif(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:  # noqa: ARG001 - one signature for all formats
    """SARIF 2.1.0; columns count UTF-16 units, as the standard has it."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    described = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code].title},
            "fullDescription": {"text": CODES[code].reason},
            "defaultConfiguration": {"level": _SARIF_LEVEL[CODES[code].level]},
        }
        for code in codes
    ]
    tool = {"driver": {"name": "qa-scorer", "version": __version__, "rules": described}}
    results = [_sarif_result(diagnostic, codes) for diagnostic in diagnostics]
    run = {"tool": tool, "columnKind": "utf16CodeUnits", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dump({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, Any]:
    begin = _utf16(diagnostic.line[: diagnostic.place.column - 1]) if diagnostic.line else diagnostic.place.column - 1
    marked = diagnostic.line[diagnostic.place.column - 1 :][: diagnostic.length]
    region = {
        "startLine": diagnostic.place.line,
        "startColumn": begin + 1,
        "endColumn": begin + 1 + max(_utf16(marked), 1),
    }
    place = {"artifactLocation": {"uri": _uri(diagnostic.place.file)}, "region": region}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _SARIF_LEVEL[diagnostic.level],
        "message": {"text": _sentence(diagnostic)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"qaScorer/v1": _fingerprint(diagnostic)},
    }


def junit(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:  # noqa: ARG001
    """JUnit XML: a test case for each diagnostic, a failure unless it is but an info; one passed case without any."""
    failures = sum(diagnostic.level is not Level.INFO for diagnostic in diagnostics)
    cases = max(len(diagnostics), 1)
    suite = ElementTree.Element("testsuite", name="qa-scorer rules check", tests=str(cases), failures=str(failures))
    for diagnostic in diagnostics:
        name = f"{diagnostic.place} {diagnostic.code}"
        case = ElementTree.SubElement(suite, "testcase", classname=diagnostic.place.file, name=name)
        tag = "system-out" if diagnostic.level is Level.INFO else "failure"
        note = ElementTree.SubElement(case, tag)
        if tag == "failure":
            note.set("message", printable(diagnostic.message))
            note.set("type", diagnostic.level.name.lower())
        note.text = render(diagnostic)
    if not diagnostics:
        ElementTree.SubElement(suite, "testcase", classname="rules", name="no mistakes")
    return junit_file(suite)


def junit_file(suite: ElementTree.Element) -> str:
    """A JUnit file of one suite."""
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode")


_GITHUB_LEVEL = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def github(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:
    """Workflow commands of GitHub Actions, which it shows beside the lines of a pull request."""
    lines = [
        f"::{_GITHUB_LEVEL[d.level]} file={_property(d.place.file)},line={d.place.line},col={d.place.column},"
        f"title={_property(f'{d.code} {CODES[d.code].title}')}::{_data(_sentence(d))}"
        for d in diagnostics
    ]
    return "\n".join([*lines, summary(diagnostics, rulebook)])


_GITLAB_LEVEL = {Level.ERROR: "major", Level.WARNING: "minor", Level.INFO: "info"}


def gitlab(diagnostics: Diagnostics, rulebook: Rulebook | None) -> str:  # noqa: ARG001
    """A GitLab code quality report."""
    return _dump([
        {
            "description": _sentence(diagnostic),
            "check_name": diagnostic.code,
            "fingerprint": _fingerprint(diagnostic),
            "severity": _GITLAB_LEVEL[diagnostic.level],
            "location": {"path": diagnostic.place.file, "lines": {"begin": diagnostic.place.line}},
        }
        for diagnostic in diagnostics
    ])  # fmt: skip


FORMATS: dict[str, Callable[[Diagnostics, Rulebook | None], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "gitlab": gitlab,
}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _sentence(diagnostic: Diagnostic) -> str:
    return printable(f"{diagnostic.message} ({diagnostic.help})" if diagnostic.help else diagnostic.message)


def _fingerprint(diagnostic: Diagnostic) -> str:
    """The same for the same mistake after lines were added above it."""
    known = "\0".join((diagnostic.code, diagnostic.place.file, diagnostic.message, diagnostic.line.strip()))
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()


def _utf16(part: str) -> int:
    return len(part.encode("utf-16-le", "surrogatepass")) // 2


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"))


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
