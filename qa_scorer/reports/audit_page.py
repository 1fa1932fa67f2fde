"""The audit's pages: one template for the team and one for an agent, everything inlined, nothing loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from jinja2 import Environment

from qa_scorer.audit.model import AgentAudit, Audit
from qa_scorer.reports import audit_wording as words
from qa_scorer.reports.audit_charts import audit_charts, ranked_agents
from qa_scorer.reports.charts import MOST_AGENTS, MOST_PROBLEMS
from qa_scorer.reports.environment import make_environment
from qa_scorer.reports.language import Language
from qa_scorer.reports.pack import long_list
from qa_scorer.results.summary import Finding

WORKBOOK = "audit.xlsx"
Key = tuple[str, str, str, object]
"""What tells one quoted message from another: agent, conversation, rule and time."""
_PLAIN_ROWS = 50


class AuditPages:
    """Renders the pages of one audit in one language."""

    def __init__(self, audit: Audit, language: Language) -> None:
        self._audit = audit
        self._language = language
        self._slugs = {agent.agent: agent.slug for agent in audit.agents}
        self._quoted = _quoted_elsewhere(audit)
        self._places = _places(audit, self._quoted)
        self._environment = self._make_environment()
        self._agent_template = self._environment.get_template("audit_agent.html")

    def index(self) -> str:
        """``index.html``."""
        audit, language = self._audit, self._language
        make = self._environment.get_template("audit_parts.html").make_module
        own, parts = make({"charts": {}}), self._environment.get_template("parts.html").make_module({"charts": {}})
        several = len(audit.agents) > 1
        agent_rows = [own.agent_row(agent, several, parts) for agent in audit.agents]  # type: ignore[attr-defined]
        heat_rows = [own.heat_row(agent) for agent in audit.agents]  # type: ignore[attr-defined]
        figures = words.figure_definitions(language)
        return self._environment.get_template("audit.html").render(
            agent_rows=long_list(agent_rows, _PLAIN_ROWS),
            charts=audit_charts(audit, language),
            coverage=words.coverage(language, audit),
            definitions=(*figures.values(), *words.audit_definitions(language)),
            groups=sorted({agent.group for agent in audit.agents if agent.group}),
            heat_rows=long_list(heat_rows, _PLAIN_ROWS),
            method=words.method(language, audit.method),
            newest_vetoes=words.newest_vetoes(language, audit),
            most_agents=MOST_AGENTS,
            most_problems=MOST_PROBLEMS,
            ranked=len(ranked_agents(audit)),
            weekday_names=words.weekday_names(language),
        )

    def agent(self, agent: AgentAudit) -> str:
        """``agents/<slug>.html``."""
        return self._agent_template.render(agent=agent, charts={}, quoted=self._quoted.get(agent.agent, []))

    def _link(self, finding: Finding, folder: str) -> str:
        """To the message on its agent's page, which stands in ``folder``."""
        return f"{folder}{self._slugs[finding.agent]}.html#{self._places[_key(finding)]}"

    def _make_environment(self) -> Environment:
        audit, language = self._audit, self._language
        period = words.period_name(language, audit.period)
        footer = f"{audit.rulebook} · {period} · qa-scorer {audit.version}"
        definitions = words.figure_definitions(language)
        environment = make_environment(language, definitions, footer, audit.version, WORKBOOK)
        against = audit.against
        environment.globals.update(
            against_name=words.against_name(language, against) if against else "",
            agent_rank=partial(words.agent_rank, language, audit=audit),
            agent_standing=partial(words.agent_standing, language),
            audit=audit,
            bins=partial(words.bins, language),
            change_key=words.change_key,
            change_word=partial(words.change_word, language),
            compared=against is not None and against.comparable,
            compared_with=words.compared(language, against),
            dimension_names={entry.id: entry.name for entry in audit.dimensions},
            distribution_names=words.distribution_names(language),
            grouped=len({agent.group for agent in audit.agents}) > 1,
            layer_names=words.layer_names(language),
            link=self._link,
            period_name=period,
            slugs=self._slugs,
            trend_names=words.trend_names(language, against),
            team_dimensions={entry.id: entry.figure.value for entry in audit.dimensions},
        )
        return environment


def _key(finding: Finding) -> Key:
    return finding.agent, finding.conversation_id, finding.rule_id, finding.time


def _quoted_elsewhere(audit: Audit) -> dict[str, list[Finding]]:
    """What the first page quotes of each agent that is not among the messages of the training focus, each once."""
    shown = {_key(message) for agent in audit.agents for focus in agent.focus for message in focus.messages}
    quoted: dict[str, list[Finding]] = {}
    for finding in (*audit.vetoes.cases, *(example for item in audit.problems for example in item.problem.examples)):
        if _key(finding) not in shown:
            shown.add(_key(finding))
            quoted.setdefault(finding.agent, []).append(finding)
    return quoted


def _places(audit: Audit, quoted: Mapping[str, Sequence[Finding]]) -> dict[Key, str]:
    """The id of each quoted message on its agent's page."""
    places = {
        _key(message): f"t{number}-{place}"
        for agent in audit.agents
        for number, focus in enumerate(agent.focus, start=1)
        for place, message in enumerate(focus.messages, start=1)
    }
    for findings in quoted.values():
        places |= {_key(finding): f"q{number}" for number, finding in enumerate(findings, start=1)}
    return places
