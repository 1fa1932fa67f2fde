"""Messages for chat tools: short, complete, and unable to link, mention or mark up what somebody wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qa_scorer.reports.audit import write_audit
from qa_scorer.reports.markdown import escape
from qa_scorer.reports.write import write_reports
from tests.reports.audits import make_audit
from tests.reports.factory import AGENTS, HOSTILE_AGENTS, HOSTILE_TEXTS, make_run

WECOM_BYTES = 4096


def test_a_runs_message_names_the_score_what_to_train_and_what_to_write(tmp_path: Path) -> None:
    run = make_run()
    write_reports(run, tmp_path)
    worst = run.agents[-1]
    text = (tmp_path / "agents" / f"{worst.slug}.md").read_text(encoding="utf-8")
    assert text.startswith(f"## {worst.agent}\n")
    for wanted in (
        "第 8 名（8 人参与排名）",
        "**质检评分 ",
        "未达标 (目标 ≤ 30 秒",
        "### 最该先练的",
        "1. **",
        "3. **",
        "建议这样说",
    ):
        assert wanted in text
    assert "4. **" not in text


def test_an_audits_message_tells_the_change(tmp_path: Path) -> None:
    audit = make_audit(tmp_path)
    write_audit(audit, tmp_path / "out")
    text = (tmp_path / "out" / "agents" / f"{audit.agents[-2].slug}.md").read_text(encoding="utf-8")
    for wanted in ("2026年10月", "确实更差", "团队中位数", "### 最该先练的"):
        assert wanted in text


def test_messages_fit_into_one_of_wecom(tmp_path: Path) -> None:
    run = make_run(AGENTS[:2] + HOSTILE_AGENTS, 12, texts=tuple(text * 40 for text in HOSTILE_TEXTS))
    sizes = [path.stat().st_size for path in write_reports(run, tmp_path) if path.suffix == ".md"]
    assert len(sizes) == 8
    assert max(sizes) <= WECOM_BYTES


def test_without_failures_there_is_nothing_to_train(tmp_path: Path) -> None:
    write_reports(make_run(AGENTS[:1], 12, skill=1.0), tmp_path)
    text = (tmp_path / "agents" / "agent-01.md").read_text(encoding="utf-8")
    assert "没有违反任何规则，暂无培训重点" in text
    assert "### 值得分享的会话" in text


def test_an_agent_without_a_score_is_not_praised(tmp_path: Path) -> None:
    run = make_run(AGENTS[:1], 1)
    none = replace(run.agents[0].score, value=None, n=0, low=None, high=None, met=None)
    write_reports(replace(run, agents=(replace(run.agents[0], score=none, problems=(), best=()),)), tmp_path)
    text = (tmp_path / "agents" / "agent-01.md").read_text(encoding="utf-8")
    assert "没有可以评分的会话" in text
    assert "暂无培训重点" not in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[点我](http://evil.example)", r"\[点我\](http\://evil.example)"),
        ("**急** `rm` _a_ ~b~ <b>", r"\*\*急\*\* \`rm\` \_a\_ \~b\~ \<b\>"),
        ("# 标题\n- 项\n> 引", r"\# 标题 - 项 \> 引"),
        ("www.evil.example", r"www\.evil.example"),
        ("100% 满意，谢谢！", "100% 满意，谢谢！"),
    ],
)
def test_what_is_written_is_shown_as_it_is(written: str, shown: str) -> None:
    assert escape(written) == shown
