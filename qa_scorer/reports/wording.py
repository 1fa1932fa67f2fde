"""The fixed words of the reports: names and definitions of figures, roles, and sentences that judge a figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qa_scorer.reports.language import Language
from qa_scorer.results.summary import AgentSummary, ConversationRow, Figure, Finding, Reading, RuleRate, RunSummary

if TYPE_CHECKING:
    from qa_scorer.audit.model import Coverage, Item

Rated = TypeVar("Rated", RuleRate, "Item")

# The forms of a check's note that are no sentence.
_SECONDS = re.compile(r"(\d+(?:\.\d+)?) s")
_CHARACTERS = re.compile(r"(\d+) characters")
_PROPORTION = re.compile(r"(\d+) : (\d+)")
_EXCEPTION = re.compile(r"except: (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is called and what it means."""

    name: str
    meaning: str


def metric_definitions(language: Language) -> dict[str, Definition]:
    """By ``Metric.id``. Keep in step with docs/reports.md."""
    _ = language.gettext
    return {
        "score": Definition(_("QA score"), _("Mean of the conversations' scores. Each starts from the points of the rules that apply; what does not apply neither earns nor costs, and the rest is rescaled to the full total.")),
        "pass_rate": Definition(_("Pass rate"), _("Share of scored conversations that reach the pass mark and carry no veto.")),
        "csat": Definition(_("Customer satisfaction"), _("Share of rated conversations with 4 or 5 stars, from the export.")),
        "resolved": Definition(_("Resolved"), _("Share of conversations that the export marks as resolved.")),
        "first_response": Definition(_("First response"), _("Mean time from the customer's first message to the first answer of a person; robot and system messages do not count.")),
        "mean_response": Definition(_("Mean response"), _("Mean time that a customer waits for a person's answer.")),
        "longest_wait": Definition(_("Longest wait"), _("Mean, over conversations, of the longest time that the customer waited for an answer.")),
        "handle_time": Definition(_("Handling time"), _("Mean time from the customer's first message to the end of the conversation.")),
        "compliance": Definition(_("Rule compliance"), _("Passed verdicts ÷ verdicts that applied, over all rules.")),
    }  # fmt: skip


def by_standard(rules: Iterable[Rated], dimensions: Sequence[str]) -> list[Rated]:
    """Rules as the standard lists them: by dimension, then by item."""
    order = {name: place for place, name in enumerate(dimensions)}
    return sorted(rules, key=lambda rule: (order.get(rule.dimension, len(order)), rule.standard))


def interval_name(language: Language) -> str:
    return language.gettext("95%% interval") % ()


def other_definitions(language: Language) -> dict[str, Definition]:
    """The words of the pages that are no metric."""
    _ = language.gettext
    return {
        "interval": Definition(interval_name(language), _("How far chance alone may have moved the figure: of 100 ranges made this way, about 95 hold the true level. Two agents whose ranges overlap widely are not reliably different.")),
        "dimension": Definition(_("Dimension"), _("Points earned in a part of the standard, 0–100, mean over the conversations in which it applied.")),
        "veto": Definition(_("Veto"), _("A breach that brings the conversation's total to zero, such as an insult, a leak or payment off the platform.")),
        "failure_rate": Definition(_("Failure rate"), _("Conversations that fail a rule ÷ conversations in which it applied.")),
        "lost": Definition(_("Points lost"), _("What a rule costs on average per scored conversation; problems are sorted by it.")),
        "rank": Definition(_("Rank"), _("By mean score, among agents with enough conversations; equal means share a rank. Agents with too few are not ranked.")),
        "unscored": Definition(_("Not scored"), _("Conversations that are too short or hold no agent's message count as read, but carry no score.")),
        "responsible": Definition(_("Responsible agent"), _("Opening rules belong to the agent who opens, closing rules to the one who closes, wording to whoever wrote it, waiting to whoever was on duty.")),
    }  # fmt: skip


def role_names(language: Language) -> dict[str, str]:
    """By ``Line.role``."""
    _ = language.gettext
    return {"agent": _("Agent"), "customer": _("Customer"), "bot": _("Robot"), "system": _("System")}


def outcome(language: Language, row: ConversationRow) -> str:
    """Passed, failed, vetoed, or why there is no score."""
    _ = language.gettext
    if row.passed is None:
        reasons = {"too_short": _("too short"), "no_agent": _("no agent's message")}
        return reasons.get(row.skip_reason or "", row.skip_reason or _("not scored"))
    if row.vetoed:
        return _("vetoed")
    return _("passed") if row.passed else _("not passed")


def outcome_key(row: ConversationRow) -> str:
    """The outcome as a filter of the conversation list knows it."""
    if row.passed is None:
        return "unscored"
    if row.vetoed:
        return "vetoed"
    return "passed" if row.passed else "failed"


def conversations(language: Language, number: int) -> str:
    """``1,204 段会话``."""
    return language.ngettext("%(num)s conversation", "%(num)s conversations", number) % {"num": language.count(number)}


def reliably_below(score: Figure) -> bool:
    """Whether the whole interval is below the target."""
    return score.high is not None and score.target is not None and score.high < score.target


