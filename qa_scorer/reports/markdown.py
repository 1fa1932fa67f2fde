"""An agent's report as a short Markdown message for chat tools: the figures, what to train first, what was excellent.

Headings, bold, lists and quotes only, because chat tools show no tables; short enough for one message of WeCom
(4,096 bytes) unless titles and advice of the rulebook are very long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from qa_scorer.reports import audit_wording, wording
from qa_scorer.reports.language import Language
from qa_scorer.reports.quote import key_line, visible
from qa_scorer.results.summary import AgentSummary, Excellent, Figure, Finding, Metric, RunSummary

if TYPE_CHECKING:
    from qa_scorer.audit.model import AgentAudit, Audit, AuditMetric

_TRAINED = 3
_LONGEST = 80
_SPECIAL = re.compile(r"[\\`*_\[\]<>#~|]|(?<=\w)(?=://)|(?<=www)(?=\.)")


def agent_markdown(run: RunSummary, agent: AgentSummary, language: Language) -> str:
    """The agent's message on a run."""
    _ = language.gettext
    place = " · ".join((language.period(run.period), wording.conversations(language, agent.conversations),
                        wording.rank(language, agent, run)))  # fmt: skip
    names = wording.metric_definitions(language)
    figures = [_figure(language, names["pass_rate"].name, agent.pass_rate, "share"),
               f"{_('Vetoes')} **{language.count(agent.vetoes)}**"]  # fmt: skip
    figures += [
        _figure(language, names[metric.id].name, metric.figure, metric.unit, _median(language, metric))
        for metric in agent.metrics
        if metric.figure.value is not None and metric.id not in ("score", "pass_rate")
    ]
    training = (
        _training(language, number, problem.title, problem.standard, problem.rate, problem.examples, problem.advice)
        for number, problem in enumerate(agent.problems[:_TRAINED], start=1)
    )
    return _message(language, agent.agent, place, agent.score, figures, training, agent.best)


def audit_markdown(audit: Audit, agent: AgentAudit, language: Language) -> str:
    """The agent's message on an audit."""
    place = " · ".join((audit_wording.period_name(language, audit.period), wording.conversations(language, agent.conversations),
                        audit_wording.agent_rank(language, agent, audit)))  # fmt: skip
    names = audit_wording.figure_definitions(language)
    figures = [
        _figure(language, names[metric.id].name, metric.figure, metric.unit, _median(language, metric), _moved(language, metric))
        for layer in agent.layers
        for metric in layer.metrics
        if metric.figure.value is not None and metric.id != "score"
    ]  # fmt: skip
    training = (
        _training(language, number, focus.title, focus.standard, focus.rate, focus.messages, focus.advice)
        for number, focus in enumerate(agent.focus, start=1)
    )
    return _message(language, agent.agent, place, agent.score, figures, training, agent.excellent)


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no markup, no link, no HTML."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", " ".join(visible(text).split()))


def _message(
    language: Language, name: str, place: str, score: Figure, figures: Sequence[str], training: Iterable[Iterable[str]],
    best: Sequence[Excellent],
) -> str:  # fmt: skip
    _ = language.gettext
    interval = (
        f" ({wording.interval_name(language)} {language.interval(score, 'score')})" if score.low is not None else ""
    )
    lines = [
        f"## {escape(name)}", "", escape(place), "",
        f"**{_('QA score')} {language.figure(score, 'score')}**{interval}", "", escape(wording.standing(language, score)), "",
        *(f"- {figure}" for figure in figures), "",
        f"### {_('What to train first')}", "",
    ]  # fmt: skip
    nothing = (
        _("No rule was broken: nothing to train.")
        if score.value is not None
        else _("Nothing could be scored, so there is nothing to say here.")
    )
    lines += [*chain.from_iterable(training)] or [nothing, ""]
    if best:
        lines += [f"### {_('Conversations worth sharing')}", ""]
        lines += [f"- {escape(entry.conversation_id)}: {language.score(entry.score)}" for entry in best]
    return "\n".join(lines).rstrip() + "\n"


def _training(
    language: Language, number: int, title: str, standard: str, rate: Figure, messages: Sequence[Finding], advice: str
) -> Iterator[str]:
    _ = language.gettext
    item = f" {escape(standard)}" if standard else ""
    share = escape(_("%(share)s fail") % {"share": language.share(rate.value)})
    yield f"{number}. **{escape(title)}**{item}: {share}"
    roles = wording.role_names(language)
    for finding in messages[:1]:
        line = key_line(finding)
        if line is not None:
            yield f"   > {roles[line.role]}: {_cut(line.text)} ({escape(finding.conversation_id)})"
            yield "   >"
    if advice:
        yield f"   > **{_('Write instead')}**: {_cut(advice)}"
    yield ""


def _cut(text: str) -> str:
    return escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def _figure(language: Language, name: str, figure: Figure, unit: str, *notes: str) -> str:
    """``首次响应 **45 秒** 未达标（目标 ≤ 30 秒，团队中位数 31 秒）``."""
    _ = language.gettext
    met = {True: f" {_('met')}", False: f" {_('not met')}", None: ""}[figure.met]
    aim = (
        _("target %(target)s") % {"target": wording.target(language, figure, unit)} if figure.target is not None else ""
    )
    said = " · ".join(note for note in (aim, *notes) if note)
    return f"{name} **{escape(language.figure(figure, unit))}**{met}" + (f" ({escape(said)})" if said else "")


def _median(language: Language, metric: Metric | AuditMetric) -> str:
    if metric.team is None:
        return ""
    return language.gettext("team median %(value)s") % {"value": language.value(metric.team, metric.unit)}


def _moved(language: Language, metric: AuditMetric) -> str:
    if metric.change is None:
        return ""
    change = language.difference(metric.change.difference, metric.unit)
    return f"{change} {audit_wording.change_word(language, metric.change)}"
