"""``audit.xlsx``: the audit as sheets to filter and to paste into a meeting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from qa_scorer.audit.model import AgentAudit, Audit, AuditMetric, Change
from qa_scorer.reports import audit_wording as words
from qa_scorer.reports import wording
from qa_scorer.reports.audit_team_sheet import write_team_sheet
from qa_scorer.reports.cells import (
    BAR,
    SHADES,
    below,
    containing,
    in_seconds,
    split_notes,
    written,
)
from qa_scorer.reports.language import Language
from qa_scorer.reports.sheets import Book, Column, Value, page
from qa_scorer.results.summary import Figure, Finding

_OWN_COLUMNS = ("score", "pass_rate", "veto_rate")


def write_audit_workbook(audit: Audit, path: Path, language: Language) -> None:
    """Write the workbook. Raises OSError."""
    with path.open("wb") as file:
        _AuditBook(Book(file), audit, language).write()


class _AuditBook:
    def __init__(self, book: Book, audit: Audit, language: Language) -> None:
        self.book = book
        self.audit = audit
        self.language = language
        against = audit.against
        self.before = words.against_name(language, against) if against is not None and against.comparable else ""
        self.roles = wording.role_names(language)
        self.dimensions = {item.id: item.name for item in audit.dimensions}

    def write(self) -> None:
        """All sheets, in the order of a meeting."""
        _ = self.language.gettext
        write_team_sheet(self.book, self.audit, self.language, self.before)
        counts = {
            _("The last periods"): self._course(),
            _("Agents"): self._agents(),
            _("Training"): self._training(),
            _("Problems"): self._problems(),
            _("Rules"): self._rules(),
            _("Vetoes"): self._vetoes(),
            _("Response times"): self._times(),
            _("Volume"): self._days(),
        }
        self._definitions(counts)
        self.book.workbook.close()

    def _change_columns(self, kind: str) -> tuple[Column, ...]:
        """Before, change and how sure; none without something to compare with. ``kind`` is the format of the change."""
        _ = self.language.gettext
        if not self.before:
            return ()
        marks = (
            containing(self.book, _("reliably better"), "good"),
            containing(self.book, _("reliably worse"), "low"),
        )
        unit, title = ("score", _("Change")) if kind == "change" else ("share", _("Change (percentage points)"))
        return Column(self.before, unit), Column(title, kind), Column(_("How sure"), "text", marks)

    def _change_cells(self, change: Change | None) -> tuple[Value, ...]:
        if not self.before:
            return ()
        if change is None:
            return None, None, None
        return change.before.value, change.difference, words.change_word(self.language, change)

    def _course(self) -> tuple[int, int]:
        _ = self.language.gettext
        names = words.figure_definitions(self.language)
        columns = [
            Column(_("Period")), Column(_("Conversations"), "count"),
            Column(_("Mean score"), "score", (below(self.book, self.audit.pass_mark, "C2"),)),
            Column(_("95%% from") % (), "score"), Column(_("95%% to") % (), "score"),
            *(Column(names[name].name, "share") for name in ("pass_rate", "csat", "resolved")),
        ]  # fmt: skip
        rows = (
            [words.period_name(self.language, point.period), point.conversations, *_shares(point.score),
             point.pass_rate.value, point.csat.value, point.resolved.value]
            for point in self.audit.trend
        )  # fmt: skip
        return self.book.table(_("The last periods"), columns, rows)

    def _agents(self) -> tuple[int, int]:
        _ = self.language.gettext
        audit, names = self.audit, words.figure_definitions(self.language)
        carried = [
            metric for layer in audit.layers for metric in layer.metrics
            if metric.figure.value is not None and metric.id not in _OWN_COLUMNS
        ]  # fmt: skip
        standings = (
            containing(self.book, words.agent_standing(self.language, "above"), "good"),
            containing(self.book, words.agent_standing(self.language, "below"), "low"),
        )
        columns = [
            Column(_("Agent")), Column(_("Group")), Column(_("Rank"), "count"), Column(_("Note")),
            Column(_("Conversations"), "count"),
            Column(_("Mean score"), "score", (below(self.book, audit.pass_mark, "F2"),)),
            Column(_("95%% from") % (), "score"), Column(_("95%% to") % (), "score"), Column(_("Estimate"), "score"),
            Column(_("Grade")), Column(_("Standing"), "text", standings), *self._change_columns("change"),
            Column(_("Pass rate"), "share", (BAR,)), Column(_("Vetoes"), "count"),
            *(Column(item.name, "score", (SHADES,)) for item in audit.dimensions),
            *(Column(in_seconds(names[metric.id].name, metric.unit, self.language), metric.unit) for metric in carried),
            *(Column(_("Problem %(number)d") % {"number": number}) for number in (1, 2, 3)),
        ]  # fmt: skip
        return self.book.table(_("Agents"), columns, (self._agent(agent, carried) for agent in audit.agents))

    def _agent(self, agent: AgentAudit, carried: Sequence[AuditMetric]) -> list[Value]:
        figures = {metric.id: metric.figure.value for layer in agent.layers for metric in layer.metrics}
        focus = [item.title for item in agent.focus]
        return [
            agent.agent, agent.group, agent.rank,
            None if agent.rank else words.agent_rank(self.language, agent, self.audit),
            agent.conversations, agent.score.value, agent.score.low, agent.score.high, agent.estimate.value, agent.grade,
            words.agent_standing(self.language, agent.standing), *self._change_cells(agent.change), agent.pass_rate.value,
            agent.vetoes, *(cell.figure.value for cell in agent.cells), *(figures.get(metric.id) for metric in carried),
            *focus, *[None] * (3 - len(focus)),
        ]  # fmt: skip

    def _training(self) -> tuple[int, int]:
        """A row per message that shows what an agent should train."""
        _ = self.language.gettext
        columns = [
            Column(_("Agent")), Column(_("Priority"), "count"), Column(_("Problem")), Column(_("Standard")),
            Column(_("Failure rate"), "share", (BAR,)), Column(_("The others"), "share"),
            Column(_("Points to gain"), "score"), Column(_("Standing")), *self._message_columns(),
        ]  # fmt: skip
        rows = (
            [agent.agent, number, focus.title, focus.standard, focus.rate.value, focus.team, focus.lost,
             words.agent_standing(self.language, focus.standing), *self._message(message)]
            for agent in self.audit.agents
            for number, focus in enumerate(agent.focus, start=1)
            for message in focus.messages
        )  # fmt: skip
        return self.book.table(_("Training"), columns, rows)

    def _message_columns(self) -> tuple[Column, ...]:
        _ = self.language.gettext
        return (
            Column(_("Conversation")), Column(_("Time"), "time"), Column(_("What was written")),
            Column(_("Marked words")), Column(_("Note")), Column(_("Write instead")),
        )  # fmt: skip

    def _message(self, finding: Finding) -> tuple[Value, ...]:
        return (
            finding.conversation_id, finding.time, *written(finding, self.roles),
            wording.remark(self.language, finding), finding.advice,
        )  # fmt: skip

    def _problems(self) -> tuple[int, int]:
        _ = self.language.gettext
        columns = [
            Column(_("Problem")), Column(_("Standard")), Column(_("Dimension")), Column(_("Failure rate"), "share", (BAR,)),
            Column(_("95%% from") % (), "share"), Column(_("95%% to") % (), "share"), Column(_("Conversations"), "count"),
            Column(_("Agents"), "count"), Column(_("Points lost"), "score"), *self._change_columns("share_change"),
            Column(_("Write instead")), Column(_("Rule id")),
        ]  # fmt: skip
        rows = (
            [item.title, item.standard, self.dimensions.get(item.dimension, item.dimension), *_shares(item.rate),
             item.conversations, entry.agents, item.lost, *self._change_cells(entry.change), item.advice, item.rule_id]
            for entry in self.audit.problems
            for item in (entry.problem,)
        )  # fmt: skip
        return self.book.table(_("Problems"), columns, rows)

    def _rules(self) -> tuple[int, int]:
        _ = self.language.gettext
        columns = [
            Column(_("Rule")), Column(_("Standard")), Column(_("Dimension")), Column(_("Compliance"), "share", (BAR,)),
            Column(_("95%% from") % (), "share"), Column(_("95%% to") % (), "share"), Column(_("Applied"), "count"),
            *self._change_columns("share_change"), Column(_("Rule id")),
        ]  # fmt: skip
        rows = (
            [item.title, item.standard, self.dimensions.get(item.dimension, item.dimension), *_shares(item.rate),
             item.rate.n, *self._change_cells(item.change), item.rule_id]
            for item in wording.by_standard(self.audit.items, [entry.id for entry in self.audit.dimensions])
        )  # fmt: skip
        return self.book.table(_("Rules"), columns, rows)

    def _vetoes(self) -> tuple[int, int]:
        _ = self.language.gettext
        columns = [Column(_("Problem")), Column(_("Agent")), *self._message_columns(), Column(_("Rule id"))]
        rows = ([case.title, case.agent, *self._message(case), case.rule_id] for case in self.audit.vetoes.cases)
        return self.book.table(_("Vetoes"), columns, rows)

    def _times(self) -> tuple[int, int]:
        _ = self.language.gettext
        names = words.distribution_names(self.language)
        before = (Column(self.before, "count"),) if self.before else ()
        columns = [Column(_("Figure")), Column(_("Duration")), Column(_("Number"), "count"), *before]

        def rows() -> Iterator[list[Value]]:
            for item in self.audit.responses:
                earlier = item.before or (None,) * len(item.counts)
                for bin_name, number, number_before in zip(
                    words.bins(self.language, item.edges), item.counts, earlier, strict=True
                ):
                    if item.n:
                        yield [names[item.id], bin_name, number, *((number_before,) if self.before else ())]

        return self.book.table(_("Response times"), columns, rows())

    def _days(self) -> tuple[int, int]:
        _ = self.language.gettext
        columns = [
            Column(_("Day"), "day"), Column(_("Conversations"), "count"), Column(_("Mean score"), "score"),
            Column(_("Note")),
        ]  # fmt: skip
        rows = (
            [datetime(day.day.year, day.day.month, day.day.day), day.conversations, day.score,  # noqa: DTZ001  a day has no zone
             _("not a business day") if day.holiday else None]
            for day in self.audit.volume.days
        )  # fmt: skip
        return self.book.table(_("Volume"), columns, rows)

    def _definitions(self, counts: dict[str, tuple[int, int]]) -> None:
        _ = self.language.gettext
        audit, language = self.audit, self.language
        _sheet, line = page(self.book, _("Definitions"), (24, 100))
        line((_("What the figures mean"), "section"), (None, "section"))
        for item in (*words.figure_definitions(language).values(), *words.audit_definitions(language)):
            line((item.name, "bold"), (item.meaning, "wrapped"))
        for title, texts in (
            (_("What the figures stand on"), words.coverage(language, audit)),
            (_("How the figures were made"), words.method(language, audit.method)),
        ):
            line()
            line((title, "section"), (None, "section"))
            for text in texts:
                line((None, "text"), (text, "wrapped"))
        for name, text in split_notes(counts, language):
            line((name, "bold"), (text, "wrapped"))
        if audit.vetoes.conversations > len(audit.vetoes.cases):
            line((_("Vetoes"), "bold"), (words.newest_vetoes(language, audit), "wrapped"))
        line()
        line((f"qa-scorer {audit.version}", "muted"))


def _shares(figure: Figure) -> tuple[Value, ...]:
    return figure.value, figure.low, figure.high
