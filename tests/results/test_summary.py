"""The figures that managers read, on runs small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_scorer.engines import run
from qa_scorer.model.checks import Forbid, Require
from qa_scorer.model.rules import Dimension, Rule, Rulebook
from qa_scorer.results.summarise import summarise
from qa_scorer.results.summary import AgentSummary, Reading, RunSummary, Span
from qa_scorer.results.tally import Tally
from qa_scorer.results.writing import ResultsWriter
from qa_scorer.transcripts.script import batch_of, parse_script
from qa_scorer.transcripts.table import REJECTS
from tests.checks.build import condition

RULEBOOK = Rulebook(
    "test",
    (
        Rule("greet", "问候", "a", Require(condition("您好")), points=10.0, advice="先问候"),
        Rule("blame", "推诿", "b", Forbid(condition("不归我管")), deduct=10.0, cap=20.0),
        Rule("insult", "辱骂", "b", Forbid(condition("滚")), veto=True),
        Rule("rating", "邀请评价", "a", Require(condition("评价")), bonus=2.0),
    ),
    (Dimension("a", "接待", 10.0), Dimension("b", "用语", 10.0)),
)
READING = Reading(1, 0, 0, 0, 0, 0, 0, 0, 0, ())
GOOD, RUDE = "客: 在吗\n服[小美]: 您好\n客: 谢谢", "客: 在吗\n服[小李]: 不归我管\n客: 啊\n服[小李]: 滚"


@pytest.fixture
def summary(tmp_path: Path) -> RunSummary:
    return summarised(tmp_path, *[GOOD] * 6, RUDE, "客: 在吗\n服[小李]: 您好，不归我管", "客: 在吗")


def summarised(folder: Path, *chats: str, quotes: bool = True) -> RunSummary:
    batch = batch_of([(f"c{number}", parse_script(chat)) for number, chat in enumerate(chats)])
    with ResultsWriter(folder / "out") as writer:
        tally = Tally(RULEBOOK)
        for scored in run(iter([batch]), RULEBOOK):
            writer.write(scored)
            tally.add(scored)
        writer.close_tables(REJECTS.empty_table(), {})
        return summarise(tally, writer.data, RULEBOOK, READING, "Asia/Shanghai", quotes=quotes)


def agent(summary: RunSummary, name: str) -> AgentSummary:
    return next(entry for entry in summary.agents if entry.agent == name)


def test_the_team_counts_each_scored_conversation_once(summary: RunSummary) -> None:
    assert (summary.score.n, summary.score.value) == (8, (6 * 100 + 0 + 90) / 8)
    assert (summary.pass_rate.value, summary.vetoes) == (7 / 8, 1)
    assert sum(summary.histogram) == sum(count for _, count in summary.grades) == 8


def test_agents_of_equal_means_share_a_rank(tmp_path: Path) -> None:
    """The alphabet must not decide who is better."""
    chats = [GOOD] * 6 + [GOOD.replace("小美", "小安")] * 6 + [RUDE] * 6
    made = summarised(tmp_path, *chats)
    assert [agent(made, name).rank for name in ("小美", "小安", "小李")] == [1, 1, 3]


def test_an_agent_with_few_conversations_is_not_ranked(summary: RunSummary) -> None:
    assert agent(summary, "小美").rank == 1
    assert agent(summary, "小李").rank is None
    assert agent(summary, "小李").conversations == 2


def test_compliance_is_passes_of_what_applied(summary: RunSummary) -> None:
    rates = {rate.rule_id: rate for rate in agent(summary, "小李").rules}
    assert (rates["greet"].rate.value, rates["greet"].rate.n, rates["greet"].team) == (0.5, 2, 7 / 8)


def test_problems_are_ordered_by_what_they_cost_and_a_missed_bonus_is_none(summary: RunSummary) -> None:
    assert [problem.rule_id for problem in summary.problems] == ["insult", "blame", "greet"]
    blame = summary.problems[1]
    assert (blame.conversations, blame.rate.value, blame.lost) == (2, 2 / 8, 20 / 8)


def test_findings_quote_the_message_with_its_neighbours(summary: RunSummary) -> None:
    findings = agent(summary, "小李").findings
    assert findings[0].veto
    blame = next(finding for finding in findings if finding.rule_id == "blame" and finding.conversation_id == "c6")
    assert (blame.points, blame.seq) == (10, 1)
    assert [(line.text, line.spans) for line in blame.lines] == [
        ("在吗", ()), ("不归我管", (Span(0, 4),)), ("啊", ()),
    ]  # fmt: skip
    assert not agent(summary, "小美").findings


def test_best_conversations_passed_and_stand_whole(summary: RunSummary) -> None:
    best = agent(summary, "小美").best
    assert len(best) == 3
    assert best[0].passed_rules == ("问候",)
    assert [line.text for line in best[0].lines] == ["在吗", "您好", "谢谢"]


def test_what_the_export_does_not_carry_is_unknown_not_zero(summary: RunSummary) -> None:
    figures = {metric.id: metric.figure for metric in summary.metrics}
    for name in ("csat", "resolved", "first_response", "longest_wait"):
        assert (figures[name].value, figures[name].met) == (None, None)
    assert summary.period == (None, None)


def test_a_run_without_anything_to_score_has_no_agents(tmp_path: Path) -> None:
    empty = summarised(tmp_path, "客: 在吗")
    assert (empty.agents, empty.problems, empty.score.value) == ((), (), None)


def test_without_quotes_the_figures_are_the_same(tmp_path: Path) -> None:
    full = summarised(tmp_path / "a", GOOD, RUDE)
    bare = summarised(tmp_path / "b", GOOD, RUDE, quotes=False)
    assert (full.score, full.rules, full.dimensions) == (bare.score, bare.rules, bare.dimensions)
    assert not bare.agents[0].findings
