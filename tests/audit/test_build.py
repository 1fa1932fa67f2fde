"""The audit as managers read it: who is ranked, who is marked, what changed, what to train, and what is quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_scorer.audit.build import build_audit
from qa_scorer.audit.model import Audit
from qa_scorer.audit.period import parse_period
from qa_scorer.audit.settings import Settings
from qa_scorer.history import add_run
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text
from tests.audit.build import GOOD, POOR, Chat, agent, audit_of, figure, many

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"


def test_the_audit_of_a_run_has_the_figures_of_its_reports(tmp_path: Path) -> None:
    """Two pages that tell different numbers of the same conversations are both worthless."""
    rulebook = load()
    summary = run_to_folder([SAMPLES], rulebook, tmp_path / "out")
    add_run(tmp_path / "out" / "data", tmp_path / "h", yaml_text(rulebook_mapping(rulebook)))
    audit = build_audit(tmp_path / "h", parse_period("2026"))
    assert (audit.coverage.conversations, audit.coverage.scored) == (
        summary.reading.conversations,
        summary.reading.scored,
    )
    for metric in summary.metrics:
        mine = figure(audit, metric.id)
        assert mine.value == pytest.approx(metric.figure.value), metric.id
        if metric.id != "compliance":  # whose interval is wider here: verdicts of one conversation are alike
            assert (mine.n, mine.low, mine.high) == pytest.approx(
                (metric.figure.n, metric.figure.low, metric.figure.high)
            )
    for mine_too, of_run in zip(audit.dimensions, summary.dimensions, strict=True):
        assert (mine_too.id, mine_too.figure.n, mine_too.figure.value, mine_too.figure.low) == (
            of_run.id, of_run.figure.n, pytest.approx(of_run.figure.value), pytest.approx(of_run.figure.low),
        )  # fmt: skip
    assert {item.rule_id: item.rate.value for item in audit.items} == {
        rate.rule_id: rate.rate.value for rate in summary.rules
    }
    assert [(p.problem.rule_id, p.problem.conversations, p.problem.lost) for p in audit.problems] == [
        (p.rule_id, p.conversations, pytest.approx(p.lost)) for p in summary.problems
    ]
    assert (audit.grades, audit.histogram) == (summary.grades, summary.histogram)
    for entry in summary.agents:
        own = agent(audit, entry.agent)
        assert (own.conversations, own.vetoes, own.grade) == (entry.conversations, entry.vetoes, entry.grade)
        assert (own.score.value, own.score.high) == pytest.approx((entry.score.value, entry.score.high))


def standings(audit: Audit) -> dict[str, tuple[int | None, str]]:
    return {entry.agent: (entry.rank, entry.standing) for entry in audit.agents}


def test_who_differs_reliably_is_marked_and_who_has_few_conversations_is_not_ranked(tmp_path: Path) -> None:
    chats = [
        *many(GOOD, ["甲", "乙", "丙"], 12), *many(POOR, ["乙", "丙"], 1, "2026-10"),
        *many(POOR, ["丁"], 14), *many(POOR, ["戊"], 3),
    ]  # fmt: skip
    audit = audit_of(tmp_path, chats)
    assert standings(audit) == {
        "甲": (1, "above"), "丙": (2, ""), "乙": (2, ""), "丁": (4, "below"), "戊": (None, ""),
    }  # fmt: skip
    assert list(standings(audit)) == ["甲", "丙", "乙", "丁", "戊"]
    few = agent(audit, "戊")
    assert (few.few, few.score.value, few.conversations) == (True, 0, 3)
    assert all(cell.standing == "" for cell in few.cells)
    assert (few.estimate.value or 0) > 0  # three conversations do not prove that every one will be as bad
    assert [cell.standing for cell in agent(audit, "丁").cells] == ["below", "below"]
    assert [cell.shade for cell in agent(audit, "丁").cells] == [0, 0]


def test_agents_of_equal_results_share_a_rank(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, many(GOOD, ["甲", "乙"], 10))
    assert standings(audit) == {"乙": (1, ""), "甲": (1, "")}


def test_the_threshold_of_ranking_is_the_users(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, many(GOOD, ["甲", "乙"], 3), Settings(least_to_rank=3))
    assert [entry.few for entry in audit.agents] == [False, False]


def test_items_rise_and_fall_only_when_it_holds(tmp_path: Path) -> None:
    better, worse = GOOD.replace("再见", ""), POOR.replace("什么事，", "").replace("不归我管", "什么事，再见")
    chats = [*many(worse, ["甲"], 30, "2026-09"), *many(better, ["甲"], 30)]
    audit = audit_of(tmp_path, chats, against="2026-09")
    assert ([item.rule_id for item in audit.rising], [item.rule_id for item in audit.falling]) == (
        ["greet"],
        ["closing"],
    )
    assert [item.trend for item in audit.items] == ["rising", "falling", "", ""]
    mine = agent(audit, "甲")
    assert [item.rule_id for item in mine.rising] == ["greet"]
    assert mine.change is not None
    assert (mine.change.difference, mine.change.before.value, mine.change.holds, mine.change.better) == (
        60,
        20,
        True,
        True,
    )
    closing = next(entry for entry in audit.problems if entry.problem.rule_id == "closing")
    assert closing.change is not None
    assert (closing.change.difference, closing.change.better, closing.change.holds) == (1, False, True)


def test_two_conversations_are_no_trend(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, [*many(POOR, ["甲"], 2, "2026-09"), *many(GOOD, ["甲"], 2)], against="2026-09")
    assert (audit.rising, audit.falling) == ((), ())
    assert all(not metric.change.holds for layer in audit.layers for metric in layer.metrics if metric.change)


def test_training_focus_quotes_the_messages_that_show_it(tmp_path: Path) -> None:
    chats = [*many(POOR, ["甲"], 12), *many(GOOD, ["乙"], 12)]
    audit = audit_of(tmp_path, chats)
    focus = agent(audit, "甲").focus
    assert [(entry.rule_id, entry.lost, entry.standing) for entry in focus] == [
        ("blame", 10, "below"), ("greet", 8, "below"), ("closing", 2, "below"),
    ]  # fmt: skip
    assert len({finding.conversation_id for finding in focus[0].messages}) == 3
    line = next(line for line in focus[0].messages[0].lines if line.spans)
    assert line.text[line.spans[0].start : line.spans[0].end] == "不归我管"
    assert (focus[1].advice, focus[1].rate.value, focus[1].team) == ("先问候", 1, 0)
    assert agent(audit, "乙").focus == ()
    assert agent(audit, "乙").excellent[0].passed_rules == ("问候", "道别")
    assert [one.agent for one in audit.excellent] == ["乙", "乙"]


def test_problems_quote_as_many_agents_as_there_are(tmp_path: Path) -> None:
    audit = audit_of(tmp_path, many(POOR, ["甲", "乙", "丙"], 12))
    blame = next(entry for entry in audit.problems if entry.problem.rule_id == "blame")
    assert [example.agent for example in blame.problem.examples][:3] == ["丙", "乙", "甲"]
    assert (blame.agents, blame.problem.conversations, len(blame.problem.examples)) == (3, 36, 5)


def test_two_conversations_of_one_number_are_told_apart(tmp_path: Path) -> None:
    """Shops that number from 1: what is quoted under a number is of that conversation."""
    for place, day in enumerate(("2026-10-01", "2026-10-02")):
        audit = audit_of(tmp_path, [Chat(f"客: 在吗\n服[客服{place}] +20s: 不归我管{place}", f"{day} 10:00:00")])
    assert audit.coverage.conversations == 2
    for place in (0, 1):
        finding = agent(audit, f"客服{place}").focus[0].messages[0]
        assert finding.conversation_id == "c0"
        assert finding.lines[-1].text == f"不归我管{place}"


def test_groups_are_compared_within_the_period(tmp_path: Path) -> None:
    chats = [
        Chat(script.format(name), f"2026-10-{n + 1:02} 10:0{place}:00", {"group": group})
        for place, (script, name, group) in enumerate(((GOOD, "甲", "东店"), (POOR, "乙", "西店")))
        for n in range(12)
    ]
    audit = audit_of(tmp_path, chats, group="东店", against="group:西店")
    assert (audit.coverage.conversations, [entry.agent for entry in audit.agents]) == (12, ["甲"])
    assert agent(audit, "甲").group == "东店"
    score = next(metric for layer in audit.layers for metric in layer.metrics if metric.id == "score")
    assert score.change is not None
    assert (score.change.difference, score.change.holds) == (100, True)
    assert audit.against is not None
    assert (audit.against.kind, audit.against.group, audit.against.scored) == ("group", "西店", 12)


def test_satisfaction_is_the_share_of_four_and_five_stars(tmp_path: Path) -> None:
    known = [{"csat": 5.0, "resolved": True}, {"csat": 4.0, "resolved": False}, {"csat": 3.0}, {}]
    chats = [Chat(GOOD.format("甲"), f"2026-10-01 10:0{n}:00", entry) for n, entry in enumerate(known)]
    audit = audit_of(tmp_path, chats)
    assert [figure(audit, name).value for name in ("csat", "csat_mean", "resolved")] == pytest.approx([2 / 3, 4, 0.5])
    assert (audit.coverage.rated.value, audit.coverage.resolution_known.value) == (0.75, 0.5)


@pytest.mark.parametrize(
    ("said", "settings", "rate"),
    [
        ([{"是否投诉": "是"}, {"是否投诉": "否"}, {"是否投诉": "否"}, {}], None, (1 / 3, 3)),  # blank: unknown
        ([{"投诉": "物流太慢"}, {}, {}, {}], None, (1 / 4, 4)),  # only complaints are marked
        ([{"Complaints": "0"}, {"Complaints": "2"}, {}, {}], None, (1 / 2, 2)),
        ([{"工单类型": "投诉单"}, {"工单类型": "无"}, {}, {}], Settings(complaint="工单类型"), (1 / 2, 2)),
        ([{"业务线": "售后"}, {}, {}, {}], None, (None, 0)),
    ],
)
def test_complaints_are_those_that_the_export_marks(
    said: list[dict[str, str]], settings: Settings | None, rate: tuple[float | None, int], tmp_path: Path
) -> None:
    """A rate over conversations of which nobody said anything would be far too low."""
    chats = [Chat(GOOD.format("甲"), f"2026-10-1{number} 10:00:00", known) for number, known in enumerate(said)]
    audit = audit_of(tmp_path, chats, settings)
    shown = figure(audit, "complaints")
    assert (shown.value, shown.n) == (pytest.approx(rate[0]) if rate[0] is not None else None, rate[1])
    assert audit.method.complaints == ("column" if rate[1] else None)


def test_without_a_column_the_rules_tell_of_complaints(tmp_path: Path) -> None:
    rulebook = load()
    summary = run_to_folder([SAMPLES], rulebook, tmp_path / "out")
    add_run(tmp_path / "out" / "data", tmp_path / "h", yaml_text(rulebook_mapping(rulebook)))
    audit = build_audit(tmp_path / "h", parse_period("2026"))
    shown = figure(audit, "complaints")
    escalated = [item.rate.n for item in audit.items if "F6" in item.standard.split()]
    assert audit.method.complaints == "rules"
    assert shown.n == summary.reading.scored
    assert shown.value is not None
    assert max(escalated) <= round(shown.value * shown.n) <= sum(escalated)


def test_the_last_periods_begin_where_the_history_does(tmp_path: Path) -> None:
    """A gap within is shown; months before the first are not."""
    months = {"2026-06": 12, "2026-07": 3, "2026-10": 12}
    chats = [chat for month, each in months.items() for chat in many(GOOD, ["甲"], each, month)]
    chats += [Chat(POOR.format("甲"), "2026-07-20 10:00:00", {"csat": 5.0, "resolved": False})]
    course = audit_of(tmp_path, chats).trend
    assert [point.period.label for point in course] == ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
    assert [point.conversations for point in course] == [12, 4, 0, 0, 12]
    july = course[1]
    assert (july.score.value, july.pass_rate.value, july.csat.value, july.resolved.value) == (75.0, 0.75, 1.0, 0.0)
    assert course[2].score.value is None
    assert course[-1].score == figure(audit_of(tmp_path, []), "score")


def test_distributions_are_compared_as_if_both_sides_had_as_many_conversations(tmp_path: Path) -> None:
    """Four conversations beside forty would look like a collapse."""
    chats = [
        *many(GOOD, ["甲"], 3),
        *many(POOR, ["甲"], 1),
        *many(GOOD, ["甲"], 20, "2026-09"),
        *many(POOR, ["甲"], 20, "2026-09"),
    ]
    audit = audit_of(tmp_path, chats, against="2026-09")
    assert audit.histogram_before is not None
    assert audit.histogram_level is not None
    assert (sum(audit.histogram), sum(audit.histogram_before)) == (4, 40)
    assert [number for number in audit.histogram_level if number] == [2.0, 2.0]
    first = audit.responses[0]
    assert first.level == tuple(float(number) for number in first.counts)


def test_volume_is_by_local_time(tmp_path: Path) -> None:
    audit = audit_of(
        tmp_path, [Chat(GOOD.format("甲"), "2026-10-31 23:30:00"), Chat(GOOD.format("甲"), "2026-10-05 00:10:00")]
    )
    assert [day.day.day for day in audit.volume.days if day.conversations] == [5, 31]
    assert len(audit.volume.days) == 31
    assert (audit.volume.week[5][23], audit.volume.week[0][0], sum(audit.volume.hours)) == (1, 1, 2)
