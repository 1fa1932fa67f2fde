"""Two rulebooks on the same conversations. Rules that judge alike in both are judged once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.checks import Evidence, Judgements, compile_plan, judge
from qa_scorer.engines import Parcel, unpack
from qa_scorer.engines.processes import in_processes
from qa_scorer.interpreter import tuned_interpreter
from qa_scorer.matching.batch import Batch
from qa_scorer.model.checks import Paraphrase
from qa_scorer.model.patterns import ListRef
from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.model.words import EvidenceKind, Verdict
from qa_scorer.privacy import mask_text
from qa_scorer.rulebook.digest import plain
from qa_scorer.ruletools.describe import parts_of
from qa_scorer.ruletools.diff.difference import (
    MOST_DETAILED,
    MOST_EXAMPLES,
    Changed,
    Difference,
    Mean,
    Outcome,
    RuleChange,
    RuleEffect,
)
from qa_scorer.scoring import score_batch
from qa_scorer.scoring.points import Prices, unit_ledger
from qa_scorer.transcripts.table import TranscriptBatch

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Verdicts = npt.NDArray[np.int8]

_pair: _Pair | None = None
"""The rulebooks of a worker process, compiled once."""


def compare(batches: Iterable[TranscriptBatch], old: Rulebook, new: Rulebook, jobs: int = 1) -> Difference:
    """Judge every batch by both, in ``jobs`` processes. Raises RulebookError where a rulebook cannot be compiled."""
    pair = _Pair(old, new)
    difference = _nothing_yet(pair)
    if jobs > 1:
        for _, part in in_processes(batches, jobs, _compare_in_worker, _start_worker, old, new):
            difference.add(part)
        return difference
    with tuned_interpreter():
        for batch in batches:
            difference.add(_compare_one(batch, pair))
    return difference


def _start_worker(old: Rulebook, new: Rulebook) -> None:
    global _pair  # a worker process has no other place to keep what its tasks share
    _pair = _Pair(old, new)


def _compare_in_worker(parcel: Parcel[TranscriptBatch]) -> Difference:
    assert _pair is not None
    return _compare_one(unpack(parcel), _pair)


def _compare_one(batch: TranscriptBatch, pair: _Pair) -> Difference:
    difference = _nothing_yet(pair)
    _Compared(Batch(batch), pair).collect(difference)
    return difference


def _nothing_yet(pair: _Pair) -> Difference:
    changes = {rule_id: RuleChange(rule_id, title, how) for rule_id, (title, how) in pair.changes.items()}
    return Difference(pair.old, pair.new, rules=changes)


def how_changed(old: Rulebook, new: Rulebook) -> dict[str, tuple[str, str]]:
    """Rules that are not the same in both: id -> (title, added, removed, judges differently, or is worth another)."""
    before, after = ({rule.id: rule for rule in rulebook.rules} for rulebook in (old, new))
    result = {}
    for rule_id in [*before, *(rule_id for rule_id in after if rule_id not in before)]:
        if rule_id not in after:
            result[rule_id] = (before[rule_id].title, "removed")
        elif rule_id not in before:
            result[rule_id] = (after[rule_id].title, "added")
        elif _meaning(before[rule_id], old) != _meaning(after[rule_id], new):
            result[rule_id] = (after[rule_id].title, "judges differently")
        elif _worth(before[rule_id]) != _worth(after[rule_id]):
            result[rule_id] = (after[rule_id].title, "worth another")
    return result


def _meaning(rule: Rule, rulebook: Rulebook) -> Any:
    """What decides the verdicts of a rule."""
    names = sorted({node.name for node in parts_of(rule) if isinstance(node, ListRef)})
    lists = [(name, rulebook.lists[name].patterns) for name in names]
    words = (rulebook.synonyms, rulebook.conflicts) if isinstance(rule.check, Paraphrase) else ()
    return plain((rule.check, rule.when, rule.responsible, lists, words))


def _worth(rule: Rule) -> tuple[object, ...]:
    return rule.points, rule.deduct, rule.cap, rule.bonus, rule.veto, rule.dimension


class _Pair:
    """Both rulebooks compiled: the old one whole, of the new one what judges differently."""

    def __init__(self, old: Rulebook, new: Rulebook) -> None:
        self.old, self.new = old, new
        self.changes = how_changed(old, new)
        anew = [rule for rule in new.rules if self.changes.get(rule.id, ("", ""))[1] in ("added", "judges differently")]
        self.old_plan = compile_plan(old)
        self.new_plan = compile_plan(dataclasses.replace(new, rules=tuple(anew))) if anew else None
        self.old_number = {rule.id: number for number, rule in enumerate(old.rules)}
        self.new_number = {rule.id: number for number, rule in enumerate(new.rules)}
        self.anew = {rule.id: number for number, rule in enumerate(anew)}
        self.prices = (Prices(old), Prices(new))


class _Compared:
    """One batch under both rulebooks. Points are (u, rules) of each rulebook's own rules."""

    def __init__(self, batch: Batch, pair: _Pair) -> None:
        self.batch, self.pair = batch, pair
        self.before = judge(batch, pair.old_plan)
        self.anew = judge(batch, pair.new_plan) if pair.new_plan else None
        self.after = self._after()
        self.points = tuple(
            self._points(judged, prices) for judged, prices in zip((self.before, self.after), pair.prices, strict=True)
        )

    def _after(self) -> Judgements:
        """The new rulebook's verdicts, without evidence."""
        rules = self.pair.new.rules
        shape = (self.batch.units, len(rules))
        verdict, hits, share = np.zeros(shape, np.int8), np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        for column, rule in enumerate(rules):
            judged, row = self._source(rule.id)
            verdict[:, column], hits[:, column] = judged.verdict[:, row], judged.hits[:, row]
            share[:, column] = judged.share[:, row]
        return Judgements(verdict, hits, share, _no_evidence(self.before.evidence))

    def _source(self, rule_id: str) -> tuple[Judgements, int]:
        """Where the new rulebook's verdict of a rule was made, and its number there."""
        if self.anew is not None and rule_id in self.pair.anew:
            return self.anew, self.pair.anew[rule_id]
        return self.before, self.pair.old_number[rule_id]

    def _points(self, judged: Judgements, prices: Prices) -> Floats:
        ledger = unit_ledger(prices, judged.verdict, judged.hits.astype(np.int64), judged.share.astype(np.float64))
        points: Floats = ledger.earned + ledger.gained - ledger.lost
        return points

    def collect(self, difference: Difference) -> None:
        """Add this batch to a difference that holds nothing yet."""
        silent = dataclasses.replace(self.before, evidence=_no_evidence(self.before.evidence))
        tables = [
            score_batch(self.batch, judged, rulebook).conversations
            for judged, rulebook in ((silent, self.pair.old), (self.after, self.pair.new))
        ]
        columns = [
            {name: table[name].to_pylist() for name in ("score", "grade", "passed", "vetoed")} for table in tables
        ]
        ids, agents = tables[0]["conversation_id"].to_pylist(), tables[0]["agent"].to_pylist()
        differs = np.zeros(len(ids), dtype=np.bool_)
        for name in columns[0]:
            differs |= np.array(
                [one != other for one, other in zip(columns[0][name], columns[1][name], strict=True)], bool
            )
        moved = self._collect_rules(difference, ids)
        self._collect_means(difference, tables, agents, differs)
        difference.conversations += len(ids)
        rows = np.flatnonzero(differs).tolist()
        for row in rows:
            before, after = (Outcome(c["score"][row], c["grade"][row], c["passed"][row]) for c in columns)
            difference.changed.append(Changed(ids[row], agents[row] or "", before, after))
        greatest = sorted(zip(difference.changed, rows, strict=True), key=lambda pair: -abs(pair[0].change))
        for changed, row in greatest[:MOST_DETAILED]:
            difference.detailed.append((changed, tuple(self._effects(row, ids[row], moved))))

    def _collect_rules(self, difference: Difference, ids: list[str]) -> dict[str, Bools]:
        """Count the units in which a rule's verdict or points change; (u,) bool by rule where that can move a score."""
        moved: dict[str, Bools] = {}
        for rule_id, change in difference.rules.items():
            before, after = self._verdicts(rule_id)
            points = self._points_of(rule_id, 1) - self._points_of(rule_id, 0)
            differs = (before != after) | (np.abs(points) > 1e-6)
            moved[rule_id] = told = differs & _matters(before, after, points)
            change.verdicts += int(differs.sum())
            change.points += float(points.sum())
            pairs, counts = np.unique(before[differs].astype(np.int64) * 16 + after[differs], return_counts=True)
            for pair, number in zip(pairs.tolist(), counts.tolist(), strict=True):
                change.moves[Verdict(pair // 16), Verdict(pair % 16)] += number
            for unit in np.flatnonzero(told)[: MOST_EXAMPLES - len(change.examples)].tolist():
                change.examples.append(self._effect(unit, rule_id, ids[int(self.batch.unit_conv[unit])]))
        return moved

    def _collect_means(
        self, difference: Difference, tables: list[pa.Table], agents: list[str | None], differs: Bools
    ) -> None:
        before, after = (table["score"].to_numpy(zero_copy_only=False).astype(np.float64) for table in tables)
        both = ~np.isnan(before) & ~np.isnan(after)
        difference.team.add(before[both], after[both], int(differs[both].sum()))
        names, code = np.unique([agent or "" for agent in agents], return_inverse=True)
        for number, name in enumerate(names.tolist()):
            rows = both & (code == number)
            if rows.any():
                mean = difference.agents.setdefault(name, Mean())
                mean.add(before[rows], after[rows], int(differs[rows].sum()))

    def _effects(self, conversation: int, conversation_id: str, moved: dict[str, Bools]) -> Iterator[RuleEffect]:
        units = range(*self.batch.conv_units[conversation : conversation + 2].tolist())
        for rule_id, differs in moved.items():
            for unit in units:
                if differs[unit]:
                    yield self._effect(unit, rule_id, conversation_id)

    def _effect(self, unit: int, rule_id: str, conversation_id: str) -> RuleEffect:
        before, after = (Verdict(int(column[unit])) for column in self._verdicts(rule_id))
        points = float(self._points_of(rule_id, 1)[unit] - self._points_of(rule_id, 0)[unit])
        agent = self.batch.agents[int(self.batch.unit_agent[unit])]
        seq, text = self._message(unit, rule_id)
        return RuleEffect(rule_id, conversation_id, agent, before, after, points, seq, text)

    def _verdicts(self, rule_id: str) -> tuple[Verdicts, Verdicts]:
        absent = np.zeros(self.batch.units, np.int8)
        old, new = self.pair.old_number.get(rule_id), self.pair.new_number.get(rule_id)
        return (
            absent if old is None else self.before.verdict[:, old],
            absent if new is None else self.after.verdict[:, new],
        )

    def _points_of(self, rule_id: str, side: int) -> Floats:
        number = (self.pair.old_number, self.pair.new_number)[side].get(rule_id)
        return np.zeros(self.batch.units) if number is None else self.points[side][:, number]

    def _message(self, unit: int, rule_id: str) -> tuple[int | None, str]:
        """Number and text of the message that decides: what the new rulebook found, else what the old one did.

        The text is masked, for reviews quote it.
        """
        sources = [self._source(rule_id)] if rule_id in self.pair.new_number else []
        if rule_id in self.pair.old_number:
            sources.append((self.before, self.pair.old_number[rule_id]))
        for wanted in (EvidenceKind.HIT, EvidenceKind.TRIGGER, EvidenceKind.SEARCHED):
            for judged, number in sources:
                found = judged.evidence
                begin, end = np.searchsorted(found.unit, [unit, unit + 1])
                rows = np.flatnonzero((found.rule[begin:end] == number) & (found.kind[begin:end] == wanted))
                if len(rows):
                    message = int(found.message[begin + rows[0]])
                    seq = message - int(self.batch.conv_start[self.batch.conv[message]])
                    return seq, mask_text(self.batch.texts[message])
        return None, ""


def _matters(before: Verdicts, after: Verdicts, points: Floats) -> Bools:
    """Whether a change can move a score: a rule that costs nothing and newly passes does not."""
    matters: Bools = (np.abs(points) > 1e-6) | (before == Verdict.FAIL) | (after == Verdict.FAIL)
    return matters


def _no_evidence(evidence: Evidence) -> Evidence:
    columns = {column.name: getattr(evidence, column.name)[:0] for column in dataclasses.fields(evidence)}
    return dataclasses.replace(evidence, **columns)
