"""Failed verdicts as findings: the message that shows it best, its neighbours, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.results.encoded import numbered, places, texts
from qa_scorer.results.failures import Failures, read_failures
from qa_scorer.results.lines import Lines, marked, merge_spans
from qa_scorer.results.summary import Finding, Line
from qa_scorer.results.tables import RunTables

Ints = npt.NDArray[np.int64]

_NEIGHBOURS = 1
_TELLING = ("hit", "near_miss", "trigger", "searched")
"""Which evidence shows a fail best, most telling first."""
_SEARCHED = _TELLING.index("searched")
_AT_ONCE = 5_000


class _Shown(NamedTuple):
    """A row of evidence; ``kind`` is a place in ``_TELLING``."""

    kind: int
    seq: int
    start: int
    end: int
    note: str


def find_all(tables: RunTables, rulebook: Rulebook, lines: Lines) -> list[Finding]:
    """Every failed verdict that costs something or vetoes, gravest first, then in the order of the tables."""
    failures = read_failures(tables, rulebook)
    return find(tables, rulebook, failures, failures.gravest_first(np.arange(len(failures))), lines)


def find(tables: RunTables, rulebook: Rulebook, failures: Failures, rows: Ints, lines: Lines) -> list[Finding]:
    """The findings of some failures; ``lines`` must hold their conversations."""
    rules = [rulebook.rules[number] for number in failures.rule[rows].tolist()]
    evidence = _read_evidence(tables, rulebook, failures, rows)
    telling = [_telling(rule, entries) for rule, entries in zip(rules, evidence, strict=True)]
    ids = failures.conversations.take(failures.conversation[rows]).to_pylist()
    found = []
    for begin in range(0, len(rows), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        said = [
            (name, None if entry is None else entry.seq) for name, entry in zip(ids[some], telling[some], strict=True)
        ]
        costs = failures.lost[rows[some]].tolist()
        agents = [failures.agents[number] for number in failures.agent[rows[some]].tolist()]
        quotes = lines.around(said, _NEIGHBOURS)
        columns = (rules[some], ids[some], agents, costs, evidence[some], telling[some], quotes)
        found += [_finding(*entry) for entry in zip(*columns, strict=True)]
    return found


def _read_evidence(tables: RunTables, rulebook: Rulebook, failures: Failures, rows: Ints) -> list[list[_Shown]]:
    """The evidence of each of these failures, in the order of the table."""
    if not len(rows):
        return []
    distinct, chat = np.unique(failures.conversation[rows], return_inverse=True)
    conversations = failures.conversations.take(distinct)
    agents = {name: number for number, name in enumerate(failures.agents)}
    rules = {rule.id: number for number, rule in enumerate(rulebook.rules)}
    kinds = {name: number for number, name in enumerate(_TELLING)}

    def key(conversation: Ints, agent: Ints, rule: Ints) -> Ints:
        return (conversation * len(agents) + agent) * len(rules) + rule

    own = key(chat, failures.agent[rows], failures.rule[rows])
    order = np.argsort(own)
    own = own[order]
    shown: list[list[_Shown]] = [[] for _ in rows]
    columns = ("conversation_id", "agent", "rule_id", "kind", "seq", "start", "end", "note")
    for part in tables.parts("evidence", columns):
        conversation = places(part["conversation_id"], conversations)
        agent, rule = numbered(part["agent"], agents), numbered(part["rule_id"], rules)
        kind = numbered(part["kind"], kinds)
        wanted = key(conversation, agent, rule)
        at = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
        mine = (conversation >= 0) & (agent >= 0) & (rule >= 0) & (kind >= 0) & (own[at] == wanted)
        part = part.filter(mine)
        numbers = (part[name].to_numpy().tolist() for name in ("seq", "start", "end"))
        notes = [note or "" for note in texts(part["note"])]
        for place, *entry in zip(order[at[mine]].tolist(), kind[mine].tolist(), *numbers, notes, strict=True):
            shown[place].append(_Shown(*entry))
    return shown


def _telling(rule: Rule, evidence: Sequence[_Shown]) -> _Shown | None:
    """The evidence that shows a fail best; of messages searched for a closing, the last one does."""
    if not evidence:
        return None
    kind = min(entry.kind for entry in evidence)
    of_kind = [entry for entry in evidence if entry.kind == kind]
    condition = getattr(rule.check, "condition", None)
    at_the_end = condition is not None and condition.scope.last is not None
    return of_kind[-1 if kind == _SEARCHED and at_the_end else 0]


def _finding(
    rule: Rule, conversation_id: str, agent: str, cost: float, evidence: Sequence[_Shown], telling: _Shown | None,
    quote: Sequence[Line],
) -> Finding:  # fmt: skip
    spans: dict[int, list[tuple[int, int]]] = {}
    for entry in evidence:
        if entry.kind != _SEARCHED:
            spans.setdefault(entry.seq, []).append((entry.start, entry.end))
    seq = None if telling is None else telling.seq
    return Finding(
        conversation_id=conversation_id,
        agent=agent,
        rule_id=rule.id,
        title=rule.title,
        standard=" ".join(rule.standard),
        dimension=rule.dimension,
        points=cost,
        veto=rule.veto,
        seq=seq,
        time=next((line.time for line in quote if line.seq == seq), None),
        note="" if telling is None else telling.note,
        advice=rule.advice,
        lines=marked(quote, spans),
        marks=tuple((number, span) for number in sorted(spans) for span in merge_spans(spans[number])),
    )
