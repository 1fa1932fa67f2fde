"""Failed verdicts in columns, and which of them a report shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.model.rules import Rulebook
from qa_scorer.results.choosing import evenly, places_in_group
from qa_scorer.results.encoded import codes, names, numbered
from qa_scorer.results.tables import RunTables, joined

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_FINDINGS = 100_000
"""Findings in the reports of a run; more make pages and workbooks that nobody can open."""
EXAMPLES = 5
"""Findings that illustrate a problem."""
_COLUMNS = ("conversation_id", "agent", "rule_id", "verdict", "points", "max_points")


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed verdicts that cost something or veto, in the order of the tables: f rows.

    ``conversation`` and ``agent`` int64 (f,) are places in ``conversations`` and ``agents``, ``rule`` int64 (f,) is one in
    the rulebook, ``lost`` float64 (f,) are points, ``vetoes`` bool (f,).
    """

    conversations: pa.Array
    agents: list[str]
    conversation: Ints
    agent: Ints
    rule: Ints
    lost: Floats
    vetoes: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rule)

    def by_agent(self) -> dict[str, int]:
        """How many each agent has."""
        return dict(zip(self.agents, np.bincount(self.agent, minlength=len(self.agents)).tolist(), strict=True))

    def gravest_first(self, rows: Ints) -> Ints:
        """Some rows, vetoes first, then by the points lost, then in the order of the tables."""
        order: Ints = rows[np.lexsort((rows, -self.lost[rows], ~self.vetoes[rows]))]
        return order

    def to_show(self) -> Ints:
        """The rows of which a report shows findings, in order: all, or of more than MOST_FINDINGS the same number of each
        agent's: one of each rule, then a second one, up to EXAMPLES, and then the gravest."""
        width = int(self.rule.max(initial=0)) + 1
        turn = np.minimum(places_in_group(self.agent * width + self.rule), EXAMPLES)
        order = np.lexsort((-self.lost, ~self.vetoes, turn))  # of equals the first comes first
        return evenly(self.agent, order, MOST_FINDINGS)


def read_failures(tables: RunTables, rulebook: Rulebook) -> Failures:
    """The failures of a run."""
    costly = {rule.id: number for number, rule in enumerate(rulebook.rules) if rule.points or rule.deduct or rule.veto}
    parts = []
    for part in tables.parts("verdicts", _COLUMNS):
        failed = (numbered(part["verdict"], {"fail": 0}) == 0) & (numbered(part["rule_id"], costly) >= 0)
        parts.append(part.filter(failed))
    table = joined(parts)
    rule = numbered(table["rule_id"], costly)
    return Failures(
        conversations=table["conversation_id"].combine_chunks().dictionary,
        agents=names(table["agent"]),
        conversation=codes(table["conversation_id"]),
        agent=codes(table["agent"]),
        rule=rule,
        lost=np.round(table["max_points"].to_numpy() - table["points"].to_numpy(), 2),
        vetoes=np.array([rule.veto for rule in rulebook.rules], dtype=np.bool_)[rule],
    )
