"""A change of the rules shows before the merge whom it moves, by how much and why; and it shows nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_scorer.checks import compile_plan
from qa_scorer.cli.rules import rules
from qa_scorer.engines import score_one
from qa_scorer.rulebook import load
from qa_scorer.ruletools.diff import as_json, compare
from qa_scorer.ruletools.diff.compare import how_changed
from qa_scorer.transcripts import ReadOptions, read

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"
OLD = """\
version: 1
dimensions: {d: {name: 服务, points: 10}}
lists: {rude: [不归我管], hello: [您好]}
rules:
  - {id: greet, title: 问候, dimension: d, check: require, any: [$hello], points: 10}
  - {id: rude, title: 推诿, dimension: d, check: forbid, any: [$rude], deduct: 20}
  - {id: thanks, title: 致谢, dimension: d, check: require, any: [感谢], bonus: 1}
"""
CHATS = """\
会话ID,角色,客服,内容
c1,客户,,怎么办
c1,客服,小美,您好，这不归我管
c2,客户,,怎么办
c2,客服,小美,您好，找别人去|吧
c3,客户,,怎么办
c3,客服,阿强,您好，马上办
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "old.yaml").write_text(OLD, encoding="utf-8")
    (tmp_path / "chats.csv").write_text(CHATS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed_rules(folder: Path, *replacements: tuple[str, str]) -> None:
    text = OLD
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (folder / "new.yaml").write_text(text, encoding="utf-8")


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(rules, ["diff", *arguments, "--on", "chats.csv"], catch_exceptions=False)


def test_a_new_phrase_names_the_conversation_the_agent_the_rule_and_the_message(folder: Path) -> None:
    changed_rules(folder, ("[不归我管]", "[不归我管, 找别人去]"))
    run = diff("old.yaml", "new.yaml")
    assert run.exit_code == 0
    assert "1 of 3 conversations change (33.3%), mean score 93.33 → 86.67 (-6.67)" in run.output
    assert "c2, 小美: pass → fail (-20), message 2: 您好，找别人去|吧" in run.output
    assert "阿强" not in run.output
    assert diff("old.yaml", "new.yaml", "--max-change", "40").exit_code == 0
    assert diff("old.yaml", "new.yaml", "--max-change", "30").exit_code == 1


@pytest.mark.slow
def test_processes_tell_what_one_process_tells(folder: Path) -> None:
    changed_rules(folder, ("hello: [您好]", "hello: [您好, 的]"), ("deduct: 20", "deduct: 5"))
    batches = list(read([str(SAMPLES)], ReadOptions(batch_messages=50)).batches())
    assert len(batches) > 4
    one, two = (compare(batches, load(["old.yaml"]), load(["new.yaml"]), jobs) for jobs in (1, 2))
    assert one.detailed
    assert as_json(one) == as_json(two)


def test_layout_and_order_change_nothing(folder: Path) -> None:
    lines = OLD.splitlines(keepends=True)
    (folder / "new.yaml").write_text("".join([*lines[:4], lines[6], lines[5], lines[4]]) + "# end\n", encoding="utf-8")
    run = diff("old.yaml", "new.yaml", "--max-change", "0")
    assert run.exit_code == 0
    assert "no rule judges or counts differently" in run.output


@pytest.mark.usefixtures("folder")
def test_numbers_mean_the_same_however_they_are_written() -> None:
    """So that what `rules resolve` writes differs from nothing."""
    follow = "  - {id: sorry, title: 致歉, dimension: d, check: follow, when: {role: customer, any: [慢]}, bonus: 1, then: {any: [抱歉]%s}}\n"
    for name, within in (("old.yaml", ""), ("new.yaml", ", within: 1 message")):
        Path(name).write_text(OLD + follow % within, encoding="utf-8")
    assert how_changed(load(["old.yaml"]), load(["new.yaml"])) == {}


def test_every_kind_of_change_is_told_apart(folder: Path) -> None:
    changed_rules(folder, ("deduct: 20", "deduct: 5"), ("[$hello]", "[$hello, 你好]"), ("id: thanks", "id: thank_you"))
    how = {rule_id: how for rule_id, (_, how) in how_changed(load(["old.yaml"]), load(["new.yaml"])).items()}
    assert how == {"greet": "judges differently", "rude": "worth another", "thanks": "removed", "thank_you": "added"}
    run = diff("old.yaml", "new.yaml", "--output", "json")
    told = json.loads(run.output)
    assert told["changed"] == [
        {"conversation_id": "c1", "agent": "小美", "change": 15.0,
         "before": {"score": 80.0, "grade": "待改进", "passed": False},
         "after": {"score": 95.0, "grade": "优秀", "passed": True}}
    ]  # fmt: skip
    by_id = {rule["id"]: rule for rule in told["rules"]}
    assert by_id["rude"]["moves"] == [{"before": "fail", "after": "fail", "verdicts": 1}]
    assert by_id["greet"]["verdicts"] == 0


def test_a_comment_on_a_pull_request_survives_names_and_texts_of_all_kinds(folder: Path) -> None:
    hostile = CHATS.replace("小美", "<b>|小_美").replace("找别人去|吧", "找别人去<img src=x onerror=alert(1)>|")
    (folder / "chats.csv").write_text(hostile, encoding="utf-8")
    changed_rules(folder, ("[不归我管]", "[不归我管, 找别人去]"))
    run = diff("old.yaml", "new.yaml", "--output", "markdown:comment.md", "--output", "json:data.json")
    assert run.exit_code == 0
    assert run.output == ""
    comment = (folder / "comment.md").read_text(encoding="utf-8")
    assert "\\<img" in comment
    assert " <img" not in comment
    assert "\\<b\\>\\|小\\_美" in comment
    assert json.loads((folder / "data.json").read_text(encoding="utf-8"))["conversations"] == 3


def test_rules_are_found_in_a_git_revision_with_what_they_extend(folder: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=qa", "-c", "user.email=qa@example.com"]
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True, cwd=folder)

    (folder / "rules").mkdir()
    (folder / "rules" / "shop.yaml").write_text(
        "version: 1\nextends: [../old.yaml]\noverrides: [{rule: rude, deduct: 5, reason: 门店口径}]\n", encoding="utf-8"
    )
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "rules")
    (folder / "rules" / "shop.yaml").write_text("version: 1\nextends: [../old.yaml]\n", encoding="utf-8")
    run = diff("main:rules/", "rules")
    assert run.exit_code == 0, run.output
    assert "c1, 小美: fail (-15)" in run.output
    for wrong in ("main:nothing/", "elsewhere:rules/", "--upload-pack=x:rules"):
        run = CliRunner().invoke(rules, ["diff", "--on", "chats.csv", "--", wrong, "rules"])
        assert wrong.partition(":")[0] in str(run.exception), run.output


def test_judging_only_what_changed_equals_judging_everything() -> None:
    old = load(None)
    new = load([Path(__file__).parents[1] / "rulefiles" / "inherits.good.yaml"])
    told = compare(read([str(SAMPLES)]).batches(), old, new)
    plans = (compile_plan(old), compile_plan(new))
    expected = []
    for batch in read([str(SAMPLES)]).batches():
        tables = [score_one(batch, plan).conversations.to_pylist() for plan in plans]
        expected += [
            (before["conversation_id"], before["score"], after["score"])
            for before, after in zip(*tables, strict=True)
            if any(before[name] != after[name] for name in ("score", "grade", "passed", "vetoed"))
        ]
    assert [(one.conversation_id, one.before.score, one.after.score) for one in told.changed] == expected
    assert expected
