"""The HTML pages: one template each for the team and for an agent, everything inlined, nothing loaded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jinja2 import Environment

from qa_scorer.reports import glance, wording
from qa_scorer.reports.charts import MOST_AGENTS, MOST_PROBLEMS, agent_charts, by_score, team_charts
from qa_scorer.reports.entries import Entries
from qa_scorer.reports.environment import make_environment
from qa_scorer.reports.language import Language
from qa_scorer.reports.pack import long_list
from qa_scorer.reports.quote import anchor
from qa_scorer.reports.transcripts import ChatPage, ChatPages
from qa_scorer.results.summary import AgentSummary, Finding, RunSummary

WORKBOOK = "report.xlsx"
_PLAIN_FINDINGS = 50
_PLAIN_ROWS = 100


class Pages:
    """Renders the pages of one run in one language."""

    def __init__(self, run: RunSummary, language: Language) -> None:
        self._run = run
        self._language = language
        self._slugs = {agent.agent: agent.slug for agent in run.agents}
        self._dated = any(row.started_at is not None for agent in run.agents for row in agent.rows)
        self._chats: dict[str, str] = {}
        self._environment = self._make_environment()

    def team(self) -> str:
        """``index.html``."""
        definitions = (
            *wording.metric_definitions(self._language).values(),
            *wording.other_definitions(self._language).values(),
        )
        return self._environment.get_template("team.html").render(
            agents=by_score(self._run),
            charts=team_charts(self._run, self._language),
            definitions=definitions,
            glance=glance.of_run(self._run, self._language),
            ledger=(
                *wording.ledger(self._language, self._run.reading),
                *wording.privacy(self._language, self._run.masked, self._run.pseudonyms),
            ),
            most_agents=MOST_AGENTS,
            most_problems=MOST_PROBLEMS,
        )

    def chats(self) -> Iterator[ChatPage]:
        """``conversations/<slug>-<number>.html``. Agents' pages link into what was rendered before them."""
        for page in ChatPages(self._run, self._language, self._environment).pages():
            self._chats.update((name, f"{page.name}#c-{anchor(name)}") for name in page.conversations)
            yield page

    def agent(self, agent: AgentSummary) -> str:
        """``agents/<slug>.html``."""
        parts = self._environment.get_template("parts.html").make_module({"charts": {}})
        entries = Entries(self._language, parts, self._chats, self._dated)
        chats = [item.conversation_id for item in agent.findings]
        with_findings = set(chats)

        def finding(number: int) -> str:
            return entries.finding(agent.findings[number], number)

        def conversation(number: int) -> str:
            row = agent.rows[number]
            return entries.conversation(row, row.conversation_id in with_findings)

        return self._environment.get_template("agent.html").render(
            agent=agent,
            charts=agent_charts(agent, self._language),
            cut=wording.cut(self._language, [agent]),
            glance=glance.of_agent(agent, self._language),
            findings=long_list(finding, len(agent.findings), _PLAIN_FINDINGS, keys=chats),
            rows=long_list(conversation, len(agent.rows), _PLAIN_ROWS),
        )

    def _link(self, finding: Finding, folder: str) -> str:
        """To the finding on its agent's page, which stands in ``folder``."""
        return (
            f"{folder}{self._slugs[finding.agent]}.html#f-{anchor(finding.conversation_id)}-{anchor(finding.rule_id)}"
        )

    def _make_environment(self) -> Environment:
        run, language = self._run, self._language
        footer = f"{run.rulebook} · {language.period(run.period)} · qa-scorer {run.version}"
        definitions = wording.metric_definitions(language)
        environment = make_environment(language, definitions, footer, run.version, WORKBOOK)
        environment.globals.update(
            by_standard=partial(wording.by_standard, dimensions=[dimension.id for dimension in run.dimensions]),
            dated=self._dated,
            dimension_names={dimension.id: dimension.name for dimension in run.dimensions},
            link=self._link,
            rank=partial(wording.rank, language, run=run),
            run=run,
        )
        return environment
