"""The HTML pages: one template each for the team and for an agent, everything inlined, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qa_scorer.reports import wording
from qa_scorer.reports.charts import MOST_AGENTS, MOST_PROBLEMS, agent_charts, by_score, team_charts
from qa_scorer.reports.language import Language
from qa_scorer.reports.pack import long_list, pack
from qa_scorer.reports.quote import anchor, highlight, visible
from qa_scorer.results.summary import AgentSummary, Finding, RunSummary

_ASSETS = Path(__file__).parent / "assets"
_PLAIN_FINDINGS = 50
_PLAIN_ROWS = 100


@dataclass(frozen=True, slots=True)
class Assets:
    """Style and scripts as they stand in a page, and the digests by which its security policy admits the scripts.

    ``echarts`` is packed: it would make up most of a page.
    """

    css: Markup
    head: Markup
    charts: Markup
    report: Markup
    echarts: str
    script_sources: Markup


@lru_cache
def _assets() -> Assets:
    def read(name: str) -> Markup:
        return Markup((_ASSETS / name).read_text(encoding="utf-8").strip())

    scripts = {"head": read("head.js"), "charts": read("charts.js"), "report": read("report.js")}
    library = read("echarts.min.js")
    digests = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (*scripts.values(), library)
    )
    sources = Markup(" ").join(Markup(f"'sha256-{digest}'") for digest in digests)
    return Assets(css=read("report.css"), echarts=pack(library), script_sources=sources, **scripts)


class Pages:
    """Renders the pages of one run in one language."""

    def __init__(self, run: RunSummary, language: Language) -> None:
        self._run = run
        self._language = language
        self._slugs = {agent.agent: agent.slug for agent in run.agents}
        self._dated = any(row.started_at is not None for agent in run.agents for row in agent.rows)
        self._environment = self._make_environment()

    def team(self) -> str:
        """``index.html``."""
        definitions = (*wording.metric_definitions(self._language).values(), *wording.other_definitions(self._language))
        return self._environment.get_template("team.html").render(
            agents=by_score(self._run),
            charts=team_charts(self._run, self._language),
            definitions=definitions,
            ledger=wording.ledger(self._language, self._run.reading),
            most_agents=MOST_AGENTS,
            most_problems=MOST_PROBLEMS,
        )

    def agent(self, agent: AgentSummary) -> str:
        """``agents/<slug>.html``."""
        parts = self._environment.get_template("parts.html").make_module({"charts": {}})
        finding, conversation = parts.finding, parts.conversation  # type: ignore[attr-defined]
        with_findings = {item.conversation_id for item in agent.findings}
        cards = [finding(item, number) for number, item in enumerate(agent.findings)]
        rows = [conversation(row, row.conversation_id in with_findings) for row in agent.rows]
        return self._environment.get_template("agent.html").render(
            agent=agent,
            charts=agent_charts(agent, self._language),
            findings=long_list(cards, _PLAIN_FINDINGS, keys=[item.conversation_id for item in agent.findings]),
            rows=long_list(rows, _PLAIN_ROWS),
        )

    def _link(self, finding: Finding, folder: str) -> str:
        """To the finding on its agent's page, which stands in ``folder``."""
        return (
            f"{folder}{self._slugs[finding.agent]}.html#f-{anchor(finding.conversation_id)}-{anchor(finding.rule_id)}"
        )

    def _make_environment(self) -> Environment:
        language = self._language
        environment = Environment(
            loader=PackageLoader("qa_scorer.reports"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
        )
        environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
        environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.filters.update(anchor=anchor, highlight=highlight, visible=visible)
        environment.globals.update(
            assets=_assets(),
            dated=self._dated,
            dimension_names={dimension.id: dimension.name for dimension in self._run.dimensions},
            interval_name=wording.interval_name(language),
            language=language,
            link=self._link,
            metric_names=wording.metric_definitions(language),
            outcome=partial(wording.outcome, language),
            outcome_key=wording.outcome_key,
            rank=partial(wording.rank, language, run=self._run),
            remark=partial(wording.remark, language),
            role_names=wording.role_names(language),
            run=self._run,
            script_words=wording.script_words(language),
            standing=partial(wording.standing, language),
            target=partial(wording.target, language),
        )
        return environment
