"""What the reports show of an agent's conversations: the best ones whole, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence

from qa_scorer.model.rules import Rulebook
from qa_scorer.results.summary import ConversationRow, Excellent, Finding
from qa_scorer.results.tables import RunTables, moment

_BEST = 3


class Quoting:
    """A run's tables, by agent."""

    def __init__(self, tables: RunTables, rulebook: Rulebook) -> None:
        self._tables = tables
        self._title = {rule.id: rule.title for rule in rulebook.rules if rule.points or rule.bonus}
        self._cards = dict(list(tables.scorecards.groupby("agent", observed=True)))
        self._verdicts = dict(list(tables.verdicts.groupby("agent", observed=True)))
        self._own = dict(list(tables.conversations.groupby("agent", observed=True)))

    def best(self, agent: str) -> tuple[Excellent, ...]:
        """The agent's highest scores at or above the pass mark; longer conversations first among equals."""
        cards, verdicts = self._cards[agent], self._verdicts[agent]
        good = cards[cards.passed].sort_values(["score", "agent_messages"], ascending=False, kind="stable").head(_BEST)
        best = []
        for card in good.itertuples(index=False):
            name = str(card.conversation_id)
            own = verdicts[(verdicts.conversation_id == name) & (verdicts.verdict == "pass")]
            passed = tuple(self._title[rule] for rule in own.rule_id.astype(str) if rule in self._title)
            lines = self._tables.lines.whole(name)
            best.append(Excellent(name, agent, float(card.score), passed, lines))  # type: ignore[arg-type]
        return tuple(best)

    def rows(self, agent: str, findings: Sequence[Finding]) -> tuple[ConversationRow, ...]:
        """The conversations for which the agent is responsible, with the titles of what failed."""
        failed: dict[str, list[str]] = {}
        for finding in findings:
            failed.setdefault(finding.conversation_id, []).append(finding.title)
        conversations = self._own.get(agent, self._tables.conversations.iloc[:0])
        return tuple(
            ConversationRow(
                conversation_id=row["conversation_id"],
                agent=str(row["agent"]),
                started_at=moment(row["started_at"]),
                messages=row["messages"],
                score=float(row["score"]) if row["scored"] else None,
                grade=str(row["grade"]) if row["scored"] else "",
                passed=bool(row["passed"]) if row["scored"] else None,
                vetoed=row["vetoed"],
                skip_reason=None if row["scored"] else str(row["skip_reason"]),
                failed=tuple(failed.get(row["conversation_id"], ())),
                source=str(row["source"]),
            )
            for row in conversations.to_dict("records")
        )
