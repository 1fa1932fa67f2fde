"""The result tables: a public contract. Names, types and meaning are documented in ``docs/tables.md`` and tested.

Strings that repeat are dictionary-encoded in memory and read back as plain strings. Scores are 0 … ``total`` of
the rulebook (100 by default), times are seconds, ``start``/``end`` count code points in the original text.
"""

from __future__ import annotations

import pyarrow as pa

NAMES = pa.dictionary(pa.int32(), pa.string())

CONVERSATIONS = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("agent", NAMES),  # responsible: said most messages; on a tie the one who came first
        ("agents", pa.string()),  # all, in order of appearance, joined by "、"
        ("customer", pa.string()),
        ("channel", NAMES),
        ("group", NAMES),
        ("started_at", pa.timestamp("ms", tz="UTC")),
        ("ended_at", pa.timestamp("ms", tz="UTC")),
        ("messages", pa.int32()),
        ("agent_messages", pa.int32()),
        ("score", pa.float64()),  # null when not scored
        ("max_score", pa.float64()),  # the rulebook's total
        ("grade", NAMES),
        ("passed", pa.bool_()),
        ("vetoed", pa.bool_()),
        ("scored", pa.bool_()),
        ("skip_reason", NAMES),  # "too_short" | "no_agent" | null
        ("first_response_s", pa.float64()),
        ("mean_response_s", pa.float64()),
        ("longest_wait_s", pa.float64()),
        ("handle_s", pa.float64()),
        ("csat", pa.float64()),
        ("resolved", pa.bool_()),
        ("source", NAMES),
    ]
)

SCORECARDS = pa.schema(
    [  # one row per agent in a conversation: the same arithmetic over this agent's own verdicts
        ("conversation_id", pa.string()),
        ("agent", NAMES),
        ("agent_messages", pa.int32()),
        ("score", pa.float64()),
        ("grade", NAMES),
        ("passed", pa.bool_()),
        ("vetoed", pa.bool_()),
        ("dimensions", pa.list_(pa.float64())),  # 0–100 per dimension in the rulebook's order, null = not applicable
    ]
)

VERDICTS = pa.schema(
    [
        ("conversation_id", NAMES),
        ("agent", NAMES),
        ("rule_id", NAMES),
        ("standard", NAMES),  # ids joined by " "
        ("dimension", NAMES),
        ("verdict", NAMES),  # pass | fail | not_applicable
        ("points", pa.float64()),  # earned, or (negative) deducted
        ("max_points", pa.float64()),  # what a pass earns; 0 for deductions, vetoes and bonuses
        ("hits", pa.int32()),
    ]
)

EVIDENCE = pa.schema(
    [
        ("conversation_id", NAMES),
        ("agent", NAMES),
        ("rule_id", NAMES),
        ("kind", NAMES),  # hit | searched | excused | near_miss | trigger
        ("seq", pa.int32()),  # 0-based message number in the conversation
        ("start", pa.int32()),  # code points; start == end == 0 with text null: the whole message, nothing found
        ("end", pa.int32()),
        ("text", pa.string()),  # the original's characters start:end
        ("note", NAMES),
    ]
)
