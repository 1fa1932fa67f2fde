"""The fixed words of the audit: names and meanings of its figures, of periods, and sentences about change and method."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qa_scorer.reports.language import Language
from qa_scorer.reports.wording import (
    Definition,
    interval_name,
    metric_definitions,
    other_definitions,
    privacy,
    scored_of,
)

if TYPE_CHECKING:
    from qa_scorer.audit.model import Against, AgentAudit, Audit, Change, Method, Period


def figure_definitions(language: Language) -> dict[str, Definition]:
    """By ``AuditMetric.id``. How each is made in full: docs/audit.md."""
    _ = language.gettext
    return {
        **metric_definitions(language),
        "veto_rate": Definition(_("Veto rate"), _("Share of scored conversations that a veto brought to zero.")),
        "csat_mean": Definition(_("Mean rating"), _("Mean stars of the rated conversations, 1–5.")),
        "fcr": Definition(_("Solved at first contact"), _("Share of conversations after which the same customer did not come back within the days that the method names.")),
        "complaints": Definition(_("Complaint rate"), _("Share of conversations that the export marks as a complaint; where it marks none, of those in which the customer complains or asks for a superior (the rules of F6). The method says which.")),
        "first_response": Definition(_("First response"), _("Mean time that a customer waits for a person's first answer, in business hours; robot and system messages are no answer.")),
        "mean_response": Definition(_("Mean response"), _("Mean time that a customer waits for a person's answer, in business hours.")),
        "handle_time": Definition(_("Handling time"), _("Mean time from the first to the last message of a conversation.")),
        "answered_in_time": Definition(_("Answered in time"), _("Share of first responses within the target.")),
    }  # fmt: skip


def audit_definitions(language: Language) -> tuple[Definition, ...]:
    """The words of the audit's pages that are no figure."""
    _ = language.gettext
    of_runs = other_definitions(language)
    return (
        Definition(interval_name(language), _("How far chance alone may have moved the figure: of 100 ranges made this way, about 95 hold the true level. Student's t for means, Wilson's for rates.")),
        Definition(_("Reliable"), _("A difference is marked only when it remains after Holm's correction for all that were looked at together. What is not marked may be chance.")),
        Definition(_("Estimate"), _("An agent's mean, drawn towards the team's by how little the agent's conversations can bear. Ranks go by it, so that one lucky conversation does not lead the list.")),
        Definition(_("Too few to rank"), _("Agents with fewer scored conversations than the method names have figures, but no rank and no mark.")),
        *(of_runs[name] for name in ("dimension", "veto", "failure_rate", "responsible")),
    )  # fmt: skip


def layer_names(language: Language) -> dict[str, str]:
    """By ``Layer.id``."""
    _ = language.gettext
    return {"efficiency": _("Efficiency"), "quality": _("Quality"), "result": _("Result")}


def distribution_names(language: Language) -> dict[str, str]:
    """By ``Distribution.id``."""
    _ = language.gettext
    return {
        "first_response": _("First response"),
        "response": _("Every wait"),
        "longest_wait": _("Longest wait"),
        "handle_time": _("Handling time"),
    }


def weekday_names(language: Language) -> tuple[str, ...]:
    """Monday first."""
    _ = language.gettext
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def period_name(language: Language, period: Period) -> str:
    """``2026年10月`` or ``October 2026``."""
    if period.kind in ("month", "quarter"):
        from babel.dates import format_skeleton

        skeleton = "yMMMM" if period.kind == "month" else "yQQQQ"
        return format_skeleton(skeleton, period.first, locale=language.code)
    if period.kind == "week":
        year, week, _day = period.first.isocalendar()
        return language.gettext("Week %(week)d of %(year)d") % {"week": week, "year": year}
    if period.kind == "year":
        return language.gettext("Year %(year)d") % {"year": period.first.year}
    return period.first.isoformat()


def against_name(language: Language, against: Against) -> str:
    """What the figures are compared with: a period, or a group of the same."""
    return against.group if against.kind == "group" and against.group else period_name(language, against.period)


def compared(language: Language, against: Against | None) -> str:
    """One sentence: what the audit is compared with, or why with nothing."""
    _ = language.gettext
    if against is None:
        return _("Not compared with anything.")
    name = against_name(language, against)
    if against.comparable:
        return _("Compared with %(name)s (%(count)s scored conversations).") % {
            "name": name, "count": language.count(against.scored),
        }  # fmt: skip
    if against.reason == "rulebook":
        return _("%(name)s was judged by other rules only, so nothing is compared; `qa-scorer history rescore` judges it by these.") % {"name": name}  # fmt: skip
    return _("There is no scored conversation in %(name)s, so nothing is compared.") % {"name": name}


def change_word(language: Language, change: Change | None) -> str:
    """Whether a change holds, and for the better or the worse; nothing where there is none."""
    _ = language.gettext
    if change is None:
        return ""
    if not change.holds:
        return _("may be chance") if change.difference else _("unchanged")
    if change.better is None:
        return _("reliably different")
    return _("reliably better") if change.better else _("reliably worse")


def change_key(change: Change | None) -> str:
    """The change as the style sheet knows it: ``better``, ``worse``, or neither."""
    if change is None or not change.holds or change.better is None:
        return ""
    return "better" if change.better else "worse"


