"""The audit's pages: one template for the team and one for an agent, everything inlined, nothing loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from jinja2 import Environment

from qa_scorer.audit.model import AgentAudit, Audit
from qa_scorer.reports import audit_wording as words
from qa_scorer.reports import glance
from qa_scorer.reports.audit_charts import audit_charts, ranked_agents
from qa_scorer.reports.charts import MOST_AGENTS, MOST_PROBLEMS
from qa_scorer.reports.entries import message_id
from qa_scorer.reports.environment import make_environment
from qa_scorer.reports.language import Language
from qa_scorer.reports.pack import long_list
from qa_scorer.reports.quote import anchor
from qa_scorer.reports.transcripts import Chats, divided, page_name
from qa_scorer.reports.wording import by_standard
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
        self._focus = _places_in_focus(audit)
        self._messages: dict[Key, str] = {}
        self._environment = self._make_environment()
        self._agent_template = self._environment.get_template("audit_agent.html")

    def index(self) -> str:
        """``index.html``."""
        audit, language = self._audit, self._language
        make = self._environment.get_template("audit_parts.html").make_module
        own, parts = make({"charts": {}}), self._environment.get_template("parts.html").make_module({"charts": {}})
        several = len(audit.agents) > 1

        def agent_row(number: int) -> str:
            return own.agent_row(audit.agents[number], several, parts)  # type: ignore[attr-defined, no-any-return]

        def heat_row(number: int) -> str:
            return own.heat_row(audit.agents[number])  # type: ignore[attr-defined, no-any-return]

        figures = words.figure_definitions(language)
        return self._environment.get_template("audit.html").render(
            agent_rows=long_list(agent_row, len(audit.agents), _PLAIN_ROWS),
            charts=audit_charts(audit, language),
            coverage=words.coverage(language, audit),
            definitions=(*figures.values(), *words.audit_definitions(language)),
            glance=glance.of_audit(audit, language),
            groups=sorted({agent.group for agent in audit.agents if agent.group}),
            heat_rows=long_list(heat_row, len(audit.agents), _PLAIN_ROWS),
            method=words.method(language, audit.method),
            newest_vetoes=words.newest_vetoes(language, audit),
            most_agents=MOST_AGENTS,
            most_problems=MOST_PROBLEMS,
            ranked=len(ranked_agents(audit)),
            weekday_names=words.weekday_names(language),
        )

    def agent(self, agent: AgentAudit) -> str:
        """``agents/<slug>.html``."""
        return self._agent_template.render(
            agent=agent, charts={}, glance=glance.of_agent_audit(agent, self._audit, self._language)
        )

    def chats(self) -> Iterator[tuple[str, str]]:
        """(path, HTML) of every ``conversations/<slug>-<number>.html``. The other pages link into what was rendered
        before them."""
        template = self._environment.get_template("chats.html")
        said = self._language.gettext("Whole chats of what the audit quotes, the latest first.")
        whole = Chats(self._language, self._trained)
        for agent in self._audit.agents:
            places = _distinct([anchor(chat.row.conversation_id) for chat in agent.chats])
            html = [
                whole(place, chat.row, chat.lines, chat.findings)
                for place, chat in zip(places, agent.chats, strict=True)
            ]
            pages = list(divided(zip(places, html, strict=True)))
            page_of = {place: page for page, part in enumerate(pages, start=1) for place, _ in part}
            for place, chat in zip(places, agent.chats, strict=True):
                page = page_name(agent.slug, page_of[place])
                for finding in chat.findings:
                    if finding.agent == agent.agent:
                        at = f"c-{place}" if finding.seq is None else message_id(place, finding.seq)
                        self._messages[_key(finding)] = f"{page}#{at}"
            for number, part in enumerate(pages, start=1):
                shown = [html for _, html in part]
                yield (
                    page_name(agent.slug, number),
                    template.render(
                        agent=agent, back="training", chats=shown, charts={}, number=number, pages=len(pages), said=said
                    ),
                )

    def _link(self, finding: Finding, folder: str) -> str:
        """To the message in its whole chat, from a page in the audit's folder or (``folder`` empty) in one below it."""
        return f"{'' if folder else '../'}{self._messages[_key(finding)]}"

    def _trained(self, finding: Finding) -> str | None:
        """To the finding among what its agent should train, from a page of chats."""
        place = self._focus.get(_key(finding))
        return None if place is None else f"../agents/{self._slugs[finding.agent]}.html#{place}"

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
            by_standard=partial(by_standard, dimensions=[entry.id for entry in audit.dimensions]),
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
            period_of=partial(words.period_name, language),
            slugs=self._slugs,
            trend_names=words.trend_names(language, against),
            team_dimensions={entry.id: entry.figure.value for entry in audit.dimensions},
        )
        return environment


def _key(finding: Finding) -> Key:
    return finding.agent, finding.conversation_id, finding.rule_id, finding.time


def _places_in_focus(audit: Audit) -> dict[Key, str]:
    """The id of each message of the training focus on its agent's page."""
    return {
        _key(message): f"t{number}-{place}"
        for agent in audit.agents
        for number, focus in enumerate(agent.focus, start=1)
        for place, message in enumerate(focus.messages, start=1)
    }


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, numbered where one comes again: two shops may number their conversations alike."""
    made: dict[str, None] = {}
    for name in names:
        own, number = name, 2
        while own in made:
            own, number = f"{name}-{number}", number + 1
        made[own] = None
    return list(made)
