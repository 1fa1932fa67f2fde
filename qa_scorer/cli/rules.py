"""``qa-scorer rules``: check, test, list and explain rule files; exit codes as everywhere (0 clean, 1 findings, 2 cannot)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from qa_scorer.cli.language import translate
from qa_scorer.cli.rules_diff import diff_command
from qa_scorer.cli.rules_import import import_sca_command
from qa_scorer.errors import InputError, OutputError, RulebookError

if TYPE_CHECKING:
    from qa_scorer.model.rules import Rulebook
    from qa_scorer.rulebook import Diagnostic

_OUTPUTS = click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT[:PATH]",
    help="text, json, sarif, junit, github or gitlab, to PATH or the terminal; several may be given "
    "[default: text, in GitHub Actions github].",
)  # fmt: skip
_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


@click.group("rules")
def rules() -> None:
    """Check, test and explain rule files (PATHS are YAML files or folders; without any, the built-in rules)."""


rules.add_command(diff_command)
rules.add_command(import_sca_command)


@rules.command("check")
@_PATHS
@click.option(
    "--select", multiple=True, metavar="CODE", help="Report only codes that begin so, such as Q3. Errors always."
)
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave out codes that begin so. Never errors.")
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@click.option(
    "--fix", is_flag=True, help="Mend in the files what is certain, such as other words for keys, and report the rest."
)
@_OUTPUTS
def check_command(
    paths: tuple[Path, ...], select: tuple[str, ...], ignore: tuple[str, ...], strict: bool, fix: bool,
    outputs: tuple[str, ...],
) -> None:  # fmt: skip
    """Report every mistake in PATHS. Exit code 1 when there is an error."""
    from qa_scorer.rulebook import Level
    from qa_scorer.ruletools.fixing import fix_files
    from qa_scorer.ruletools.lint import check

    wanted = [_output(output) for output in outputs or (_default_output(),)]
    rulebook, found = check(paths or None)
    if fix and (mended := fix_files(found)):
        click.echo(translate("{count} places mended").format(count=mended), err=True)
        rulebook, found = check(paths or None)
    diagnostics = [
        d for d in found
        if d.level is Level.ERROR or (d.code.startswith(select or "Q") and not (ignore and d.code.startswith(ignore)))
    ]  # fmt: skip
    for write, path in wanted:
        _report(write(diagnostics, rulebook), path)
    if any(diagnostic.code == "Q100" for diagnostic in diagnostics):
        sys.exit(2)
    gravest = Level.WARNING if strict else Level.ERROR
    sys.exit(any(diagnostic.level <= gravest for diagnostic in diagnostics))


def _default_output() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _output(output: str) -> tuple[Callable[[Sequence[Diagnostic], Rulebook | None], str], Path | None]:
    from qa_scorer.ruletools.formats import FORMATS

    name, _, path = output.partition(":")
    if name not in FORMATS:
        raise click.BadParameter(f"{name} is no format; use one of {', '.join(FORMATS)}", param_hint="--output")
    return FORMATS[name], Path(path) if path else None


def _report(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text)
    else:
        _write(path, text + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None


@rules.command("test")
@_PATHS
@click.option("--cases", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="More tests, in YAML or JSON Lines: rule or standard, name, chat, expect, metadata.")  # fmt: skip
@click.option("-k", "keep", multiple=True, metavar="TEXT", help="Only tests whose rule or name holds TEXT.")
@click.option("--coverage", is_flag=True, help="Name every pattern and guard that no test made fire.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="Exit code 1 when less than this share of patterns and guards fired (implies --coverage).")  # fmt: skip
@_OUTPUTS
def test_command(
    paths: tuple[Path, ...], cases: tuple[Path, ...], keep: tuple[str, ...], coverage: bool, fail_under: float | None,
    outputs: tuple[str, ...],
) -> None:  # fmt: skip
    """Run the tests that stand in PATHS, with their rules and in files beside them (*.cases.yaml, *.cases.jsonl). Exit
    code 1 when one fails."""
    from qa_scorer.rulebook import case_files, load
    from qa_scorer.ruletools.cases import with_cases
    from qa_scorer.ruletools.coverage import measure
    from qa_scorer.ruletools.formats import junit, text
    from qa_scorer.ruletools.outcome_text import diagnostics_of, junit_report, test_report
    from qa_scorer.ruletools.testing import run_tests

    if keep and (coverage or fail_under is not None):
        raise click.UsageError("coverage is that of all tests; leave out -k")
    wanted = [_output(output) for output in outputs or dict.fromkeys(("text", _default_output()))]
    rulebook = with_cases(load(paths or None), [*case_files(paths or None), *cases])
    report = run_tests(rulebook, keep)
    measured = measure(rulebook, report) if coverage or fail_under is not None else None
    for write, path in wanted:
        if write is text:
            _report(test_report(report, measured), path)
        else:
            _report(junit_report(report) if write is junit else write(diagnostics_of(report), rulebook), path)
    too_low = measured is not None and fail_under is not None and measured.share * 100 < fail_under
    sys.exit(not report.passed or too_low)


@rules.command("list")
@_PATHS
def list_command(paths: tuple[Path, ...]) -> None:
    """List the rules of PATHS, one a line."""
    from qa_scorer.rulebook import load
    from qa_scorer.ruletools.describe import rule_list

    click.echo(rule_list(load(paths or None)))


@rules.command("explain")
@click.argument("name", metavar="RULE|CODE")
@_PATHS
@click.option("--on", "chat", type=click.File(encoding="utf-8"), metavar="CHAT",
              help="Show step by step how the rule judges this chat, in the notation of tests; - reads it from the terminal.")  # fmt: skip
def explain_command(name: str, paths: tuple[Path, ...], chat: IO[str] | None) -> None:
    """Explain a rule of PATHS, or a code of ``rules check`` such as Q103."""
    from qa_scorer.rulebook import load
    from qa_scorer.rulebook.diagnostics import CODES
    from qa_scorer.rulebook.source import did_you_mean
    from qa_scorer.ruletools.describe import explanation
    from qa_scorer.ruletools.origins import overrides_of

    if name.upper() in CODES:
        code = CODES[name.upper()]
        click.echo(f"{name.upper()} ({code.level.name.lower()}): {code.title}\n{code.reason}")
        return
    rulebook = load(paths or None)
    rule = next((rule for rule in rulebook.rules if rule.id == name), None)
    if rule is None:
        known = [rule.id for rule in rulebook.rules]
        raise RulebookError(f"there is no rule {name}; {did_you_mean(name, known) or 'see `qa-scorer rules list`'}")
    if chat is None:
        click.echo(explanation(rule, rulebook, overrides_of(name, paths or None)))
        return
    from qa_scorer.ruletools.trace import trace, trace_text

    try:
        text = chat.read()
    except UnicodeDecodeError as error:
        raise InputError(f"{chat.name} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    click.echo(trace_text(trace(rule, rulebook, text)))


@rules.command("resolve")
@_PATHS
def resolve_command(paths: tuple[Path, ...]) -> None:
    """Print PATHS as one rule file, with all that they inherit and override."""
    from qa_scorer.rulebook import load
    from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text

    click.echo(yaml_text(rulebook_mapping(load(paths or None))), nl=False)


@rules.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of rule files, for editors to validate and complete with."""
    from qa_scorer.rulebook.schema import schema

    click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))


@rules.command("init")
@click.argument("path", type=click.Path(path_type=Path), default=Path("rules.yaml"))
def init_command(path: Path) -> None:
    """Write a commented rule file that passes `check` and `test`, to start from."""
    from qa_scorer.ruletools.starter import STARTER

    if path.exists():
        raise OutputError(f"{path} exists already; name another file, or remove it first")
    _write(path, STARTER)
    click.echo(f"{path} written; next: qa-scorer rules check {path} && qa-scorer rules test {path}")
