"""The pages in a real browser: charts, folding, filters, links, contrast, print, and widths from a phone to a wall screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from qa_scorer.reports.audit import write_audit
from qa_scorer.reports.write import write_reports
from tests.audit.build import GOOD, Chat, audit_of
from tests.reports.audits import STAFF, make_audit, swapped
from tests.reports.conftest import Viewer
from tests.reports.factory import AGENTS, HOSTILE_AGENTS, HOSTILE_TEXTS, empty_run, make_run

pytestmark = pytest.mark.slow
WORST = Path("agents") / "阿岩.html"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CHARTS = "[...document.querySelectorAll('.chart')].map((chart) => chart.querySelectorAll('svg path').length)"
FAINT = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const lightness = ([r, g, b]) => [r, g, b].reduce((sum, value, at) => {
    const part = value / 255;
    return sum + [0.2126, 0.7152, 0.0722][at] * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.startsWith("rgb(")) { if (rgb(colour)[3] !== 0 && !colour.startsWith("rgba")) return null; continue; }
      return rgb(colour);
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode());) {
    const node = text.parentElement;
    const behind = ground(node);
    if (!text.data.trim() || !node.checkVisibility() || node.closest("script, svg, :disabled") || !behind) continue;
    const [one, other] = [lightness(rgb(getComputedStyle(node).color)), lightness(behind)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)} ${text.data.trim().slice(0, 20)}`);
  }
  return [...faint];
}"""


