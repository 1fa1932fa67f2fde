"""The pages in a real browser: charts, folding, filters, links, and widths from a phone to a wall screen."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa_scorer.reports import write_reports
from tests.reports.factory import AGENTS, HOSTILE_AGENTS, HOSTILE_TEXTS, empty_run, make_run

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH to look at the pages"),
]

PROBE = """<!doctype html><meta charset="utf-8"><iframe srcdoc="%(page)s"
style="width:%(width)dpx;height:900px"></iframe><pre id="result"></pre><script>
const links = %(links)s;
const frame = document.querySelector("iframe");
const pause = (time) => new Promise((done) => setTimeout(done, time));
frame.onload = async () => {
  await pause(600);
  const page = frame.contentDocument;
  const visit = async (hash) => { frame.contentWindow.location.hash = hash; await pause(200); };
  let result;
  try { result = await (async () => { %(script)s })(); } catch (error) { result = { error: String(error) }; }
  document.getElementById("result").textContent = JSON.stringify(result);
};
</script>"""


def look(page: Path, script: str, folder: Path, width: int = 1280, links: Sequence[str] = ()) -> Any:
    """Open the page in a frame, run the script against it (``page`` is its document, ``visit`` follows one of ``links``), and return what it returns.

    Fails on any error or blocked load that the browser reports.
    """
    assert CHROMIUM is not None
    probe = folder / "probe.html"
    source = html.escape(page.read_text(encoding="utf-8"))
    probe.write_text(
        PROBE % {"page": source, "width": width, "script": script, "links": json.dumps(links)}, encoding="utf-8"
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
               "--enable-logging=stderr", "--virtual-time-budget=6000", "--window-size=2000,1000",
               f"--user-data-dir={folder / 'profile'}", "--dump-dom", probe.as_uri()]  # fmt: skip
    done = subprocess.run([CHROMIUM, *options], capture_output=True, text=True, timeout=90, check=True)
    assert "CONSOLE" not in done.stderr, re.findall(r".*CONSOLE.*", done.stderr)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
    assert found is not None
    result = json.loads(html.unescape(found[1]))
    assert not (isinstance(result, dict) and result.get("error")), result
    return result


OVERFLOW = """
const root = page.documentElement;
return { overflow: root.scrollWidth - root.clientWidth,
         charts: [...page.querySelectorAll(".chart")].map((chart) => chart.querySelectorAll("svg path").length) };
"""


@pytest.mark.parametrize("width", [360, 1920])
def test_nothing_overflows_and_every_chart_is_drawn(width: int, tmp_path: Path) -> None:
    run = make_run(AGENTS[:2] + HOSTILE_AGENTS, 12, texts=HOSTILE_TEXTS * 4)
    paths = write_reports(run, tmp_path / "out")
    for path in (paths[0], paths[1]):
        seen = look(path, OVERFLOW, tmp_path, width)
        assert seen["overflow"] <= 0
        assert seen["charts"]
        assert all(count > 3 for count in seen["charts"])


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(empty_run(), id="nothing"),
        pytest.param(make_run(AGENTS[:1], 1, timestamps=False), id="one-conversation"),
        pytest.param(make_run(AGENTS[:2], 3, veto_all=True), id="all-vetoed"),
    ],
)
def test_pages_without_much_to_show_open_without_errors(run: Any, tmp_path: Path) -> None:
    for path in write_reports(run, tmp_path / "out")[:2]:
        if path.suffix == ".html":
            assert look(path, OVERFLOW, tmp_path)["overflow"] <= 0


def test_findings_page_filter_and_open_by_link(tmp_path: Path) -> None:
    run = make_run(AGENTS[:1], 400, skill=0.0)
    agent = run.agents[0]
    last = agent.findings[-1]
    clean = next(row for row in agent.rows if not row.failed and row.score is not None)
    page = write_reports(run, tmp_path / "out")[1]
    seen = look(
        page,
        """
        const cards = () => [...page.querySelectorAll(".finding")];
        const status = () => page.querySelector("#findings .pager span")?.textContent;
        const first = { cards: cards().length, status: status() };
        [...page.querySelectorAll("#findings .pager button")].at(-1).click();
        const second = status();
        const select = page.querySelector("[data-select=rule]");
        select.value = "wording.blame";
        select.dispatchEvent(new Event("change"));
        const rules = [...new Set(cards().map((card) => card.dataset.rule))];
        await visit(links[0]);
        const linked = page.querySelector(".target")?.id;
        await visit(links[1]);
        const own = [...new Set(cards().map((card) => card.dataset.c))];
        page.querySelector("[data-clear]").click();
        const all = status();
        await visit(links[2]);
        return { first, second, rules, linked, own, all, row: page.querySelector(".target")?.id };
        """,
        tmp_path,
        links=[
            f"#f-{last.conversation_id}-{last.rule_id}",
            f"#c-{last.conversation_id}",
            f"#c-{clean.conversation_id}",
        ],
    )
    number = len(agent.findings)
    assert number > 500
    assert seen["first"] == {"cards": 10, "status": f"第 1–10 条，共 {number} 条"}
    assert seen["second"] == f"第 11–20 条，共 {number} 条"
    assert seen["rules"] == ["wording.blame"]
    assert seen["linked"] == f"f-{last.conversation_id}-{last.rule_id}"
    assert seen["own"] == [last.conversation_id]
    assert seen["all"] == f"第 1–10 条，共 {number} 条"
    assert seen["row"] == f"c-{clean.conversation_id}"


def test_the_agents_table_sorts_by_number_and_filters_by_name(tmp_path: Path) -> None:
    run = make_run(AGENTS, 12)
    page = write_reports(run, tmp_path / "out")[0]
    seen = look(
        page,
        """
        const table = page.querySelector("#agents-table");
        const names = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent);
        const head = table.tHead.rows[0].cells[3];
        head.querySelector("button").click();
        const down = { names: names(), order: head.getAttribute("aria-sort") };
        head.querySelector("button").click();
        const up = names();
        const search = page.querySelector("[data-search=agents-table]");
        search.value = "小王";
        search.dispatchEvent(new Event("input"));
        const found = names();
        page.querySelector("[data-theme-toggle]").click();
        return { down, up, found, theme: page.documentElement.dataset.theme };
        """,
        tmp_path,
    )
    ordered = [agent.agent for agent in sorted(run.agents, key=lambda agent: -(agent.score.value or 0))]
    assert seen["down"] == {"names": ordered, "order": "descending"}
    assert seen["up"] == ordered[::-1]
    assert seen["found"] == ["客服小王"]
    assert seen["theme"] == "dark"
