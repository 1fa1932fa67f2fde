"""Templates are compiled once for an installation: later reports are the same, whatever became of what was kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from jinja2 import Environment, FileSystemLoader

from qa_scorer.reports.compiled import CompiledTemplates
from qa_scorer.reports.pack import pack, pack_once
from qa_scorer.reports.write import write_reports
from tests.reports.factory import AGENTS, make_run

TEXT = "{% if agent %}\n  {{ agent }}\n{% endif %}\n"


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template beside which Python may write."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "team.html").write_text(TEXT, encoding="utf-8")
    return tmp_path / "team.html"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were compiled."""
    names: list[str] = []
    generate: Callable[..., str] = Environment._generate

    def watched(environment: Environment, source: object, name: str, *rest: object, **named: object) -> str:
        names.append(name)
        return generate(environment, source, name, *rest, **named)

    monkeypatch.setattr(Environment, "_generate", watched)
    return names


def rendered(template: Path, **options: bool) -> str:
    environment = Environment(
        loader=FileSystemLoader(template.parent), bytecode_cache=CompiledTemplates(), extensions=["jinja2.ext.i18n"]
    )
    for name, value in options.items():
        setattr(environment, name, value)
    return environment.get_template(template.name).render(agent="<客服>")


def test_a_second_environment_compiles_nothing(template: Path, compiled: list[str]) -> None:
    assert rendered(template) == rendered(template) == "\n  <客服>\n"
    assert compiled == ["team.html"]


def test_a_changed_template_is_compiled_anew(template: Path) -> None:
    rendered(template)
    template.write_text("{{ agent }}!", encoding="utf-8")
    assert rendered(template) == "<客服>!"


@pytest.mark.parametrize(
    ("option", "text"),
    [("trim_blocks", "  <客服>\n"), ("autoescape", "\n  &lt;客服&gt;\n"), ("newstyle_gettext", "\n  <客服>\n")],
)
def test_environments_with_other_options_share_nothing(
    template: Path, compiled: list[str], option: str, text: str
) -> None:
    rendered(template)
    assert rendered(template, **{option: True}) == text
    assert len(compiled) == 2


def test_another_jinja_compiles_anew(template: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rendered(template)
    monkeypatch.setattr(jinja2.compiler, "__file__", jinja2.lexer.__file__)
    rendered(template)
    assert len(compiled) == 2


def test_a_moved_template_is_compiled_anew_for_its_name_stands_in_tracebacks(
    template: Path, compiled: list[str]
) -> None:
    rendered(template)
    moved = template.parent.rename(template.parent.with_name("moved"))
    rendered(moved / template.name)
    assert len(compiled) == 2


def test_a_broken_file_and_a_closed_folder_only_cost_time(template: Path) -> None:
    rendered(template)
    kept = template.parent / "__pycache__"
    next(kept.iterdir()).write_bytes(b"\0" * 100)
    assert rendered(template) == "\n  <客服>\n"
    for file in kept.iterdir():
        file.unlink()
    kept.rmdir()
    kept.write_bytes(b"")  # no folder can be made here, not even by root
    assert rendered(template) == "\n  <客服>\n"


def test_reports_are_the_same_bytes_from_what_was_kept(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    run = make_run(AGENTS[:2], 2)
    first = [path.read_bytes() for path in write_reports(run, tmp_path / "first")]
    assert compiled
    compiled.clear()
    assert [path.read_bytes() for path in write_reports(run, tmp_path / "second")] == first
    assert not compiled


def test_the_charts_library_is_packed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "echarts.min.js"
    assert pack_once(file, "var x") == pack("var x")
    assert pack_once(file, "var y") == pack("var y")
    monkeypatch.setattr("qa_scorer.reports.pack.pack", None)
    assert pack_once(file, "var y") == pack("var y")
