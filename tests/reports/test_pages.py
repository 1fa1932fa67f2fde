"""What a manager and an agent find on their pages, whatever the data lack and whatever is written in the chats."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest

from qa_scorer.reports.write import write_reports
from qa_scorer.results.summary import RunSummary
from tests.reports.audits import swapped
from tests.reports.factory import AGENTS, HOSTILE_AGENTS, HOSTILE_TEXTS, empty_run, make_run
from tests.reports.pages import Page, broken_links, english, read_pages, unreadable_tables

HAN = re.compile("[\u3400-\u9fff]")


def pages(run: RunSummary, out: Path, language: str = "zh") -> dict[str, Page]:
    write_reports(run, out, language)
    return read_pages(out)


def test_the_team_page_answers_a_managers_questions(tmp_path: Path) -> None:
    run = make_run()
    text = pages(run, tmp_path)["index.html"].text
    for wanted in ("在线客服质检标准", "2026-10-01 – 2026-10-31", "82.3", "可以确认低于合格线 85 分", "合格率", "53%",
                   "首次响应", "目标 ≤ 30 秒", "本次数据中没有：解决率", "最该先解决的问题", "复述确认需求",
                   "建议这样说", "得分分布", "各规则符合度", "读入 5,064 行"):  # fmt: skip
        assert wanted in text
    for agent in AGENTS:
        assert agent in text
    carried = [
        metric for metric in run.metrics if metric.figure.value is not None and metric.id not in ("score", "pass_rate")
    ]
    assert text.count("95% 区间") == len(carried) + 1  # no rate and no mean without its interval


def test_the_main_points_stand_beside_the_score(tmp_path: Path) -> None:
    """Who is named there is below the pass mark beyond doubt, the lowest first, with a link; nobody else is."""
    run = make_run()
    said = re.search(r'<div class="glance">.*?</div>', pages(run, tmp_path)["index.html"].source, re.DOTALL)
    assert said is not None
    below = [agent for agent in run.agents if agent.score.high is not None and agent.score.high < run.pass_mark]
    named = re.findall(r'href="agents/([^"]+)\.html"', said[0])
    assert named == [agent.slug for agent in sorted(below, key=lambda agent: agent.score.value or 0)][:4]
    assert "满意度 80%" in said[0]
    assert run.problems[0].title in said[0]


def test_an_agents_page_quotes_the_message_marks_it_and_says_what_to_write_instead(tmp_path: Path) -> None:
    run = make_run()
    worst = run.agents[-1]
    page = pages(run, tmp_path)[f"agents/{worst.slug}.html"]
    for wanted in (
        worst.agent,
        "第 8 名（8 人参与排名）",
        "最该先练的",
        "各维度与团队对比",
        "值得分享的会话",
        "团队中位数",
    ):
        assert wanted in page.text
    assert '<p dir="auto"><mark>加我微信</mark>转账，给你便宜 50</p>' in page.source
    assert "只在平台内沟通和收款，不留私人联系方式。" in page.text


def test_what_is_written_in_chats_stays_text(tmp_path: Path) -> None:
    run = make_run(AGENTS[:1] + HOSTILE_AGENTS, 3, texts=HOSTILE_TEXTS * 4)
    made = pages(run, tmp_path)
    assert len(made) == 8
    for name, page in made.items():
        scripts = [attrs for tag, attrs in page.tags if tag == "script"]
        kinds = {attrs.get("type") for attrs in scripts}
        assert kinds <= {None, "application/json", "application/octet-stream"}
        assert sum("type" not in attrs for attrs in scripts) == 3, name
        assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object", "link", "base", "form")], name
        assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")], name
        assert json.loads(re.findall(r'id="charts">(.*?)</script>', page.source)[0]) is not None
    team = made["index.html"].text
    for agent in HOSTILE_AGENTS:
        assert " ".join(agent.split()) in team
    everything = " ".join(page.text for page in made.values())
    assert "␀␇😀" in everything
    assert "=HYPERLINK(\"http://evil.example\",\"不是说了吗\")" in everything  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agents", "conversations", "index.html", "report.xlsx"]


def test_pages_load_nothing_and_admit_only_their_own_scripts(tmp_path: Path) -> None:
    for page in pages(make_run(AGENTS[:2], 12), tmp_path).values():
        assert not page.values("src")
        assert all(re.match(r"#|[\w./-]+\.html(#|$)", link) for link in page.values("href"))
        policy = next(attrs["content"] or "" for tag, attrs in page.tags if attrs.get("http-equiv"))
        assert "default-src 'none'" in policy
        assert "script-src 'sha256-" in policy
        assert not re.search(r"url\(|@import", page.source.split("</style>")[0])


def test_every_link_of_a_run_leads_somewhere(sample_run: Path) -> None:
    """From the team to agents, to findings, to messages in whole chats, and back; those that are packed too."""
    made = read_pages(sample_run)
    assert {name.split("/")[0] for name in made} == {"index.html", "agents", "conversations"}
    assert broken_links(made) == []


def test_a_screen_reader_can_explain_every_table_and_jump_between_landmarks(sample_run: Path) -> None:
    for page in read_pages(sample_run).values():
        assert unreadable_tables(page) == []
        tags = [tag for tag, _ in page.tags]
        assert [tags.count(name) for name in ("h1", "main", "footer")] == [1, 1, 1]
        assert "nav" in tags


def test_chinese_pages_hold_no_english(tmp_path: Path) -> None:
    """Words of the catalogue that are missing fall back to English, which nobody notices in a review."""
    tame = swapped(make_run(AGENTS[:4], 20), lambda text: text.removeprefix("skip-"))
    for name, page in pages(tame, tmp_path).items():
        assert english(page.words) == set(), name


def test_ids_are_unique_on_a_page(tmp_path: Path) -> None:
    for page in pages(make_run(AGENTS[:2], 30), tmp_path).values():
        ids = page.values("id")
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, language: str) -> None:
    first = write_reports(make_run(AGENTS[:3], 20), tmp_path / "one", language)
    second = write_reports(make_run(AGENTS[:3], 20), tmp_path / "two", language)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("run", [empty_run("en"), make_run(AGENTS[:3], 20, language="en")], ids=["nothing", "run"])
def test_english_pages_hold_no_chinese_but_the_rulebooks_and_the_chats(run: RunSummary, tmp_path: Path) -> None:
    for name, page in pages(swapped(run, lambda text: "text" if HAN.search(text) else text), tmp_path, "en").items():
        assert page.tags[0] == ("html", {"lang": "en"})
        assert not HAN.search(page.words), name


@pytest.mark.parametrize(
    ("run", "team", "agent"),
    [
        pytest.param(empty_run(), ["没有可以评分的会话。", "没有客服有已评分的会话", "会话 6 段 = 已评分 0 + 过短 6 + 无客服消息 0"], [], id="nothing"),
        pytest.param(make_run(AGENTS[:1], 1, skill=1.0), ["会话太少，无法给出置信区间"], ["仅一位客服，不排名"], id="one-conversation"),
        pytest.param(make_run(AGENTS[:1], 40), ["1 位客服"], ["仅一位客服，不排名"], id="one-agent"),
        pytest.param(make_run(AGENTS[:3], 4), ["样本不足，不排名"], ["样本不足，不排名"], id="too-few-to-rank"),
        pytest.param(make_run(AGENTS[:2], 12, skill=1.0), ["已评分的会话没有违反任何规则"], ["没有违反任何规则，暂无培训重点"], id="no-failures"),
        pytest.param(make_run(AGENTS[:2], 12, veto_all=True), ["0.0"], ["暂无特别突出的会话", "一票否决"], id="all-vetoed"),
        pytest.param(make_run(AGENTS[:2], 12, timestamps=False), ["数据中没有时间", "本次数据中没有：首次响应、平均响应"], ["会话编号消息数"], id="no-times"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(run: RunSummary, team: list[str], agent: list[str], tmp_path: Path) -> None:
    made = pages(run, tmp_path)
    for wanted in team:
        assert wanted in made["index.html"].text
    for name, page in made.items():
        assert "None" not in page.text
        assert "nan" not in page.text
        if name != "index.html":
            for wanted in agent:
                assert wanted in page.text
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    values = {str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value}
    assert not {"None", "nan"} & values
    for path in tmp_path.glob("agents/*.md"):
        assert not re.search("None|nan", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_first_page_of_400_agents_stays_below_1500_kb(tmp_path: Path) -> None:
    run = make_run([f"客服{number:03}" for number in range(400)], 10)
    write_reports(run, tmp_path)
    assert (tmp_path / "index.html").stat().st_size < 1_500_000
    assert len(list(tmp_path.glob("agents/*.html"))) == 400


def test_two_thousand_conversations_of_one_agent_stay_below_1500_kb(tmp_path: Path) -> None:
    run = make_run(AGENTS[:1], 2000, skill=0.0)
    paths = write_reports(run, tmp_path)
    assert max(path.stat().st_size for path in paths if path.suffix == ".html") < 1_500_000
