"""The counts and sums of a run, taken up batch by batch, so that a run of any size is summarised in little memory.

Points are counted in hundredths, as the tables round them, and whole numbers add up to the same in any order.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qa_scorer.model.rules import Rulebook
from qa_scorer.results.encoded import codes, names, numbered
from qa_scorer.scoring import ScoredBatch

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BINS = 20
"""Of the histogram of scores."""
LEAST_CSAT = 4.0
"""A rating from here on is a satisfied customer."""
SECONDS = ("first_response_s", "mean_response_s", "longest_wait_s", "handle_s")
_OUTCOMES = ("pass", "fail")


@dataclass(slots=True)
class Sums:
    """Of values in rows × columns: how many, their sum and the sum of their squares, each (rows, columns)."""

    count: Ints
    total: Floats
    squares: Floats

    @classmethod
    def of(cls, rows: int, columns: int) -> Sums:
        """Nothing yet."""
        shape = rows, columns
        return cls(np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape))

    def grow(self, rows: int) -> None:
        """Make room for more rows."""
        for name in ("count", "total", "squares"):
            column = getattr(self, name)
            setattr(self, name, np.pad(column, ((0, rows - len(column)), (0, 0))))

    def add(self, row: Ints, column: int, values: Floats) -> None:
        """Take up values, NaN for none, each in its row."""
        known = ~np.isnan(values)
        row, values, rows = row[known], values[known], len(self.count)
        self.count[:, column] += np.bincount(row, minlength=rows)
        self.total[:, column] += np.bincount(row, weights=values, minlength=rows)
        self.squares[:, column] += np.bincount(row, weights=values * values, minlength=rows)

    def mean(self, row: int, column: int, scale: float = 1.0) -> tuple[float, int, float | None]:
        """(mean, count, sample variance: None for fewer than two values) of the values divided by ``scale``."""
        count, total = int(self.count[row, column]), float(self.total[row, column])
        if not count:
            return 0.0, 0, None
        spread = max(float(self.squares[row, column]) - total * total / count, 0.0)
        return total / count / scale, count, spread / (count - 1) / scale**2 if count > 1 else None


@dataclass(slots=True)
class Group:
    """What is counted of each agent (or of the team, one row): ``a`` rows, r rules, d dimensions."""

    rules: int
    dimensions: int
    rows: int = 0
    scores: Sums = field(init=False)  # hundredths of a point, (a, 1)
    dimension: Sums = field(init=False)  # hundredths of a per cent, (a, d)
    seconds: Sums = field(init=False)  # of the conversations, (a, 4)
    passed: Ints = field(init=False)  # scores at or above the pass mark, (a,)
    vetoed: Ints = field(init=False)  # (a,)
    conversations: Ints = field(init=False)  # scored, and of these passed, rated, satisfied, known, resolved, (a, 6)
    outcomes: Ints = field(init=False)  # passes and fails of each rule, (a, r, 2)
    lost: Ints = field(init=False)  # hundredths of a point, (a, r)
    failed: Ints = field(init=False)  # conversations in which the rule failed, (a, r)

    def __post_init__(self) -> None:
        rows = self.rows
        self.scores, self.seconds = Sums.of(rows, 1), Sums.of(rows, len(SECONDS))
        self.dimension = Sums.of(rows, self.dimensions)
        self.passed, self.vetoed = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        self.conversations = np.zeros((rows, 6), np.int64)
        self.outcomes = np.zeros((rows, self.rules, len(_OUTCOMES)), np.int64)
        self.lost, self.failed = np.zeros((rows, self.rules), np.int64), np.zeros((rows, self.rules), np.int64)

    def grow(self, rows: int) -> None:
        """Make room for more rows."""
        for sums in (self.scores, self.dimension, self.seconds):
            sums.grow(rows)
        for name in ("passed", "vetoed", "conversations", "outcomes", "lost", "failed"):
            column = getattr(self, name)
            setattr(self, name, np.pad(column, [(0, rows - len(column)), *[(0, 0)] * (column.ndim - 1)]))
        self.rows = rows


class Tally:
    """A run so far: ``team`` (one row), ``agents`` (a row for each of ``names``), and what only the team has."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rule = {rule.id: number for number, rule in enumerate(rulebook.rules)}
        self._total = rulebook.scoring.total
        self.grades = dict.fromkeys((name for name, _ in rulebook.scoring.grades), 0)
        self.histogram = np.zeros(BINS, dtype=np.int64)
        self.first: int | None = None  # ms since 1970
        self.last: int | None = None
        self.names: dict[str, int] = {}
        sizes = len(rulebook.rules), len(rulebook.dimensions)
        self.team, self.agents = Group(*sizes, rows=1), Group(*sizes)

    def add(self, batch: ScoredBatch) -> None:
        """Take up the tables of a batch."""
        self._add_conversations(batch.conversations)
        self._add_scorecards(batch.scorecards)
        self._add_verdicts(batch.verdicts)

    def _add_conversations(self, table: pa.Table) -> None:
        for bound, pick in (("started_at", pc.min), ("ended_at", pc.max)):
            moment = pick(table[bound].cast(pa.int64())).as_py()
            if moment is not None and bound == "started_at":
                self.first = moment if self.first is None else min(self.first, moment)
            elif moment is not None:
                self.last = moment if self.last is None else max(self.last, moment)
        table = table.filter(table["scored"])
        if not table.num_rows:
            return
        score = _hundredths(table["score"])
        self.team.scores.add(np.zeros(len(score), np.int64), 0, score)
        self.team.vetoed += int(pc.sum(table["vetoed"]).as_py())
        bins = np.clip((score / 100 / self._total * BINS).astype(np.int64), 0, BINS - 1)
        self.histogram += np.bincount(bins, minlength=BINS)
        for entry in pc.value_counts(table["grade"].cast(pa.string())).to_pylist():
            self.grades[entry["values"]] = self.grades.get(entry["values"], 0) + entry["counts"]
        satisfied, resolved = _numbers(table["csat"]), _numbers(table["resolved"].cast(pa.int8()))
        facts = (
            np.ones(len(score), dtype=np.bool_), _truth(table["passed"]), ~np.isnan(satisfied), satisfied >= LEAST_CSAT,
            ~np.isnan(resolved), resolved == 1,
        )  # fmt: skip
        agent = self._agents(table["agent"])
        for group, row in ((self.team, np.zeros_like(agent)), (self.agents, agent)):
            for number, fact in enumerate(facts):
                group.conversations[:, number] += np.bincount(row[fact], minlength=group.rows)
            for number, name in enumerate(SECONDS):
                group.seconds.add(row, number, _numbers(table[name]))

    def _add_scorecards(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        agent = self._agents(table["agent"])
        group = self.agents
        group.scores.add(agent, 0, _hundredths(table["score"]))
        group.passed += np.bincount(agent[_truth(table["passed"])], minlength=group.rows)
        group.vetoed += np.bincount(agent[_truth(table["vetoed"])], minlength=group.rows)
        values = _hundredths(pc.list_flatten(table["dimensions"])).reshape(table.num_rows, -1)
        for number in range(values.shape[1]):
            group.dimension.add(agent, number, values[:, number])
            self.team.dimension.add(np.zeros_like(agent), number, values[:, number])

    def _add_verdicts(self, table: pa.Table) -> None:
        agent, rule = self._agents(table["agent"]), numbered(table["rule_id"], self._rule)
        outcome = numbered(table["verdict"], {name: number for number, name in enumerate(_OUTCOMES)})
        lost = _hundredths(pc.subtract(table["max_points"], table["points"])).astype(np.int64)
        fail = outcome == _OUTCOMES.index("fail")
        rules = len(self._rule)
        for group, row in ((self.team, np.zeros_like(agent)), (self.agents, agent)):
            cell = row * rules + rule
            for number in range(len(_OUTCOMES)):
                counted = np.bincount(cell[outcome == number], minlength=group.rows * rules)
                group.outcomes[:, :, number] += counted.reshape(group.rows, rules)
            summed = np.bincount(cell[fail], weights=lost[fail], minlength=group.rows * rules)
            group.lost += np.round(summed).astype(np.int64).reshape(group.rows, rules)
        failed = np.bincount(agent[fail] * rules + rule[fail], minlength=self.agents.rows * rules)
        self.agents.failed += failed.reshape(self.agents.rows, rules)
        # Of several agents who fail in a conversation, the team counts it once.
        conversation = codes(table["conversation_id"])
        once = np.zeros((len(names(table["conversation_id"])), rules), dtype=np.bool_)
        once[conversation[fail], rule[fail]] = True
        self.team.failed += once.sum(axis=0)

    def _agents(self, column: pa.ChunkedArray) -> Ints:
        """The row of each name among the agents, new names added; int64."""
        own, code = names(column), codes(column)
        used = np.zeros(len(own), dtype=np.bool_)
        used[code[code >= 0]] = True
        for name in itertools.compress(own, used):
            self.names.setdefault(name, len(self.names))
        if len(self.names) > self.agents.rows:
            self.agents.grow(len(self.names))
        return np.array([self.names.get(name, -1) for name in own], dtype=np.int64)[code]


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Values as floats, NaN for null."""
    values: Floats = column.cast(pa.float64()).to_numpy()
    return values


def _hundredths(column: pa.ChunkedArray) -> Floats:
    """Values as whole hundredths, NaN for null."""
    rounded: Floats = np.round(_numbers(column) * 100)
    return rounded


def _truth(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Values as bool; null is false."""
    truth: npt.NDArray[np.bool_] = column.fill_null(False).to_numpy().astype(np.bool_)
    return truth