def trend_names(language: Language, against: Against | None) -> dict[str, str]:
    """What rules did between two periods, or what they are beside another group: ``rising``, ``falling``, ``both``, ``none``, ``change``."""
    _ = language.gettext
    if against is not None and against.kind == "group":
        return {"rising": _("Better"), "falling": _("Worse"), "both": _("Better and worse"), "none": _("No rule differs reliably."), "change": _("Difference")}  # fmt: skip
    return {"rising": _("Rising"), "falling": _("Falling"), "both": _("Rising and falling"), "none": _("No rule moved reliably."), "change": _("Change")}  # fmt: skip


def agent_standing(language: Language, standing: str) -> str:
    """An agent or a cell against all others."""
    _ = language.gettext
    return {"above": _("above the others"), "below": _("below the others")}.get(standing, "")


def agent_rank(language: Language, agent: AgentAudit, audit: Audit) -> str:
    """``第 3 名（共 8 名参与排名）``, or why there is no rank."""
    _ = language.gettext
    if len(audit.agents) == 1:
        return _("only agent, not ranked")
    if agent.rank is None:
        return _("too few to rank")
    ranked = sum(other.rank is not None for other in audit.agents)
    return _("rank %(rank)d of %(ranked)d") % {"rank": agent.rank, "ranked": ranked}


def bins(language: Language, edges: tuple[float, ...]) -> list[str]:
    """The bins of a distribution: ``0–5 秒`` … ``1 小时以上``."""
    names = [
        f"{low / _seconds_of(low, high):g}–{_duration(language, high, _seconds_of(low, high))}"
        for low, high in pairwise(edges)
    ]
    last = _duration(language, edges[-1], _seconds_of(edges[-1]))
    return [*names, language.gettext("from %(time)s") % {"time": last}]


def _duration(language: Language, seconds: float, unit: float) -> str:
    _ = language.gettext
    words = {1.0: _("%(number)g s"), 60.0: _("%(number)g min"), 3600.0: _("%(number)g h")}
    return words[unit] % {"number": seconds / unit}


def _seconds_of(*bounds: float) -> float:
    """The largest unit in which all bounds are whole."""
    return next(unit for unit in (3600.0, 60.0, 1.0) if all(bound % unit == 0 for bound in bounds))


def coverage(language: Language, audit: Audit) -> list[str]:
    """What the figures stand on, in sentences; counts that add up."""
    _ = language.gettext
    told = audit.coverage
    lines = [
        scored_of(language, told),
        _("%(messages)s messages of %(agents)s agents")
        % {"messages": language.count(told.messages), "agents": language.count(told.agents)},
    ]  # fmt: skip
    if told.conversations:
        shares = {
            "dated": language.share(told.dated.value), "rated": language.share(told.rated.value),
            "resolution": language.share(told.resolution_known.value), "customer": language.share(told.customer_known.value),
        }  # fmt: skip
        lines.append(_("Of the conversations %(dated)s have times, %(rated)s a rating, %(resolution)s a mark whether they were resolved, %(customer)s a customer's name.") % shares)  # fmt: skip
    if told.waits or told.waits_outside_hours:
        lines.append(
            _("%(waits)s waits are in the response figures; %(outside)s began outside business hours and are left out.")
            % {"waits": language.count(told.waits), "outside": language.count(told.waits_outside_hours)}
        )
    return [*lines, *privacy(language, told.masked, told.pseudonyms)]


def newest_vetoes(language: Language, audit: Audit) -> str:
    """That not all vetoes are quoted."""
    return language.gettext("Shown are the newest %(num)s cases.") % {"num": len(audit.vetoes.cases)}


def method(language: Language, method: Method) -> list[str]:
    """How the figures were made: intervals, marks, ranks, hours, targets."""
    _ = language.gettext
    lines = [
        _("A difference is marked when it holds after correction: if nothing differed at all, the chance that anything is marked is at most %(rate)s.") % {"rate": language.share(method.error_rate)},
        _("Agents are ranked from %(least)d scored conversations on.") % {"least": method.least_to_rank},
        _("Business hours: %(hours)s; days: %(days)s; times are those of %(zone)s.")
        % {"hours": method.hours or _("around the clock"), "zone": method.zone, "days": _days(language, method)},
        _("First contact: the customer did not come back within %(days)d days. Target of the first response: %(target)s.")
        % {"days": method.fcr_days, "target": language.seconds(method.first_response_target)},
    ]  # fmt: skip
    if method.complaints is not None:
        lines.append(
            _("Complaints are those that the export marks.")
            if method.complaints == "column"
            else _("The export marks no complaints; counted are conversations in which the customer complains or asks for a superior (rules of F6).")
        )  # fmt: skip
    if method.team_mean is not None and method.between_sd is not None and method.within_sd is not None:
        lines.append(
            _("Estimates are drawn towards %(mean)s; true means of agents differ by about %(between)s (standard deviation), conversations of one agent by %(within)s.")
            % {"mean": language.score(method.team_mean), "between": language.score(method.between_sd), "within": language.score(method.within_sd)}
        )  # fmt: skip
    for days, text in ((method.holidays, _("Holidays left out: %(days)s")), (method.workdays, _("Worked although the weekday says otherwise: %(days)s"))):  # fmt: skip
        if days:
            lines.append(text % {"days": _(", ").join(day.isoformat() for day in days)})
    return lines


def _days(language: Language, method: Method) -> str:
    _ = language.gettext
    if len(method.weekdays) == 7:
        return _("every day")
    names = weekday_names(language)
    return _(", ").join(names[day - 1] for day in method.weekdays)
