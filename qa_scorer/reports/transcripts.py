"""Whole conversations with what was found in them: pages of bounded size that every finding can link into.

An agent's conversations stand in ``conversations/<slug>-<number>.html``, at most ``MOST_ON_PAGE`` and, but for a single
longer one, about ``PAGE_BYTES`` on each. A run shows at most ``MOST_IN_RUN`` conversations whole: all of them, or of more
the same number for each agent, those with the lowest scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from jinja2 import Environment

from qa_scorer.reports import wording
from qa_scorer.reports.entries import message_id
from qa_scorer.reports.language import Language
from qa_scorer.reports.quote import Quoter, anchor, visible
from qa_scorer.results.lines import merge_spans
from qa_scorer.results.summary import AgentSummary, ConversationRow, Finding, Line, RunSummary, Span

MOST_IN_RUN = 20_000
MOST_ON_PAGE = 200
PAGE_BYTES = 1_000_000
_READ_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ChatPage:
    """A page of an agent's conversations; ``conversations`` are the ids on it. ``name`` is its path in the run's folder."""

    name: str
    html: str
    conversations: tuple[str, ...]


class ChatPages:
    """Renders the transcripts of one run."""

    def __init__(self, run: RunSummary, language: Language, environment: Environment) -> None:
        self._run = run
        self._language = language
        self._template = environment.get_template("chats.html")
        slugs = {agent.agent: agent.slug for agent in run.agents}
        self._chat = Chats(
            language,
            lambda finding: f"../agents/{slugs[finding.agent]}.html#f-{anchor(finding.conversation_id)}-{anchor(finding.rule_id)}",
        )  # fmt: skip
        self._findings: dict[str, list[Finding]] = {}
        for agent in run.agents:
            for finding in agent.findings:
                self._findings.setdefault(finding.conversation_id, []).append(finding)

    def pages(self) -> Iterator[ChatPage]:
        """All pages, agent by agent."""
        if self._run.transcripts is None:
            return
        total = sum(agent.responsible for agent in self._run.agents)
        most = total if total <= MOST_IN_RUN else MOST_IN_RUN // len(self._run.agents)
        for agent in self._run.agents:
            yield from self._of(agent, _shown(agent.rows, most))

    def _of(self, agent: AgentSummary, rows: Sequence[ConversationRow]) -> Iterator[ChatPage]:
        said = self._language.gettext(
            "Shown whole are the %(shown)s conversations with the lowest scores of %(all)s."
        ) % {"shown": self._language.count(len(rows)), "all": self._language.count(agent.responsible)}
        parts = list(divided(self._chats(rows)))
        for number, part in enumerate(parts, start=1):
            html = self._template.render(
                agent=agent, back="conversations", chats=[html for _, html in part], charts={}, number=number,
                pages=len(parts), said=said if len(rows) < agent.responsible else "",
            )  # fmt: skip
            yield ChatPage(page_name(agent.slug, number), html, tuple(name for name, _ in part))

    def _chats(self, rows: Sequence[ConversationRow]) -> Iterator[tuple[str, str]]:
        """The id of each conversation and its HTML."""
        read = self._run.transcripts
        assert read is not None
        for start in range(0, len(rows), _READ_AT_ONCE):
            some = rows[start : start + _READ_AT_ONCE]
            for row, lines in zip(some, read([row.conversation_id for row in some]), strict=True):
                name = row.conversation_id
                yield name, self._chat(anchor(name), row, lines, self._findings.get(name, ()))


class Chats:
    """Renders a whole conversation. ``link`` gives the address of a finding on its agent's page, None without one."""

    def __init__(self, language: Language, link: Callable[[Finding], str | None]) -> None:
        self._language = language
        self._link = link
        self._quote = Quoter(language)

    def __call__(self, place: str, row: ConversationRow, lines: Sequence[Line], findings: Sequence[Finding]) -> str:
        """The HTML of a conversation; ``place`` is what its ids are made of."""
        language = self._language
        spans, verdicts = _by_message(findings)
        key, began = wording.outcome_key(row), language.moment(row.started_at)
        shown = [
            self._line(place, line, spans.get(line.seq, ()), verdicts.get(line.seq, ())) for line in lines
        ]  # fmt: skip
        elsewhere = [finding for finding in findings if finding.seq is None]
        return (
            f'<article class="chat" id="c-{place}"><header><h2><a href="#c-{place}">'
            f"<bdi>{escape(visible(row.conversation_id))}</bdi></a></h2>"
            f'<p class="muted">{f"{began} · " if row.started_at else ""}{language.score(row.score)} '
            f'<span class="outcome {key}">{escape(wording.outcome(language, row))}</span></p></header>'
            f'{self._verdicts(elsewhere)}<div class="quote">{"".join(shown)}</div></article>\n'
        )

    def _line(self, place: str, line: Line, spans: Sequence[Span], findings: Sequence[Finding]) -> str:
        head = f' id="{message_id(place, line.seq)}"'
        if not spans and not findings:
            return self._quote.line(line, head=head)
        marked = replace(line, spans=merge_spans((span.start, span.end) for span in spans))
        return self._quote.line(marked, bool(findings), head, self._verdicts(findings))

    def _verdicts(self, findings: Sequence[Finding]) -> str:
        """What was found, each with a link to it on the agent's page."""
        said = [f"{self._linked(finding)}{self._cost(finding)}" for finding in findings]
        return f'<p class="verdicts">{" · ".join(said)}</p>' if said else ""

    def _linked(self, finding: Finding) -> str:
        address = self._link(finding)
        return escape(finding.title) if address is None else f'<a href="{address}">{escape(finding.title)}</a>'

    def _cost(self, finding: Finding) -> str:
        if finding.veto:
            return f' <span class="cost veto">{escape(self._language.gettext("veto"))}</span>'
        return f' <span class="cost">−{self._language.points(finding.points)}</span>' if finding.points else ""


def page_name(slug: str, number: int) -> str:
    """The path of a page of an agent's conversations in the report's folder."""
    return f"conversations/{slug}-{number}.html"


def _shown(rows: Sequence[ConversationRow], most: int) -> Sequence[ConversationRow]:
    """All rows, or of more than ``most`` those with the lowest scores, in the order of the list."""
    if len(rows) <= most:
        return rows
    worst = sorted(range(len(rows)), key=lambda at: (rows[at].score is None, rows[at].score or 0.0))[:most]
    return [rows[at] for at in sorted(worst)]


def divided(chats: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Conversations (name, HTML) in pages of bounded size."""
    page: list[tuple[str, str]] = []
    size = 0
    for name, html in chats:
        length = len(html.encode())
        if page and (len(page) == MOST_ON_PAGE or size + length > PAGE_BYTES):
            yield page
            page, size = [], 0
        page.append((name, html))
        size += length
    if page:
        yield page


def _by_message(findings: Sequence[Finding]) -> tuple[dict[int, list[Span]], dict[int, list[Finding]]]:
    """The marked parts and the findings of each message."""
    spans: dict[int, list[Span]] = {}
    verdicts: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.seq is not None:
            verdicts.setdefault(finding.seq, []).append(finding)
        for seq, span in finding.marks:
            spans.setdefault(seq, []).append(span)
    return spans, verdicts
