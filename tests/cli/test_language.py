"""Help in the user's language: complete, and aligned in a terminal where a Han character takes two columns."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from rich.cells import cell_len

from qa_scorer import cli
from qa_scorer.cli.language import paragraphs, wrap
from qa_scorer.cli.sentences import translate_sentence

FOLDER = Path(cli.__file__).parent
OF_CLICK = {"Options", "Commands", "default:", "required", "Show this message and exit."}


def help_in(locale: str, *words: str) -> str:
    command = [sys.executable, "-c", "from qa_scorer.cli import main; main(prog_name='qa-scorer')", *words, "--help"]
    environment = {**os.environ, "LC_ALL": locale, "LANGUAGE": "", "PYTHONUTF8": "1"}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True).stdout


def texts(command: click.Command) -> Iterator[str]:
    yield from paragraphs(command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            yield parameter.help
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from texts(command.get_command(click.Context(command), name) or pytest.fail(name))


def test_every_help_text_has_a_chinese_translation_and_none_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    called = extract_from_dir(FOLDER, [("**.py", "python")], keywords={"translate": None, "N_": None})
    wanted = {str(message) for _, _, message, _, _ in called} | OF_CLICK | set(texts(cli.main))
    wanted |= {line for _, line in cli._COMMANDS.values()}
    with (FOLDER / "locale" / "zh.po").open("rb") as file:
        entries = {str(entry.id): str(entry.string) for entry in read_po(file, abort_invalid=True) if entry.id}
    assert set(entries) == wanted
    assert all(entries.values())


def test_help_follows_the_locale() -> None:
    assert "给导出的会话评分" in help_in("zh_CN.UTF-8")
    assert "Score exports" in help_in("en_US.UTF-8")
    assert "Score exports" in help_in("C")


def test_chinese_help_stays_within_the_terminal() -> None:
    for line in help_in("zh_CN.UTF-8", "score").splitlines():
        assert cell_len(line) <= 80, line


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("按规则评分，逐条说明", ["按规则", "评分，", "逐条说", "明"]),
        ("写到 reports", ["写到", "reports"]),
        ("", []),
    ],
)
def test_lines_break_where_a_reader_expects(text: str, lines: list[str]) -> None:
    assert wrap(text, 7) == lines


def test_what_the_reader_says_of_exports_is_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh")
    for path in sorted((Path(__file__).parents[1] / "transcripts" / "cases").glob("*.yaml")):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        rejects = [reject.partition(": ")[2] for reject in case.get("rejects", [])]
        for said in (case["grouping"], *case.get("dropped", {}), *rejects):
            assert translate_sentence(said) != said, path.name
    said = "who speaks is unknown: 角色 is '甲'; say it with --role 甲=agent"
    assert translate_sentence(said) == "不知道谁在说话：角色 是 '甲'；可用 --role 甲=agent 指明"
    monkeypatch.setenv("LANGUAGE", "en")
    assert translate_sentence(said) == said
