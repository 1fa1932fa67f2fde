"""`rules check --fix` writes what is certain and leaves every other byte alone; regexes that cannot match are told."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli.rules import rules
from qa_scorer.matching.normalise import make_views
from qa_scorer.ruletools.lint.impossible import is_cut, why_never

RULES = (
    "\ufeffversion: 1\r\n"
    "dimensions: {d: {name: 服务, weight: 10}}  # 权重\r\n"
    "rules:\r\n"
    "  - {id: greet, title: 问候, dimension: d, check: require, 'patterns': [您好], weight: 10, why: 礼貌,\r\n"
    "     exclude:   [您好像], tests: [{name: 有, chat: '服: 您好', expect: pass}, {name: 无, chat: '服: 嗯', expect: fail}]}\r\n"
)
MENDED = (
    RULES.replace("'patterns'", "any").replace("weight: 10", "points: 10").replace("why", "reason").replace("exclude", "except")
)  # fmt: skip


def check(*words: str | Path) -> Result:
    return CliRunner().invoke(rules, ["check", *map(str, words)], env={"LANGUAGE": "en"})


def test_a_file_is_mended_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(RULES.encode())
    assert check(path).output.count("warning[Q110]") == 5
    run = check("--fix", path)
    assert (run.exit_code, run.stderr) == (0, "5 places mended\n")
    assert "Q110" not in run.stdout
    assert path.read_bytes() == MENDED.encode()


def test_other_words_mean_the_same(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_bytes(RULES.encode())
    run = CliRunner().invoke(rules, ["test", str(tmp_path)])
    assert run.output == "2 tests passed\n"


def test_a_key_and_its_other_word_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(MENDED.replace("points: 10, reason", "points: 10, weight: 10, reason"), encoding="utf-8")
    run = check("--fix", path)
    assert run.exit_code == 1
    assert "unknown key `weight`" in run.stdout


def test_nothing_to_mend_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(MENDED.encode())
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    assert check("--fix", path).exit_code == 0
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "regex",
    ["😊", "您好[😊👍]", r"\[微笑\]", "再见$。", r"\n您好", "(😊|🙏)+您好", "好(的$再见)", "您^好", r"(?:👍){2,}"],
)
def test_a_regex_that_asks_for_what_is_cut_or_beyond_the_end_never_matches(regex: str) -> None:
    assert why_never(regex)


@pytest.mark.parametrize(
    "regex", ["您好", "[😊好]", "😊?您好", "(😊|您好)", r"再见[。!]*$", r"^(您|你)好", r"\p{Han}{2}", "(^|[,，])滚", "(x$|y)z?", "[^😊]", "[[:punct:]]好", "[[a]好"]
)  # fmt: skip
def test_a_regex_that_can_match_is_left_alone(regex: str) -> None:
    assert why_never(regex) == ""


def test_what_is_cut_is_cut_from_messages_too() -> None:
    chars = [chr(code) for code in range(0x20, 0x1FFFF) if not 0xD800 <= code < 0xE000]
    clean = make_views(pa.array([f"啊啊{char}嗯嗯" for char in chars], pa.string())).clean
    for number, char in enumerate(chars):
        assert is_cut(char) == (clean.message(number) == "啊啊嗯嗯"), hex(ord(char))
