"""The summary that a run prints when it is done: the team, its agents, what to work on, and what became of the input."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qa_scorer.reports.language import Language, load_language
from qa_scorer.reports.wording import ledger
from qa_scorer.results.summary import AgentSummary, Figure, RunSummary

_MOST_AGENTS = 20
_MOST_PROBLEMS = 5


def print_summary(run: RunSummary, language_code: str, where: str, console: Console | None = None) -> None:
    """Print the summary; ``where`` is the file or folder to open next."""
    language = load_language(language_code)
    console = console or Console(highlight=False)
    _ = language.gettext
    console.print()
    console.print(_team_line(run, language))
    if run.agents:
        console.print(_agents_table(run, language))
    if run.problems:
        console.print(_problems_table(run, language))
    console.print("\n".join(ledger(language, run.reading)))
    for source, row, reason in run.reading.reject_examples:
        place = f"{source}:{row}" if row else source
        console.print(f"  [yellow]{escape(place)}[/] {escape(language.reader(reason))}", soft_wrap=True)
    left = run.reading.rejected - len(run.reading.reject_examples)
    if left > 0:
        console.print("  " + _("and %(count)s more, in data/rejects.parquet") % {"count": language.count(left)})
    if run.reading.conversations and not run.reading.scored:
        console.print(_("Nothing could be scored; `qa-scorer inspect` tells how the files were read."), soft_wrap=True)
    report = _("Report")
    console.print(f"[bold]{report}[/] {escape(str(where))}", soft_wrap=True)


def _team_line(run: RunSummary, language: Language) -> str:
    _ = language.gettext
    figures = [f"[bold]{_('Mean score')} {_coloured(run.score, language)}[/]"]
    interval = language.interval(run.score, "score")
    if interval:
        figures.append(_("95%% interval %(range)s") % {"range": interval})
    figures.append(f"{_('Pass rate')} {language.figure(run.pass_rate, 'share')}")
    figures.append(f"{_('Vetoes')} {language.count(run.vetoes)}")
    return f"{escape(run.rulebook)}   " + "   ".join(figures)


def _coloured(figure: Figure, language: Language) -> str:
    text = language.figure(figure, "score")
    return text if figure.met is None else f"[{'green' if figure.met else 'red'}]{text}[/]"


def _agents_table(run: RunSummary, language: Language) -> Table:
    _ = language.gettext
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in (_("Agent"), _("Conversations"), _("Mean score"), _("Pass rate"), _("Vetoes")):
        table.add_column(name, justify="left" if name == _("Agent") else "right", no_wrap=True)
    table.add_column(_("Most costly problem"))
    agents = sorted(run.agents, key=lambda agent: (agent.score.value is None, agent.score.value or 0.0, agent.agent))
    for agent in agents[:_MOST_AGENTS]:
        table.add_row(*_agent_cells(agent, language))
    if len(agents) > _MOST_AGENTS:
        table.add_row(f"… +{len(agents) - _MOST_AGENTS}")
    return table


def _agent_cells(agent: AgentSummary, language: Language) -> tuple[str, ...]:
    return (
        escape(agent.agent),
        language.count(agent.conversations),
        _coloured(agent.score, language),
        language.figure(agent.pass_rate, "share"),
        language.count(agent.vetoes) if agent.vetoes else "",
        escape(agent.problems[0].title) if agent.problems else "",
    )


def _problems_table(run: RunSummary, language: Language) -> Table:
    _ = language.gettext
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in (_("Most costly problems"), _("Standard"), _("Conversations"), _("Failure rate")):
        table.add_column(name, justify="left" if name in (_("Most costly problems"), _("Standard")) else "right")
    for problem in run.problems[:_MOST_PROBLEMS]:
        rate = language.figure(problem.rate, "share")
        table.add_row(escape(problem.title), problem.standard, language.count(problem.conversations), rate)
    return table
