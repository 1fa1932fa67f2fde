"""Failed verdicts as findings: the message that shows it best, its neighbours, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qa_scorer.model.rules import Rule, Rulebook
from qa_scorer.results.summary import Finding
from qa_scorer.results.tables import RunTables, merge_spans, moment

if TYPE_CHECKING:
    import pandas as pd

_NEIGHBOURS = 1
_TELLING = ("hit", "near_miss", "trigger", "searched")
"""Which evidence shows a fail best, most telling first."""


def find_all(tables: RunTables, rulebook: Rulebook) -> list[Finding]:
    """Every failed verdict that costs something or vetoes, gravest first, then in the order of the tables."""
    import pandas as pd

    rules = {rule.id: rule for rule in rulebook.rules}
    costly = [rule.id for rule in rulebook.rules if rule.points or rule.deduct or rule.veto]
    failed = tables.verdicts[(tables.verdicts.verdict == "fail") & tables.verdicts.rule_id.isin(costly)]
    keys = ["conversation_id", "agent", "rule_id"]
    wanted = pd.MultiIndex.from_frame(failed[keys].astype(str))
    evidence = tables.evidence[keys].astype(str)
    mine = tables.evidence[pd.MultiIndex.from_frame(evidence).isin(wanted)]
    shown = dict(iter(_grouped(mine, keys)))
    found = []
    columns = [failed[key].astype(str).tolist() for key in keys]
    for conversation_id, agent, rule_id, cost in zip(*columns, failed.lost.tolist(), strict=True):
        key = (conversation_id, agent, rule_id)
        found.append(_finding(tables, rules[key[2]], key, cost, shown.get(key, [])))
    return sorted(found, key=lambda finding: (not finding.veto, -finding.points))


def _grouped(evidence: pd.DataFrame, keys: list[str]) -> Iterable[tuple[tuple[str, str, str], list[dict[Any, Any]]]]:
    groups: dict[tuple[str, str, str], list[dict[Any, Any]]] = {}
    columns = [*keys, "kind", "seq", "start", "end", "note"]
    for record in evidence[columns].to_dict("records"):
        key = (str(record["conversation_id"]), str(record["agent"]), str(record["rule_id"]))
        groups.setdefault(key, []).append(record)
    return groups.items()


def _telling(rule: Rule, evidence: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """The evidence of a fail, most telling first; of messages searched for a closing, the last one is."""
    condition = getattr(rule.check, "condition", None)
    at_the_end = condition is not None and condition.scope.last is not None
    by_kind = {kind: [entry for entry in evidence if entry["kind"] == kind] for kind in _TELLING}
    if at_the_end:
        by_kind["searched"].reverse()
    return [entry for kind in _TELLING for entry in by_kind[kind]]


def _finding(
    tables: RunTables, rule: Rule, key: tuple[str, str, str], cost: float, evidence: list[dict[Any, Any]]
) -> Finding:
    telling = _telling(rule, evidence)
    seq = int(telling[0]["seq"]) if telling else None
    spans: dict[int, list[tuple[int, int]]] = {}
    for entry in evidence:
        if entry["kind"] in ("hit", "near_miss", "trigger"):
            spans.setdefault(int(entry["seq"]), []).append((int(entry["start"]), int(entry["end"])))
    lines = () if seq is None else tables.lines.quote(key[0], seq - _NEIGHBOURS, seq + _NEIGHBOURS, dict(spans))
    return Finding(
        conversation_id=key[0],
        agent=key[1],
        rule_id=rule.id,
        title=rule.title,
        standard=" ".join(rule.standard),
        dimension=rule.dimension,
        points=cost,
        veto=rule.veto,
        seq=seq,
        time=next((moment(line.time) for line in lines if line.seq == seq), None),
        note=str(telling[0]["note"] or "") if telling else "",
        advice=rule.advice,
        lines=lines,
        marks=tuple((number, span) for number in sorted(spans) for span in merge_spans(spans[number])),
    )
