"""The ``agents`` table: one row per agent, from the summary. Columns are documented in ``docs/tables.md``."""

from __future__ import annotations

import pyarrow as pa

from qa_scorer.results.summary import RunSummary


def agents_table(summary: RunSummary) -> pa.Table:
    """Scores and rates with their 95 % intervals (``_low``, ``_high``), dimension means, and the standard's figures."""
    columns: dict[str, list[object]] = {}
    for agent in summary.agents:
        row: dict[str, object] = {
            "agent": agent.agent,
            "conversations": agent.conversations,
            "rank": agent.rank,
            "score": agent.score.value,
            "score_low": agent.score.low,
            "score_high": agent.score.high,
            "grade": agent.grade,
            "pass_rate": agent.pass_rate.value,
            "pass_rate_low": agent.pass_rate.low,
            "pass_rate_high": agent.pass_rate.high,
            "vetoes": agent.vetoes,
            **{f"dimension_{entry.id}": entry.figure.value for entry in agent.dimensions},
        }
        for metric in agent.metrics:
            if metric.id not in ("score", "pass_rate"):
                name = f"{metric.id}_s" if metric.unit == "seconds" else metric.id
                row |= {name: metric.figure.value, f"{name}_target": metric.figure.target}
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    strings, counts = ("agent", "grade"), ("conversations", "rank", "vetoes")
    kinds = {**dict.fromkeys(strings, pa.string()), **dict.fromkeys(counts, pa.int64())}
    return pa.table({key: pa.array(values, kinds.get(key, pa.float64())) for key, values in columns.items()})
