"""Several files become one rulebook, and two rulebooks share a digest only when they mean the same."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_scorer.checks import compile_plan, judge
from qa_scorer.engines import run
from qa_scorer.errors import RulebookError
from qa_scorer.matching.batch import Batch
from qa_scorer.matching.patternset import compile_regex
from qa_scorer.model.patterns import Literal, Regex
from qa_scorer.model.rules import Place
from qa_scorer.rulebook import builtin_folder, diagnose, folders, load
from qa_scorer.rulebook.diagnostics import Diagnostic, display_width, render
from qa_scorer.ruletools.describe import parts_of
from qa_scorer.transcripts import TranscriptBatch, read

HEAD = "version: 1\ndimensions: {d: {name: 服务, points: 10}}\n"
RULE = "rules:\n  - {id: a, title: 问候, dimension: d, check: require, any: [$hello], points: 10}\n"
LISTS = "lists:\n  hello: [您好, 你好]\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_paths_the_builtin_rules_are_loaded() -> None:
    rulebook = load(None)
    assert rulebook.name == "在线客服服务质检标准"
    assert {rule.dimension for rule in rulebook.rules} <= {dimension.id for dimension in rulebook.dimensions}


def test_the_builtin_rules_raise_no_word() -> None:
    assert [render(found) for found in diagnose([builtin_folder()])[1]] == []


def test_a_broken_regex_of_the_builtin_rules_is_found_by_who_looks_for_mistakes_and_stops_who_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RULE.replace("$hello", "{regex: '(您'}")
    write(tmp_path, a=HEAD + broken)
    (tmp_path / "chat.txt").write_text("客: 在吗\n服: 您好，在的\n", encoding="utf-8")
    monkeypatch.setattr(folders, "builtin_folder", lambda: tmp_path)
    rulebook, found = diagnose()
    assert rulebook is None
    assert [diagnostic.code for diagnostic in found] == ["Q301"]
    plan = compile_plan(load())  # what ships was tried before, and is compiled when it is needed
    with pytest.raises(RulebookError, match="missing \\)"):
        judge(Batch(next(read([tmp_path / "chat.txt"]).batches())), plan)


def test_every_regex_that_ships_is_read_by_the_search() -> None:
    regexes = [part for rule in load(None).rules for part in parts_of(rule) if isinstance(part, Regex)]
    regexes += [part for entry in load(None).lists.values() for part in entry.patterns if isinstance(part, Regex)]
    assert all(regex.tried for regex in regexes)
    assert all(compile_regex(regex.regex) for regex in regexes)


@pytest.mark.parametrize("regex", ["(您", r"您\Z", r"\Q您"])
def test_a_broken_regex_of_a_users_file_stops_the_run_before_a_chat_is_read(regex: str, tmp_path: Path) -> None:
    written = RULE.replace("$hello", f"{{regex: '{regex}'}}")
    write(tmp_path, a=HEAD.replace("version: 1", "version: 1\nextends: builtin:base") + written)

    def chats() -> Iterator[TranscriptBatch]:
        raise AssertionError("a chat was read")
        yield

    with pytest.raises(RulebookError):
        next(run(chats(), load([tmp_path])))


def test_a_folder_is_one_rulebook_and_equals_its_files(tmp_path: Path) -> None:
    write(tmp_path, a=HEAD + RULE, b="version: 1\n" + LISTS)
    whole = load([tmp_path])
    assert whole.digest == load([tmp_path / "a.yaml", tmp_path / "b.yaml"]).digest
    assert whole.lists["hello"].patterns == (Literal("您好"), Literal("你好"))
    assert whole.lists["hello"].places[1] == Place(str(tmp_path / "b.yaml"), 3, 15)


def test_all_mistakes_of_all_files_are_raised_at_once(tmp_path: Path) -> None:
    write(tmp_path, a=HEAD + RULE, b="version: 1\nnmae: x\n")
    with pytest.raises(RulebookError) as error:
        load([tmp_path])
    assert "a.yaml:4:60: error[Q202]" in str(error.value)
    assert "b.yaml:2:1: error[Q103]" in str(error.value)
    assert "2 errors" in str(error.value)


def test_a_rule_with_a_mistake_does_not_hide_the_next(tmp_path: Path) -> None:
    rules = "rules:\n  - {id: a, titel: x}\n  - {id: b, titel: x}\n"
    lines = {found.place.line for found in diagnose([write(tmp_path, a=HEAD + rules)])[1]}
    assert lines == {4, 5}


def test_an_inherited_list_grows_or_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, base=HEAD + LISTS + RULE)
    grown = load([*map(tmp_path.joinpath, ["base.yaml"])]).lists["hello"].patterns
    write(tmp_path, more="version: 1\nextends: base.yaml\nlists: {hello+: [早上好, 您好]}\n")
    write(tmp_path, other="version: 1\nextends: base.yaml\nlists: {hello: [早上好]}\n")
    assert load([tmp_path / "more.yaml"]).lists["hello"].patterns == (*grown, Literal("早上好"))
    assert load([tmp_path / "other.yaml"]).lists["hello"].patterns == (Literal("早上好"),)


def test_overrides_change_or_switch_off_inherited_rules(tmp_path: Path) -> None:
    write(tmp_path, base=HEAD + LISTS + RULE)
    write(
        tmp_path, less="version: 1\nextends: base.yaml\noverrides: [{rule: a, points: 4, advice: 先问好, reason: 试}]\n"
    )
    write(tmp_path, off="version: 1\nextends: base.yaml\noverrides: [{rule: a, enabled: false, reason: 试}]\n")
    assert [(rule.points, rule.advice) for rule in load([tmp_path / "less.yaml"]).rules] == [(4, "先问好")]
    assert load([tmp_path / "off.yaml"]).rules == ()


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        base=HEAD + LISTS + RULE,
        left="version: 1\nextends: base.yaml\n",
        right="version: 1\nextends: [base.yaml, left.yaml]\n",
    )
    assert len(load([tmp_path]).rules) == 1


def test_scoring_is_inherited_key_by_key(tmp_path: Path) -> None:
    write(tmp_path, base="version: 1\nscoring: {pass: 70, total: 80}\n")
    write(tmp_path, own="version: 1\nextends: base.yaml\nscoring: {pass: 75}\n")
    scoring = load([tmp_path / "own.yaml"]).scoring
    assert (scoring.pass_mark, scoring.total) == (75, 80)


def test_layout_comments_and_tests_leave_the_digest_alone_and_meaning_does_not(tmp_path: Path) -> None:
    (
        write(tmp_path, a=HEAD + LISTS + RULE),
        write(tmp_path, b=HEAD + "# 词表\n" + LISTS.replace("[", "[ ") + "\n" + RULE),
    )
    write(
        tmp_path,
        c=HEAD + LISTS + RULE.replace("points: 10}", "points: 10, tests: [{name: x, chat: '客: 在', expect: fail}]}"),
    )
    write(
        tmp_path,
        d=HEAD + LISTS + RULE.replace("points: 10}", "points: 9}"),
        e=HEAD + LISTS.replace("你好", "您早") + RULE,
    )
    a, b, c, d, e = (load([tmp_path / f"{name}.yaml"]).digest for name in "abcde")
    assert a == b == c
    assert len({a, d, e}) == 3


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("您好", 4), ("ａ：", 4), ("é", 1), ("…", 1), ("", 0), ("👍", 2)]
)
def test_width_is_that_of_a_terminal(text: str, width: int) -> None:
    assert display_width(text) == width


def test_the_caret_stands_right_under_the_place_in_a_long_chinese_line() -> None:
    line = "词" * 150 + "错" + "词" * 150
    lines = render(Diagnostic("Q106", "x", Place("f", 1, 151), 1, line=line)).splitlines()
    shown, caret = lines[2], lines[3]
    assert display_width(shown[: shown.index("错")]) == display_width(caret[: caret.index("^")])
    assert caret.count("^") == 2


def test_loading_rules_imports_nothing_heavy() -> None:
    code = "import sys, qa_scorer.rulebook as r; r.load(); print({'pandas', 'pyarrow', 'numpy', 'jieba'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_five_hundred_rules_are_read_in_half_a_second(tmp_path: Path) -> None:
    rule = "  - {{id: r{n}, title: 问候, dimension: d, check: forbid, any: ['词{n}', {{regex: '(坏|差){{1,3}}的?词{n}'}}], deduct: 1}}\n"
    write(tmp_path, many=HEAD + "rules:\n" + "".join(rule.format(n=n) for n in range(500)))
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        assert len(load([tmp_path]).rules) == 500
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.5


def test_no_mutilated_file_leads_to_anything_but_diagnostics(tmp_path: Path) -> None:
    """Lines and characters lost, doubled and swapped, as editors and merges do: never a traceback, never a wrong line."""
    chance = random.Random(5)
    files = Path(__file__).parents[1] / "rulefiles"
    texts = [(files / f"{name}.good.yaml").read_text(encoding="utf-8") for name in ("smallest", "every_check")]
    file = tmp_path / "rules.yaml"
    for _ in range(400):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(text)), chance.randint(1, 12)
            text = (
                text[:at]
                + chance.choice(["", text[at : at + length] * 2, chance.choice("[]{}:,'\"|>&*!%@`#-?\t\n$ 0a词")])
                + text[at + length :]
            )
        file.write_text(text, encoding="utf-8")
        _, diagnostics = diagnose([file])
        lines = text.count("\n") + 1
        assert all(1 <= found.place.line <= lines for found in diagnostics if found.place.file == str(file))
        assert all(render(found) for found in diagnostics)
