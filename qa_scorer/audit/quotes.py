"""The messages that an audit quotes: few conversations out of many, read back as if they were a run of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow as pa

from qa_scorer.audit.model import Chat
from qa_scorer.audit.tables import Tables
from qa_scorer.history.database import listed, write_query
from qa_scorer.model.rules import Rulebook
from qa_scorer.results.findings import find_all
from qa_scorer.results.lines import Lines
from qa_scorer.results.quoting import titles_fulfilled
from qa_scorer.results.summary import ConversationRow, Excellent, Finding
from qa_scorer.results.tables import RunTables

FOCUS_MESSAGES = 3
EXAMPLES = 5
CASES = 50
EXCELLENT = 2
TEAM_EXCELLENT = 5

Verdict = tuple[int, str, str]
"""Key of the conversation, agent, rule."""
Bearer = tuple[int, str]
"""Key of the conversation, agent."""
Scored = dict[Bearer, int]
"""Scores in hundredths, in the order in which they are shown."""
_FAILED = (
    "SELECT key, v.agent, rule_id, max_points - points AS lost, hits, started_ms, conversation_id "
    "FROM {verdicts} v JOIN conv USING (key) WHERE side = 0 AND verdict = 'fail'"
)
_PLAINEST = "lost DESC, hits DESC, started_ms DESC, key"
"""Of fails of one rule, the one that shows it best comes first: what costs most, then the newest."""


class Quotes:
    """The findings and conversations of side 0 that an audit shows.

    ``focus``: pairs of agent and rule, each shown by FOCUS_MESSAGES findings. ``problems``: rules, those of the focus among
    them, each shown by EXAMPLES, from as many agents as there are. ``vetoes``: rules whose newest CASES are shown.
    """

    def __init__(
        self, tables: Tables, rulebook: Rulebook, *, focus: Sequence[tuple[str, str]], problems: Sequence[str],
        vetoes: Sequence[str],
    ) -> None:  # fmt: skip
        self._tables = tables
        self._failed = _FAILED.format(verdicts=tables.files("verdicts", 0))
        self._rank(problems)
        self._focus: dict[tuple[str, str], list[Verdict]] = {}
        for pick in self._pick_focus(focus):
            self._focus.setdefault(pick[1:], []).append(pick)
        self._problems: dict[str, list[Verdict]] = {}
        for pick in self._pick_problems():
            self._problems.setdefault(pick[2], []).append(pick)
        self._cases = self._pick_cases(vetoes)
        best = self._pick_excellent()
        shown = [*chain(*self._focus.values(), *self._problems.values()), *self._cases]
        with self._as_run(list(dict.fromkeys(shown)), list(best)) as run:
            rows = self._rows()
            ids = {key: row.conversation_id for key, row in rows.items()}
            lines = Lines(run)
            self._found = {
                (int(finding.conversation_id), finding.agent, finding.rule_id): replace(
                    finding, conversation_id=ids[int(finding.conversation_id)]
                )
                for finding in find_all(run, rulebook, lines)
            }
            self._excellent = _conversations(run, rulebook, ids, best, lines)
            self._chats = _chats(lines, rows, self._found, shown)

    def focus(self, agent: str, rule: str) -> tuple[Finding, ...]:
        """The messages that show best what an agent should train."""
        return tuple(self._found[pick] for pick in self._focus.get((agent, rule), ()))

    def problem(self, rule: str) -> tuple[Finding, ...]:
        """Examples of a problem of the team."""
        return tuple(self._found[pick] for pick in self._problems.get(rule, ()))

    def cases(self) -> tuple[Finding, ...]:
        """The newest vetoes."""
        return tuple(self._found[pick] for pick in self._cases)

    def excellent(self, agent: str | None = None) -> tuple[Excellent, ...]:
        """The best conversations of an agent, or of the team: the highest scores, longer conversations first."""
        if agent is None:
            return tuple(list(self._excellent.values())[:TEAM_EXCELLENT])
        return tuple(one for bearer, one in self._excellent.items() if bearer[1] == agent)

    def chats(self, agent: str) -> tuple[Chat, ...]:
        """The conversations in which something of an agent is quoted, the latest first."""
        return self._chats.get(agent, ())

    def _rank(self, rules: Sequence[str]) -> None:
        """The table ``ranked``: of each agent and rule the fails that show it best, by their ``place``."""
        self._tables.connection.execute(
            f"CREATE TEMP TABLE ranked AS SELECT *, row_number() OVER (PARTITION BY agent, rule_id ORDER BY {_PLAINEST}) "
            f"AS place FROM ({self._failed}) WHERE rule_id IN ({listed(rules)}) QUALIFY place <= {EXAMPLES}"
        )

    def _pick_focus(self, focus: Sequence[tuple[str, str]]) -> list[Verdict]:
        agents, rules = zip(*focus, strict=True) if focus else ((), ())
        wanted = pa.table({"agent": pa.array(agents, pa.string()), "rule_id": pa.array(rules, pa.string())})
        self._tables.connection.register("focus", wanted)
        return self._verdicts(
            "SELECT key, agent, rule_id FROM ranked SEMI JOIN focus USING (agent, rule_id) "
            f"WHERE place <= {FOCUS_MESSAGES} ORDER BY agent, rule_id, place"
        )

    def _pick_problems(self) -> list[Verdict]:
        return self._verdicts(
            "SELECT key, agent, rule_id FROM ranked QUALIFY "
            f"row_number() OVER (PARTITION BY rule_id ORDER BY place, {_PLAINEST}) <= {EXAMPLES} "
            f"ORDER BY rule_id, place, {_PLAINEST}"
        )

    def _pick_cases(self, rules: Sequence[str]) -> list[Verdict]:
        return self._verdicts(
            f"SELECT key, agent, rule_id FROM ({self._failed}) WHERE rule_id IN ({listed(rules)}) "
            f"ORDER BY started_ms DESC NULLS LAST, conversation_id, key, agent, rule_id LIMIT {CASES}"
        )

    def _verdicts(self, query: str) -> list[Verdict]:
        return [(key, agent, rule) for key, agent, rule in self._tables.connection.execute(query).fetchall()]

    def _pick_excellent(self) -> Scored:
        """EXCELLENT conversations of each agent, the best of everyone first."""
        rows = self._tables.connection.execute(
            "SELECT key, agent, score, row_number() OVER "
            "(PARTITION BY agent ORDER BY score DESC, agent_messages DESC, key) AS place "
            f"FROM card WHERE side = 0 AND passed QUALIFY place <= {EXCELLENT} "
            "ORDER BY place, score DESC, agent_messages DESC, agent, key"
        ).fetchall()
        return {(key, agent): score for key, agent, score, _ in rows}

    @contextmanager
    def _as_run(self, verdicts: Sequence[Verdict], best: Sequence[Bearer]) -> Iterator[RunTables]:
        """The tables of a run that holds nothing but the conversations of these verdicts, with all that failed in them,
        and the best ones, by key instead of id."""
        connection = self._tables.connection
        keys = [*dict.fromkeys(key for key, _, _ in verdicts)]
        connection.register("shown", pa.table({"key": pa.array(keys, pa.int64())}))
        both = [*dict.fromkeys([*keys, *(key for key, _ in best)])]
        connection.register("told", pa.table({"key": pa.array(both, pa.int64())}))
        connection.register("best", pa.table({"key": pa.array([key for key, _ in best], pa.int64())}))
        by_key = "SELECT CAST(key AS VARCHAR) AS conversation_id, t.* EXCLUDE (key) FROM"
        with tempfile.TemporaryDirectory(prefix="qa-scorer-") as folder:
            data = Path(folder)
            write_query(
                connection,
                f"{by_key} {self._tables.files('verdicts', 0)} t WHERE (verdict = 'fail' AND key IN (FROM shown)) "
                "OR (verdict = 'pass' AND key IN (FROM best)) ORDER BY key, agent, rule_id",
                data / "verdicts.parquet",
            )
            write_query(
                connection,
                f"{by_key} {self._tables.files('evidence', 0)} t SEMI JOIN shown USING (key) "
                'ORDER BY key, agent, rule_id, seq, start, "end", kind',
                data / "evidence.parquet",
            )
            write_query(
                connection,
                f"{by_key} {self._tables.files('messages', 0)} t SEMI JOIN told USING (key) ORDER BY key, seq",
                data / "messages.parquet",
            )
            yield RunTables(data, self._tables.manifest.zone)

    def _rows(self) -> dict[int, ConversationRow]:
        """The conversations that are told, the latest first."""
        rows = self._tables.connection.execute(
            "SELECT key, conversation_id, agent, began, messages, score / 100, grade, passed, vetoed "
            "FROM conv SEMI JOIN told USING (key) WHERE side = 0 ORDER BY began DESC NULLS LAST, key"
        ).fetchall()
        return {
            key: ConversationRow(name, agent, began, messages, score, grade, passed, vetoed, None, (), "")
            for key, name, agent, began, messages, score, grade, passed, vetoed in rows
        }


def _chats(
    lines: Lines, rows: dict[int, ConversationRow], found: dict[Verdict, Finding], shown: Sequence[Verdict]
) -> dict[str, tuple[Chat, ...]]:
    """By agent, the conversations in which a verdict of the agent is shown."""
    findings: dict[int, list[Finding]] = {}
    for (key, _, _), finding in found.items():
        findings.setdefault(key, []).append(finding)
    bearers: dict[int, list[str]] = {}
    for key, agent in sorted({(key, agent) for key, agent, _ in shown}):
        bearers.setdefault(key, []).append(agent)
    keys = [key for key in rows if key in bearers]
    chats: dict[str, list[Chat]] = {}
    for key, chat in zip(keys, lines.of([str(key) for key in keys]), strict=True):
        for agent in bearers[key]:
            chats.setdefault(agent, []).append(Chat(rows[key], chat, tuple(findings[key])))
    return {agent: tuple(own) for agent, own in chats.items()}


def _conversations(
    run: RunTables, rulebook: Rulebook, ids: dict[int, str], best: Scored, lines: Lines
) -> dict[Bearer, Excellent]:
    """Whole conversations with the titles of the rules that their agent fulfilled."""
    names = [str(key) for key, _ in best]
    fulfilled = titles_fulfilled(run, rulebook, list(dict.fromkeys(names)))
    return {
        (key, agent): Excellent(ids[key], agent, score / 100, fulfilled.get((str(key), agent), ()), chat)
        for ((key, agent), score), chat in zip(best.items(), lines.of(names), strict=True)
    }
