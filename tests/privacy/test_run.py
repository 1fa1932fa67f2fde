"""A run in which personal data stand everywhere they can: judged as it is, and written for other eyes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qa_scorer.cli import main
from qa_scorer.reports.write import write_reports
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from tests.privacy import planted
from tests.privacy.outputs import everything

RULES = """
version: 1
name: 隐私
scoring: {min_messages: 1}
dimensions: {d: {name: 合规, points: 100}}
rules:
  - {id: number, title: 说出号码, dimension: d, check: entity, where: {role: agent}, kinds: [mobile, id_card, bank_card, email, address], deduct: 10, unless_given: false}
  - {id: greeting, title: 问候, dimension: d, check: require, where: {role: agent}, any: [您好], points: 10}
"""
HEADER = ("会话ID", "角色", "客服", "买家", "消息内容", "消息时间", "店铺", "备注")
PHONE, CARD, MAIL = "13900002741", "11010119900307123X", "xiaohua@example.com"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def write_export(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    rows = [
        (f"{PHONE}-1", "客户", "小美", PHONE, f"我叫小花，{PHONE}，小美在吗", "2026-10-03 10:00:00", "某店", MAIL),
        (f"{PHONE}-1", "客服", "小美", PHONE, f"您好，我是小美，登记的是{PHONE}和{CARD}吧", "2026-10-03 10:00:09", "某店", MAIL),
        ("s2", "客户", "", "小花花", "转人工", "2026-10-03 11:00:00", "某店", PHONE),
        ("s2", "客服", PHONE, "小花花", f"小花花您好，请写信到{MAIL}，小丽会处理", "2026-10-03 11:00:09", "某店", PHONE),
        ("s3", "客服", "小丽", "阿明", "您好，小花花的事转给小美了", "2026-10-03 12:00:00", "某店", ""),
        ("s4", "客服", "小丽", MAIL, "", f"不是时间{PHONE}", "", ""),
    ]  # fmt: skip
    return write_export(tmp_path / f"{PHONE}.csv", rows)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_rules_see_what_nobody_else_does(export: Path, rules: Path, tmp_path: Path) -> None:
    """The veto for telling a number still falls, and no file, page or terminal shows the number."""
    out, history = tmp_path / "out", tmp_path / "history"
    result = run("score", export, "-r", rules, "-o", out, "--csv", "--history", history)
    assert result.exit_code == 0, result.output
    shown = everything(out) + everything(history) + result.output + run("score", export, "-r", rules, "--json").output
    shown = shown.replace(str(tmp_path), "")
    for secret in (PHONE, CARD, MAIL):
        assert secret not in shown
    assert "139****2741" in shown
    verdicts = pq.read_table(out / "data" / "verdicts.parquet").to_pylist()
    assert {row["verdict"] for row in verdicts if row["rule_id"] == "number"} >= {"fail", "pass"}
    assert json.loads((out / "data" / "run.json").read_text(encoding="utf-8"))["privacy"] == {
        "masked": True, "pseudonyms": None,
    }  # fmt: skip


@pytest.mark.parametrize("anonymise", [False, True])
def test_an_audit_shows_no_more_than_its_runs(export: Path, rules: Path, tmp_path: Path, anonymise: bool) -> None:
    """Pages, workbook, messages and JSON of the audit, and what the history keeps."""
    options = ["--anonymise", "--key", tmp_path / "team.key"] if anonymise else []
    out, history, audit = tmp_path / "out", tmp_path / "history", tmp_path / "audit"
    words = (
        "score",
        export,
        "-r",
        rules,
        "-o",
        out,
        "--no-reports",
        "--history",
        history,
        "--history-month",
        "2026-10",
    )
    assert run(*words, *options).exit_code == 0
    result = run("audit", "--history", history, "--month", "2026-10", "-o", audit)
    assert result.exit_code == 0, result.output
    shown = (everything(audit) + everything(history) + result.output).replace(str(tmp_path), "")
    secrets = (PHONE, CARD, MAIL, "小美", "小丽") if anonymise else (PHONE, CARD, MAIL)
    assert not [secret for secret in secrets if secret in shown]
    assert ("化名" if anonymise else "已打码") in (audit / "index.html").read_text(encoding="utf-8")


def test_explain_shows_the_masked_chat(export: Path, rules: Path, tmp_path: Path) -> None:
    run("score", export, "-r", rules, "-o", tmp_path / "out")
    name = next(name for name in column(tmp_path / "out", "conversations", "conversation_id") if "****2741-1" in name)
    result = run("explain", name, "--run", tmp_path / "out", "-r", rules)
    assert result.exit_code == 0, result.output
    assert "139****2741和110***********123X" in result.output
    assert PHONE not in result.output


def test_who_must_see_the_numbers_can(export: Path, rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("score", export, "-r", rules, "-o", out, "--no-mask").exit_code == 0
    shown = everything(out)
    assert all(secret in shown for secret in (PHONE, CARD, MAIL))
    assert "引用的原文未打码" in (out / "index.html").read_text(encoding="utf-8")
    assert json.loads((out / "data" / "run.json").read_text(encoding="utf-8"))["privacy"]["masked"] is False


def test_two_agents_whose_numbers_look_alike_stay_two(rules: Path, tmp_path: Path) -> None:
    """Figures of two people are never added up because their accounts are masked alike."""
    out, accounts = tmp_path / "out", ("13911112741", "13922222741")
    export = write_export(tmp_path / "chats.csv", [chat_of(account) for account in accounts])
    run("score", export, "-r", rules, "-o", out)
    agents = column(out, "agents", "agent")
    assert len(set(agents)) == 2
    assert all(name.startswith("139****2741 (") for name in agents)
    assert sorted(column(out, "scorecards", "agent")) == sorted(agents)


def test_a_masked_name_is_the_same_in_every_run(rules: Path, tmp_path: Path) -> None:
    """The months of a history are compared by name: whoever comes first in one of them must not become the other."""
    accounts = ("13911112741", "13922222741")
    known: dict[str, set[str]] = {}
    for number, order in enumerate([accounts, accounts[::-1], accounts[1:]]):
        export = write_export(tmp_path / f"chats{number}.csv", [chat_of(account) for account in order])
        out = tmp_path / f"out{number}"
        run("score", export, "-r", rules, "-o", out)
        for said, agent in zip(column(out, "messages", "text"), column(out, "messages", "sender"), strict=True):
            known.setdefault(said, set()).add(agent)
    assert [len(names) for names in known.values()] == [1, 1]


def chat_of(account: str) -> tuple[str, ...]:
    """A message of an agent, whose words tell who it is."""
    return (f"s{account[3]}", "客服", account, "阿明", f"您好{account[3]}", "2026-10-03 10:00:00", "", "")


def column(out: Path, table: str, name: str) -> list[str]:
    values: list[str] = pq.read_table(out / "data" / f"{table}.parquet")[name].cast("string").to_pylist()
    return values


secrets = st.tuples(planted.words, planted.personal, planted.words)


# Each example is a whole run, so a failure is not made smaller.
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(secrets, secrets, planted.mobiles, planted.emails), min_size=1, max_size=3))
def test_nothing_planted_survives_a_run_and_quotes_are_what_the_message_says(chats: list[tuple]) -> None:  # type: ignore[type-arg]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "rules.yaml").write_text(RULES, encoding="utf-8")
        rows = []
        for number, (asked, told, mobile, email) in enumerate(chats):
            about = (mobile, email)
            rows.append((f"c{number}", "客户", mobile, email, "问" + "".join(asked), "2026-10-03 10:00:00", *about))
            rows.append((f"c{number}", "客服", mobile, email, "答" + "".join(told), "2026-10-03 10:00:09", *about))
        export = write_export(place / "chats.csv", rows)
        out = place / "out"
        run_to_folder([export], load([place / "rules.yaml"]), out, report=write_reports, csv=True)
        shown = everything(out)
        for asked, told, mobile, email in chats:
            for secret in (asked[1], told[1], mobile, email):
                assert secret not in shown
        messages = {(row["conversation_id"], row["seq"]): row["text"]
                    for row in pq.read_table(out / "data" / "messages.parquet").to_pylist()}  # fmt: skip
        lengths = [len(text) for text in messages.values()]
        assert lengths == [len(row[4]) for row in rows]
        for row in pq.read_table(out / "data" / "evidence.parquet").to_pylist():
            if row["text"] is not None:
                assert messages[row["conversation_id"], row["seq"]][row["start"] : row["end"]] == row["text"]


@pytest.mark.parametrize("command", [["score", "x.csv", "--no-mask", "--anonymise"], ["score", "x.csv", "--key", "k"]])
def test_options_that_contradict_each_other_are_refused(command: list[str]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert re.search(r"--no-mask|--anonymise", result.output)


def test_a_review_of_rules_quotes_masked_chats(export: Path, rules: Path, tmp_path: Path) -> None:
    """What a rule change does is read by colleagues in a merge request, and shows them nobody's number."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(RULES.replace("deduct: 10", "deduct: 20"), encoding="utf-8")
    result = run("rules", "diff", rules, changed, "--on", export, "--output", "json")
    assert result.exit_code == 0, result.output
    quotes = re.findall(r'"text": "(.*)"', result.output)
    assert "您好，我是小美，登记的是139****2741和110***********123X吧" in quotes
    assert not [quote for quote in quotes if PHONE in quote or MAIL in quote]