@pytest.fixture(scope="module")
def audit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audit of a month against the one before, with one agent whose name and words attack the page."""
    folder = tmp_path_factory.mktemp("audit")
    audit = make_audit(folder)
    words = {STAFF[1]: HOSTILE_AGENTS[1], "什么事，不归我管": HOSTILE_TEXTS[2], "东区": HOSTILE_AGENTS[0]}
    write_audit(swapped(audit, lambda text: words.get(text, text)), folder / "out")
    return folder / "out"


def names(page: Page, table: str) -> list[str]:
    return page.locator(f"{table} tbody th").all_inner_texts()


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1920, False)])
def test_nothing_overflows_and_every_chart_is_drawn(
    view: Viewer, audit_folder: Path, sample_run: Path, tmp_path: Path, width: int, dark: bool
) -> None:
    run = make_run(AGENTS[:2] + HOSTILE_AGENTS, 12, texts=HOSTILE_TEXTS * 4)
    written = write_reports(run, tmp_path)
    for path, least in ((written[0], 4), (written[1], 1), (audit_folder / "index.html", 9)):
        page = view(path, width=width, dark=dark)
        assert page.evaluate(OVERFLOW) <= 0, path
        drawn = page.evaluate(CHARTS)
        assert len(drawn) >= least
        assert all(count > 3 for count in drawn)
    for path in (sorted(audit_folder.glob("agents/*.html"))[0], sample_run / "conversations" / f"{WORST.stem}-1.html"):
        assert view(path, width=width, dark=dark).evaluate(OVERFLOW) <= 0, path


def test_pages_without_much_to_show_open_without_errors(view: Viewer, tmp_path: Path) -> None:
    runs = (empty_run(), make_run(AGENTS[:1], 1, timestamps=False), make_run(AGENTS[:2], 3, veto_all=True))
    for number, run in enumerate(runs):
        for path in write_reports(run, tmp_path / str(number))[:2]:
            if path.suffix == ".html":
                assert view(path).evaluate(OVERFLOW) <= 0
    audits = ([Chat("客: 在吗")], [Chat(GOOD.format("甲"), None)])
    for number, chats in enumerate(audits, start=len(runs)):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_audit(audit_of(folder, chats, undated_month="2026-10"), folder / "out")
        assert view(folder / "out" / "index.html").evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_stands_out_from_what_is_behind_it(
    view: Viewer, sample_run: Path, audit_folder: Path, dark: bool
) -> None:
    """WCAG 2.2 AA asks for 4.5 : 1."""
    agent = sorted(audit_folder.glob("agents/*.html"))[0]
    for path in (sample_run / "index.html", sample_run / WORST, audit_folder / "index.html", agent):
        assert view(path, dark=dark).evaluate(FAINT) == []


def test_findings_page_filter_and_open_by_link(view: Viewer, tmp_path: Path) -> None:
    run = make_run(AGENTS[:1], 400, skill=0.0)
    agent = run.agents[0]
    last = agent.findings[-1]
    clean = next(row for row in agent.rows if not row.failed and row.score is not None)
    path = write_reports(run, tmp_path)[1]
    number = len(agent.findings)
    page = view(path)
    cards, status = page.locator(".finding"), page.locator("#findings .pager span")
    assert number > 500
    assert (cards.count(), status.inner_text()) == (10, f"第 1–10 条，共 {number} 条")
    page.locator("#findings .pager button").last.click()
    assert status.inner_text() == f"第 11–20 条，共 {number} 条"
    page.locator("[data-select=rule]").select_option("wording.blame")
    assert set(cards.evaluate_all("cards => cards.map(card => card.dataset.rule)")) == {"wording.blame"}
    page.evaluate("name => { location.hash = name }", f"#f-{last.conversation_id}-{last.rule_id}")
    page.locator(f"[id='f-{last.conversation_id}-{last.rule_id}'].target").wait_for()
    page.evaluate("name => { location.hash = name }", f"#c-{last.conversation_id}")
    page.locator("[data-clear]").wait_for()
    assert set(cards.evaluate_all("cards => cards.map(card => card.dataset.c)")) == {last.conversation_id}
    page.locator("[data-clear]").click()
    assert status.inner_text() == f"第 1–10 条，共 {number} 条"
    row = view(path, place=f"#c-{clean.conversation_id}").locator("tr.target")
    assert row.get_attribute("id") == f"c-{clean.conversation_id}"


def test_a_finding_leads_to_its_message_in_the_whole_chat_and_back(view: Viewer, sample_run: Path) -> None:
    page = view(sample_run / WORST)
    words = page.locator(".finding .line.key mark").first.inner_text()
    finding = page.locator(".finding", has=page.locator(".line.key mark")).first
    name = finding.get_attribute("id")
    finding.locator("a", has_text="查看全文").click()
    message = page.locator(".line:target")
    message.wait_for()
    assert words in message.inner_text()
    assert message.evaluate("line => getComputedStyle(line).outlineStyle") == "solid"
    assert message.evaluate(
        "line => line.getBoundingClientRect().top >= 0 && line.getBoundingClientRect().top < innerHeight"
    )
    message.locator(f".verdicts a[href$='{name}']").click()
    assert page.locator(".finding.target").get_attribute("id") == name


def test_an_audits_quotes_link_to_the_message_in_the_whole_chat_and_on_to_the_training(
    view: Viewer, audit_folder: Path
) -> None:
    page = view(audit_folder / "agents" / "何嘉明.html")
    quote = page.locator("#training .example").first
    words, name = quote.locator(".line.key p").inner_text(), quote.get_attribute("id")
    quote.locator("a", has_text="查看全文").click()
    message = page.locator(".line:target")
    message.wait_for()
    assert words in message.inner_text()
    assert message.evaluate("line => getComputedStyle(line).outlineStyle") == "solid"
    assert message.evaluate("line => line.getBoundingClientRect().top < innerHeight")
    message.locator(f".verdicts a[href$='#{name}']").click()
    assert page.locator(".example:target").get_attribute("id") == name


def test_the_agents_table_sorts_by_keyboard_and_filters_by_name(view: Viewer, tmp_path: Path) -> None:
    run = make_run(AGENTS, 12)
    page = view(write_reports(run, tmp_path)[0])
    head = page.locator("#agents-table thead th").nth(3)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    ordered = [agent.agent for agent in sorted(run.agents, key=lambda agent: -(agent.score.value or 0))]
    assert (names(page, "#agents-table"), head.get_attribute("aria-sort")) == (ordered, "descending")
    page.keyboard.press("Space")
    assert (names(page, "#agents-table"), head.get_attribute("aria-sort")) == (ordered[::-1], "ascending")
    assert head.locator("button").evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    page.locator("[data-search=agents-table]").fill("小王")
    assert names(page, "#agents-table") == ["客服小王"]
    page.locator("[data-search=agents-table]").fill("查无此人")
    assert page.locator("#agents .pager .empty").inner_text() == "没有符合条件的内容。"


def test_who_has_no_rank_is_neither_first_nor_last_of_the_ranked(view: Viewer, audit_folder: Path) -> None:
    page = view(audit_folder / "index.html")
    button = page.locator("#agents-table thead th button", has_text="排名")
    for _ in range(2):
        button.click()
        assert names(page, "#agents-table")[-1] == STAFF[4]


def test_the_audits_agents_filter_by_standing_and_group(view: Viewer, audit_folder: Path) -> None:
    page = view(audit_folder / "index.html")
    assert len(names(page, "#agents-table")) == len(STAFF)
    page.locator("[data-select=standing]").select_option("few")
    assert names(page, "#agents-table") == [STAFF[4]]
    page.locator("[data-select=standing]").select_option("")
    page.locator("[data-select=group]").select_option("西区")
    assert sorted(names(page, "#agents-table")) == sorted([HOSTILE_AGENTS[1], STAFF[3]])


def test_the_reader_may_choose_the_other_theme(view: Viewer, sample_run: Path) -> None:
    page = view(sample_run / "index.html")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_first_tab_offers_to_skip_to_the_content(view: Viewer, sample_run: Path) -> None:
    page = view(sample_run / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_printed_on_a4_no_chart_is_cut_and_the_colours_are_light(view: Viewer, audit_folder: Path) -> None:
    page = view(audit_folder / "index.html", dark=True, width=1600)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})  # 210 mm less the margins
    assert page.evaluate(OVERFLOW) <= 0
    assert (
        page.evaluate(
            "Math.max(...[...document.querySelectorAll('.chart svg')].map((svg) => svg.getBoundingClientRect().right))"
        )
        <= 695
    )
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--card')") == "#ffffff"
    assert not page.locator(".tools").first.is_visible()