def standing(language: Language, score: Figure) -> str:
    """One sentence: where the mean stands against the pass mark, and how sure that is."""
    _ = language.gettext
    if score.value is None or score.target is None or score.met is None:
        return _("Nothing could be scored.") if score.value is None else ""
    mark = {"mark": language.points(score.target)}
    if score.low is None or score.high is None:
        if score.met:
            return _("Reaches the pass mark of %(mark)s; too few conversations for an interval.") % mark
        return _("Below the pass mark of %(mark)s; too few conversations for an interval.") % mark
    if score.low >= score.target:
        return _("Reliably at or above the pass mark of %(mark)s.") % mark
    if reliably_below(score):
        return _("Reliably below the pass mark of %(mark)s.") % mark
    if score.met:
        return _("Reaches the pass mark of %(mark)s, but the 95%% interval does not rule out a value below it.") % mark
    return _("Misses the pass mark of %(mark)s, but the 95%% interval does not rule out a value above it.") % mark


def remark(language: Language, finding: Finding) -> str:
    """What stands beside a finding: the check's note in words, or that nothing was found where something should be."""
    _ = language.gettext
    note = finding.note
    if found := _SECONDS.fullmatch(note):
        return _("took %(time)s") % {"time": language.seconds(float(found[1]))}
    if found := _CHARACTERS.fullmatch(note):
        return _("%(count)s characters") % {"count": language.count(int(found[1]))}
    if found := _PROPORTION.fullmatch(note):
        return _("as wanted: %(wanted)s, otherwise: %(unwanted)s") % {"wanted": found[1], "unwanted": found[2]}
    if found := _EXCEPTION.fullmatch(note):
        return _("not counted, because of the exception %(name)s") % {"name": found[1]}
    if note:
        return note
    if not finding.lines:
        return _("Not found anywhere in the conversation.")
    return "" if any(line.spans for line in finding.lines) else _("Expected here and not found.")


def rank(language: Language, agent: AgentSummary, run: RunSummary) -> str:
    """``第 3 名（共 8 名参与排名）``, or why there is no rank."""
    _ = language.gettext
    if len(run.agents) == 1:
        return _("only agent, not ranked")
    if agent.rank is None:
        return _("too few to rank")
    ranked = sum(other.rank is not None for other in run.agents)
    return _("rank %(rank)d of %(ranked)d") % {"rank": agent.rank, "ranked": ranked}


def target(language: Language, figure: Figure, unit: str) -> str:
    """``≥ 85`` or ``≤ 30 秒``; nothing without a target."""
    if figure.target is None:
        return ""
    sign = "≤" if unit == "seconds" else "≥"
    text = language.points(figure.target) if unit == "score" else language.value(figure.target, unit)
    return f"{sign} {text}"


@dataclass(frozen=True, slots=True)
class Cut:
    """What is said of lists that a large run cuts; empty for a list that holds everything."""

    findings: str
    conversations: str


def cut(language: Language, agents: Sequence[AgentSummary]) -> Cut:
    """How much of the lists of some agents is shown, and where the rest stands."""
    _ = language.gettext

    def said(sentence: str, shown: int, count: int) -> str:
        return sentence % {"shown": language.count(shown), "all": language.count(count)} if shown < count else ""

    return Cut(
        said(
            _("Shown are the gravest %(shown)s findings of %(all)s; data/verdicts.parquet has all."),
            sum(len(agent.findings) for agent in agents),
            sum(agent.failed for agent in agents),
        ),
        said(
            _(
                "Shown are the %(shown)s conversations with the lowest scores of %(all)s; data/conversations.parquet has all."
            ),
            sum(len(agent.rows) for agent in agents),
            sum(agent.responsible for agent in agents),
        ),
    )


def ledger(language: Language, reading: Reading) -> tuple[str, ...]:
    """What became of the input: counts that add up."""
    _ = language.gettext
    number = {name: language.count(getattr(reading, name)) for name in ("rows_read", "messages", "rejected", "dropped")}
    return (
        language.ngettext("%(num)s file", "%(num)s files", reading.files) % {"num": language.count(reading.files)},
        _("%(rows_read)s rows read = %(messages)s messages + %(rejected)s rejected + %(dropped)s left out on purpose")
        % number,
        scored_of(language, reading),
    )


def scored_of(language: Language, counts: Reading | Coverage) -> str:
    """How many conversations were scored, and why others were not: counts that add up."""
    return language.gettext(
        "%(conversations)s conversations = %(scored)s scored + %(too_short)s too short + %(no_agent)s without an agent's message"
    ) % {name: language.count(getattr(counts, name)) for name in ("conversations", "scored", "too_short", "no_agent")}


def privacy(language: Language, masked: bool, pseudonyms: bool) -> list[str]:
    """Whether the pages may be passed on."""
    _ = language.gettext
    lines = [
        _("Phone, identity and card numbers, addresses and other personal data are masked.")
        if masked
        else _("Personal data are readable in the quotes: show them only to those who may see them.")
    ]
    return [*lines, _("Agents and customers have pseudonyms.")] if pseudonyms else lines


def script_words(language: Language, workbook: str) -> dict[str, str]:
    """The words that ``report.js`` puts on the page; ``workbook`` is the file that holds everything."""
    _ = language.gettext
    return {
        "range": _("{from}–{to} of {all}"),
        "none": _("Nothing matches."),
        "previous": _("Previous"),
        "next": _("Next"),
        "pages": _("Pages"),
        "sort": _("Sort by this column"),
        "unpack": _("This browser is too old to show the remaining entries; %(workbook)s has all.")
        % {"workbook": workbook},
        "printed": _("Printed is the part shown; %(workbook)s has all {all}.") % {"workbook": workbook},
    }
