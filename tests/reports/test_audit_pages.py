"""What a manager finds in an audit's pages, workbook and messages, whatever the data lack and whatever is written in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from qa_scorer.audit.model import Audit
from qa_scorer.reports import sheets
from qa_scorer.reports.audit import write_audit
from qa_scorer.results.summary import Figure
from tests.audit.build import GOOD, POOR, Chat, audit_of, many
from tests.reports.audits import STAFF, VETOED, make_audit, swapped
from tests.reports.factory import HOSTILE_AGENTS, HOSTILE_TEXTS
from tests.reports.pages import Page, broken_links, english, read_pages, unreadable_tables

HAN = re.compile("[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return make_audit(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def made(audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("audit")
    write_audit(audit, out)
    return out


def test_the_first_page_says_what_moved_and_who_stands_out(made: Path) -> None:
    text = read_pages(made)["index.html"].text
    for wanted in ("2026年10月", "对比：2026年9月", "确实更差", "可能是偶然", "样本不足，不排名", "首次解决率", "平均评价星级",
                   "一票否决", "各客服的维度得分", "统计方法", "估计分向"):  # fmt: skip
        assert wanted in text
    for name in STAFF:
        assert name in text


def test_every_link_leads_somewhere_and_ids_are_unique(made: Path) -> None:
    pages = read_pages(made)
    assert len([name for name in pages if name.startswith("agents/")]) == len(STAFF)
    assert broken_links(pages) == []
    for page in pages.values():
        ids = page.values("id")
        assert len(ids) == len(set(ids))


def test_a_screen_reader_can_explain_every_table_and_jump_between_landmarks(made: Path) -> None:
    for page in read_pages(made).values():
        assert unreadable_tables(page) == []
        tags = [tag for tag, _ in page.tags]
        assert [tags.count(name) for name in ("h1", "main", "footer")] == [1, 1, 1]
        assert "nav" in tags


def test_the_whole_chat_of_every_quote_is_there_with_all_that_was_found(audit: Audit, made: Path) -> None:
    """Who is to judge a finding fairly must see what was said before and after, and what else went wrong."""
    pages = read_pages(made)
    quoted = {
        (finding.agent, finding.conversation_id)
        for finding in (*audit.vetoes.cases, *(one for item in audit.problems for one in item.problem.examples),
                        *(one for agent in audit.agents for focus in agent.focus for one in focus.messages))
    }  # fmt: skip
    assert {(agent.agent, chat.row.conversation_id) for agent in audit.agents for chat in agent.chats} == quoted
    for agent in audit.agents:
        for chat in agent.chats:
            page = pages[f"conversations/{agent.slug}-1.html"]
            place = f"m-{chat.row.conversation_id}"
            assert {f"{place}-{line.seq}" for line in chat.lines} <= set(page.values("id"))
            assert chat.lines[-1].text in page.text
            assert all(finding.title in page.text for finding in chat.findings)
            assert {finding.rule_id for finding in chat.findings} >= {
                message.rule_id for focus in agent.focus for message in focus.messages
                if message.conversation_id == chat.row.conversation_id
            }  # fmt: skip


def test_the_main_points_stand_beside_the_score(audit: Audit, made: Path) -> None:
    """A manager with one minute reads these and nothing else."""
    said = re.search(r'<div class="glance">.*?</div>', read_pages(made)["index.html"].source, re.DOTALL)
    assert said is not None
    for wanted in (
        "未达标",
        "质检评分 70.8",
        "确实更差",
        "先解决",
        audit.problems[0].problem.title,
        "低于其他客服",
    ):
        assert wanted in said[0]
    fallen = next(agent for agent in audit.agents if agent.agent == STAFF[3])
    assert [STAFF[3] in said[0], fallen.standing] == [True, "below"]


def test_a_score_that_stands_on_nothing_says_so(tmp_path: Path) -> None:
    """Where no rule applied every conversation keeps its full points, which praises nobody."""
    chats = many(GOOD, ["甲"], 12)
    judged = audit_of(tmp_path, chats)
    idle = tuple(
        replace(layer, metrics=tuple(
            replace(metric, figure=Figure(None)) if metric.id == "compliance" else metric for metric in layer.metrics
        )) for layer in judged.layers
    )  # fmt: skip
    write_audit(replace(judged, layers=idle), tmp_path / "out")
    assert "得分没有依据" in read_pages(tmp_path / "out")["index.html"].text


def test_the_audit_of_a_day_shows_its_hours(tmp_path: Path) -> None:
    chats = [Chat(GOOD.format("甲"), "2026-10-05 09:30:00"), Chat(GOOD.format("甲"), "2026-10-05 21:00:00")]
    write_audit(audit_of(tmp_path, chats, period="2026-10-05"), tmp_path / "out")
    page = read_pages(tmp_path / "out")["index.html"]
    shown = json.loads(re.findall(r'id="charts">(.*?)</script>', page.source)[0])["days"]
    assert [hour for hour, number in enumerate(shown["values"]) if number] == [9, 21]
    assert "按会话开始的小时统计" in page.text


def test_two_shops_that_number_alike_keep_their_chats_apart(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, many(POOR, ["甲"], 2))
    write_audit(swapped(audit, lambda text: "c1" if text == "c0" else text), tmp_path / "out")
    pages = read_pages(tmp_path / "out")
    ids = pages["conversations/甲-1.html"].values("id")
    assert ids.count("c-c1") == ids.count("c-c1-2") == 1
    links = {link for link in pages["agents/甲.html"].values("href") if "conversations/" in link}
    assert {link.partition("#")[2].rpartition("-")[0] for link in links} == {"m-c1", "m-c1-2"}


def test_what_is_written_in_chats_stays_text(audit: Audit, tmp_path: Path) -> None:
    words = {STAFF[0]: HOSTILE_AGENTS[0], STAFF[1]: HOSTILE_AGENTS[2], STAFF[2]: HOSTILE_AGENTS[5], "东区": HOSTILE_AGENTS[1],
             "什么事，不归我管": HOSTILE_TEXTS[2], "您好，": HOSTILE_TEXTS[5], "您好，再见": HOSTILE_TEXTS[0]}  # fmt: skip
    write_audit(swapped(audit, lambda text: words.get(text, text)), tmp_path)
    for name, page in read_pages(tmp_path).items():
        scripts = [attrs for tag, attrs in page.tags if tag == "script"]
        assert {attrs.get("type") for attrs in scripts} <= {None, "application/json", "application/octet-stream"}
        assert sum("type" not in attrs for attrs in scripts) == 3, name
        assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object", "link", "base", "form")], name
        assert json.loads(re.findall(r'id="charts">(.*?)</script>', page.source)[0]) is not None
    cells = [
        cell for sheet in openpyxl.load_workbook(tmp_path / "audit.xlsx") for row in sheet.iter_rows() for cell in row
    ]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert HOSTILE_AGENTS[2] in {cell.value for cell in cells}


def test_chinese_pages_sheets_and_messages_hold_no_english(audit: Audit, tmp_path: Path) -> None:
    """Words of the catalogue that are missing fall back to English, which nobody notices in a review."""
    tame = swapped(audit, lambda text: re.sub(r"^c(\d+)$", r"\1", text))
    paths = write_audit(tame, tmp_path)
    for name, page in read_pages(tmp_path).items():
        assert english(page.words) == set(), name
    for path in paths:
        if path.suffix == ".md":
            assert english(path.read_text(encoding="utf-8")) == set()
    said = {entry.rule_id for entry in audit.items}
    for sheet in openpyxl.load_workbook(tmp_path / "audit.xlsx"):
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                if isinstance(value, str) and value not in said:
                    assert english(value) == set(), (sheet.title, value)


def test_english_pages_sheets_and_messages_hold_no_chinese_but_the_rulebooks_and_the_chats(
    audit: Audit, tmp_path: Path
) -> None:
    paths = write_audit(swapped(audit, lambda text: "text" if HAN.search(text) else text), tmp_path, "en")
    for name, page in read_pages(tmp_path).items():
        assert not HAN.search(page.words), (name, HAN.search(page.words))
    for path in paths:
        if path.suffix == ".md":
            assert not re.search("[\u3000-\u9fff\uff00-\uffef]", path.read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    assert not [
        value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if HAN.search(str(value))
    ]
    assert book.sheetnames == ["Team", "The last periods", "Agents", "Training", "Problems", "Rules", "Vetoes", "Response times", "Volume",
                               "Definitions"]  # fmt: skip


def test_the_workbook_has_types_charts_and_conditional_colours(audit: Audit, made: Path) -> None:
    book = openpyxl.load_workbook(made / "audit.xlsx")
    team = book["团队"]
    assert team["A1"].value == "2026年10月"
    assert len(team._charts) == 2
    agents = book["客服"]
    head = [cell.value for cell in agents[1]]
    first = dict(zip(head, agents[2], strict=True))
    best = audit.agents[0]
    assert (first["客服"].value, first["估计分"].value) == (best.agent, pytest.approx(best.estimate.value))
    assert first["变化"].number_format.startswith("+0.0")
    assert first["首响达标率"].number_format == "0.0%"
    coloured = {str(area.sqref) for area in agents.conditional_formatting}
    assert len(coloured) >= 5
    assert book["培训重点"].max_row == 1 + sum(len(focus.messages) for agent in audit.agents for focus in agent.focus)
    assert book["会话量"].max_row == 1 + 31
    meanings = {row[0] for row in book["指标说明"].iter_rows(values_only=True)}
    assert {"质检评分", "可以确认", "估计分", "首次解决率"} <= meanings


def test_more_rows_than_a_sheet_holds_go_to_the_next_and_it_is_said(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 11)
    write_audit(audit, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    assert "会话量 (4)" in book.sheetnames
    notes = [cell.value for row in book["指标说明"].iter_rows() for cell in row if cell.value]
    assert any("共 31 行" in str(note) and "分列于 4 张工作表" in str(note) for note in notes)


EMPTY = {
    "no-times": ([Chat(GOOD.format("甲"), None), Chat(POOR.format("乙"), None)], ["数据中没有时间"], "样本不足，不排名"),
    "one-agent": (many(GOOD, ["甲"], 12), ["1 位客服"], "仅一位客服，不排名"),
    "one-conversation": ([Chat(GOOD.format("甲"))], ["会话太少，无法给出置信区间"], "仅一位客服，不排名"),
    "no-failures": (many(GOOD, ["甲", "乙"], 12), ["已评分的会话没有违反任何规则", "没有会话被一票否决"], "没有违反任何规则"),
    "all-vetoed": (many(VETOED, ["甲", "乙"], 12), ["暂无特别突出的会话", "一票否决 24"], "暂无特别突出的会话"),
    "nothing-scored": ([Chat("客: 在吗")], ["没有可以评分的会话。", "没有客服有已评分的会话"], ""),
    "nothing-at-all": ([Chat(GOOD.format("甲"), "2026-08-01 10:00:00")], ["没有可以评分的会话。", "会话 0 段"], ""),
}  # fmt: skip


@pytest.mark.parametrize("case", EMPTY)
def test_what_is_missing_is_said(case: str, tmp_path: Path) -> None:
    chats, team, own = EMPTY[case]
    out = tmp_path / "out"
    write_audit(audit_of(tmp_path, chats, against="2026-09", undated_month="2026-10"), out)
    made = read_pages(out)
    for wanted in team:
        assert wanted in made["index.html"].text
    for name, page in made.items():
        assert not re.search(r"None|nan\b|NaN", page.words), name
        assert not name.startswith("agents/") or own in page.text
    book = openpyxl.load_workbook(out / "audit.xlsx")
    values = [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert not {"None", "nan"} & {str(value) for value in values if value is not None}
    for path in out.glob("agents/*.md"):
        assert not re.search("None|nan", path.read_text(encoding="utf-8"))


def test_groups_are_compared_in_words_that_fit(tmp_path: Path) -> None:
    chats = [
        Chat(script.format(name), f"2026-10-{number + 1:02} 10:0{place}:00", {"group": group})
        for place, (script, name, group) in enumerate(((GOOD, "甲", "东店"), (POOR, "乙", "西店")))
        for number in range(12)
    ]
    out = tmp_path / "out"
    write_audit(audit_of(tmp_path, chats, group="东店", against="group:西店"), out)
    text = read_pages(out)["index.html"].text
    for wanted in ("2026年10月 · 东店", "对比：西店（已评分会话 12 段）", "更好的项目", "+100.0 确实更好"):
        assert wanted in text
    assert "上升" not in text
    head = [cell.value for cell in openpyxl.load_workbook(out / "audit.xlsx")["规则"][1]]
    assert "西店" in head


def test_a_groups_name_is_no_formula_in_a_chart(audit: Audit, tmp_path: Path) -> None:
    assert audit.against is not None
    hostile = replace(audit.against, kind="group", group="=cmd|' /C calc'!A0")
    write_audit(replace(audit, against=hostile), tmp_path)
    chart = openpyxl.load_workbook(tmp_path / "audit.xlsx")["团队"]._charts[0]
    assert [series.tx.v for series in chart.series] == ["均分", "=cmd|' /C calc'！A0"]


def test_without_ratings_nothing_speaks_of_satisfaction_but_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_audit(audit_of(tmp_path, many(GOOD, ["甲", "乙"], 3)), out)
    page = read_pages(out)["index.html"]
    assert "本次数据中没有：满意度、平均评价星级、解决率、首次解决率" in page.text
    assert page.text.count("平均评价星级") == 2  # there, and among the definitions


@pytest.mark.slow
def test_pages_of_400_agents_stay_small(audit: Audit, tmp_path: Path) -> None:
    agents = tuple(
        replace(audit.agents[number % 4], agent=f"客服{number:03}", slug=f"agent-{number:03}", score=Figure(80 + number / 40, 30))
        for number in range(400)
    )  # fmt: skip
    slugs = {agent.agent: agent.slug for agent in audit.agents}
    many_agents = replace(audit, agents=(*agents, *(replace(agent, slug=slugs[agent.agent]) for agent in audit.agents)))
    paths = write_audit(many_agents, tmp_path)
    assert max(path.stat().st_size for path in paths if path.suffix == ".html") < 1_500_000
    assert sum(path.stat().st_size for path in paths) < 60_000_000
    page = Page(tmp_path / "index.html")
    assert all(f"agents/agent-{number:03}.html" in page.values("href") for number in range(400))
