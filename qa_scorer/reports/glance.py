"""What a reader in a hurry must know of a report: a few lines beside the score, each with links to where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_scorer.reports import audit_wording, wording
from qa_scorer.reports.language import Language
from qa_scorer.results.summary import AgentSummary, Figure, Metric, RunSummary

if TYPE_CHECKING:
    from qa_scorer.audit.model import AgentAudit, Audit, AuditMetric, Layer

_MOST = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A few words and where they lead; nowhere when ``link`` is empty."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A line: what it is about, the first few things to say, and how many there are."""

    name: str
    said: tuple[Said, ...]
    total: int


def of_run(run: RunSummary, language: Language) -> list[Point]:
    """The team's page of a run."""
    _ = language.gettext
    below = [
        Said(agent.agent, f"agents/{agent.slug}.html")
        for agent in sorted(run.agents, key=lambda agent: agent.score.value or 0.0)
        if wording.reliably_below(agent.score)
    ]
    return _points(
        _idle(run.score, run.metrics, language),
        _missed(run.metrics, language),
        (_("Work on first"), [Said(item.title, "#problems") for item in run.problems[:3]]),
        (_("Reliably below the pass mark"), below),
    )


def of_agent(agent: AgentSummary, language: Language) -> list[Point]:
    """An agent's page of a run."""
    _ = language.gettext
    return _points(
        _idle(agent.score, agent.metrics, language),
        _missed(agent.metrics, language),
        (_("Train first"), [Said(item.title, "#training") for item in agent.problems[:3]]),
    )


def of_audit(audit: Audit, language: Language) -> list[Point]:
    """The first page of an audit."""
    _ = language.gettext

    def standing(wanted: str) -> list[Said]:
        agents = [agent for agent in audit.agents if agent.standing == wanted]
        return [Said(agent.agent, f"agents/{agent.slug}.html") for agent in agents]

    below = standing("below")[::-1]
    score = next(metric.figure for metric in _metrics(audit.layers) if metric.id == "score")
    vetoed = audit.vetoes.conversations
    vetoes = [Said(wording.conversations(language, vetoed), "#vetoes")] if vetoed else []
    return _points(
        _idle(score, _metrics(audit.layers), language),
        _missed(_metrics(audit.layers), language, "#figures", _compared(audit)),
        *_moved(audit, audit.layers, len(audit.rising), len(audit.falling), "#figures", language),
        (_("Work on first"), [Said(item.problem.title, "#problems") for item in audit.problems[:3]]),
        (_("Below the others"), below),
        (_("Above the others"), standing("above")),
        (_("Vetoes"), vetoes),
    )


def of_agent_audit(agent: AgentAudit, audit: Audit, language: Language) -> list[Point]:
    """An agent's page of an audit."""
    _ = language.gettext

    def dimensions(wanted: str) -> list[Said]:
        pairs = zip(audit.dimensions, agent.cells, strict=True)
        return [Said(entry.name, "#dimensions") for entry, cell in pairs if cell.standing == wanted]

    return _points(
        _idle(agent.score, _metrics(agent.layers), language),
        _missed(_metrics(agent.layers), language, exact=_compared(audit)),
        *_moved(audit, agent.layers, len(agent.rising), len(agent.falling), "", language),
        (_("Train first"), [Said(item.title, "#training") for item in agent.focus]),
        (_("Below the others"), dimensions("below")),
        (_("Above the others"), dimensions("above")),
    )


def _points(*given: tuple[str, Sequence[Said]]) -> list[Point]:
    """The lines that say something."""
    return [Point(name, tuple(said[:_MOST]), len(said)) for name, said in given if said]


def _idle(score: Figure, metrics: Iterable[Metric | AuditMetric], language: Language) -> tuple[str, list[Said]]:
    """That a score stands on nothing: no rule applied."""
    _ = language.gettext
    judged = [metric.figure.value for metric in metrics if metric.id == "compliance"]
    idle = score.value is not None and judged == [None]
    return _("Careful"), [Said(_("no rule applied to any conversation, so the score says nothing"))] if idle else []


def _compared(audit: Audit) -> bool:
    return audit.against is not None and audit.against.comparable


def _metrics(layers: Iterable[Layer]) -> list[AuditMetric]:
    return [metric for layer in layers for metric in layer.metrics]


def _missed(
    metrics: Iterable[Metric | AuditMetric], language: Language, link: str = "", exact: bool = False
) -> tuple[str, list[Said]]:
    """The figures that miss their targets."""
    _ = language.gettext
    names = audit_wording.figure_definitions(language)
    aimed = [metric for metric in metrics if metric.figure.met is not None]
    missed = [
        Said(f"{names[metric.id].name} {language.figure(metric.figure, metric.unit, exact)}", link)
        for metric in aimed
        if metric.figure.met is False
    ]
    return _("Targets missed"), missed or ([Said(_("none"))] if aimed else [])


def _moved(
    audit: Audit, layers: Iterable[Layer], rising: int, falling: int, link: str, language: Language
) -> list[tuple[str, list[Said]]]:
    """What changed reliably, for the better and for the worse; nothing where nothing is compared."""
    _ = language.gettext
    if not _compared(audit):
        return []
    names = audit_wording.figure_definitions(language)
    lines = []
    for key, title, rules in (("better", _("Reliably better"), rising), ("worse", _("Reliably worse"), falling)):
        said = [
            Said(f"{names[metric.id].name} {language.difference(metric.change.difference, metric.unit)}", link)
            for metric in _metrics(layers)
            if metric.change is not None and audit_wording.change_key(metric.change) == key
        ]
        if rules:
            said.append(Said(language.ngettext("%(num)s rule", "%(num)s rules", rules) % {"num": rules}, "#trends"))
        lines.append((title, said))
    if not any(said for _title, said in lines):
        return [
            (audit_wording.trend_names(language, audit.against)["change"], [Said(_("none that is reliable"), link)])
        ]
    return lines
