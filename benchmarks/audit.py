"""How long the audit of a big month takes: ``python -m benchmarks.audit``.

Builds a history of two months directly as tables (invented scores, verdicts, waits and messages; nothing is judged),
audits the later one against the earlier in a process of its own, writes the reports of all agents, and prints seconds,
processor seconds, peak memory and the size of what was written.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from duckdb import DuckDBPyConnection

from qa_scorer.history.adding import TABLES
from qa_scorer.history.database import database, write_query
from qa_scorer.history.manifest import Manifest, Part, Run, changing, commit, part_path, rules_path
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import load
from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text

MONTHS = ("2026-09", "2026-10")
_TURNS = 7  # a question and an answer each
_MONTH_MS = 30 * 86_400_000


def build_history(history: Path, rulebook: Rulebook, conversations: int, agents: int) -> None:
    """A history of MONTHS with so many conversations and agents each."""
    state = Manifest("Asia/Shanghai", rulebooks={rulebook.digest: rulebook.name})
    with changing(history, state) as old, database() as connection:
        runs, parts = [], []
        for number, month in enumerate(MONTHS):
            run = f"{number:064}"
            part = Part(run, rulebook.digest, month, part_path(month, rulebook.digest, run, 1), conversations)
            (history / part.path).mkdir(parents=True)
            _write_tables(connection, history / part.path, rulebook, month, conversations, agents)
            counts = dict.fromkeys(("rejected", "dropped"), 0) | {"files": 1, "conversations": conversations}
            messages = conversations * _TURNS * 2
            runs.append(
                Run(run, rulebook.digest, "0", (run,), {**counts, "rows_read": messages, "messages": messages}, ())
            )
            parts.append(part)
        rules_path(history, rulebook.digest).parent.mkdir()
        rules_path(history, rulebook.digest).write_text(yaml_text(rulebook_mapping(rulebook)), encoding="utf-8")
        commit(history, old, Manifest(state.zone, 0, tuple(runs), tuple(parts), state.rulebooks))


def _write_tables(
    connection: DuckDBPyConnection, folder: Path, rulebook: Rulebook, month: str, conversations: int, agents: int
) -> None:
    """Random, but the same in every build: everything is a hash of the conversation's number and a purpose."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE made AS SELECT number, CAST(hash(number, '{month}') >> 1 AS BIGINT) AS key,
            '客服' || lpad(CAST(hash(number, 'agent') % {agents} AS VARCHAR), 4, '0') AS agent,
            TIMESTAMP '{month}-01' + to_milliseconds(CAST(hash(number, 'time') % {_MONTH_MS} AS BIGINT)) AS began,
            greatest(0, least(100, round(88 + 12 * ({_random("number", "a")} + {_random("number", "b")} - 1), 2))) AS score
        FROM range({conversations}) t(number)
        """
    )
    for name, query in _queries(rulebook).items():
        write_query(connection, query, folder / f"{name}.parquet")
    assert {path.stem for path in folder.iterdir()} == set(TABLES)


def _random(number: str, purpose: str) -> str:
    """SQL for a number from 0 to 1 that depends on these alone."""
    return f"(hash({number}, '{purpose}') % 1000003 / 1000003e0)"


def _queries(rulebook: Rulebook) -> dict[str, str]:
    """The rows of every table."""
    dimensions = ", ".join(f"round(60 + 40 * {_random('number', entry.id)}, 2)" for entry in rulebook.dimensions)
    rules = ", ".join(
        f"('{rule.id}', '{' '.join(rule.standard)}', '{rule.dimension}', {rule.points}e0, {rule.deduct}e0, {rule.veto})"
        for rule in rulebook.rules
    )
    judged = f"made, (VALUES {rules}) r(rule_id, standard, dimension, points, deduct, veto)"
    luck = _random("number, rule_id", "verdict")
    said = f"made, range({_TURNS * 2}) s(seq)"
    utc = "began AT TIME ZONE 'Asia/Shanghai'"
    return {
        "conversations": f"""SELECT key, began, 'c' || number AS conversation_id, agent, agent AS agents,
            '顾客' || (number % 300000) AS customer, 'web' AS channel, '店' || (number % 5) AS "group", {utc} AS started_at,
            {utc} + INTERVAL 9 MINUTE AS ended_at, {_TURNS * 2} AS messages, {_TURNS} AS agent_messages, score,
            100e0 AS max_score, CASE WHEN score >= 95 THEN '优秀' ELSE '良好' END AS grade, score >= 85 AS passed,
            false AS vetoed, true AS scored, NULL::VARCHAR AS skip_reason, 20e0 AS first_response_s,
            25e0 AS mean_response_s, 60e0 AS longest_wait_s, 120 + 900 * {_random("number", "handle")} AS handle_s,
            CASE WHEN number % 3 = 0 THEN 1e0 + hash(number, 'csat') % 5 END AS csat,
            CASE WHEN number % 2 = 0 THEN hash(number, 'solved') % 4 > 0 END AS resolved, 'big.csv' AS source FROM made""",
        "scorecards": f"""SELECT key, agent, {_TURNS} AS agent_messages, score, '良好' AS grade, score >= 85 AS passed,
            false AS vetoed, [{dimensions}] AS dimensions FROM made""",
        "verdicts": f"""SELECT key, agent, rule_id, standard, dimension, CASE WHEN {luck} < 0.25 THEN 'not_applicable'
            WHEN {luck} < CASE WHEN veto THEN 0.2505 ELSE 0.33 END THEN 'fail' ELSE 'pass' END AS verdict,
            CASE WHEN {luck} >= 0.33 THEN points WHEN {luck} >= 0.25 THEN -deduct ELSE 0e0 END AS points,
            CASE WHEN {luck} >= 0.25 THEN points ELSE 0e0 END AS max_points, 1 AS hits FROM {judged}""",
        "evidence": f"""SELECT key, agent, rule_id, 'hit' AS kind, CAST(hash(number, rule_id) % {_TURNS * 2} AS INT) AS seq,
            0 AS start, 4 AS "end", '您好请问' AS text, NULL::VARCHAR AS note FROM {judged}
            WHERE {luck} >= 0.25 AND {luck} < 0.33""",
        "messages": f"""SELECT key, CAST(seq AS INT) AS seq, CAST(1 - seq % 2 AS TINYINT) AS role, CAST(0 AS TINYINT) AS kind,
            CASE WHEN seq % 2 = 1 THEN agent ELSE '顾客' END AS sender, {utc} + to_seconds(seq * 30) AS time,
            '您好，请问订单' || hash(number, seq) || '什么时候发货' AS text, 'big.csv' AS source, number AS row FROM {said}""",
        "waits": f"""SELECT key, agent, {utc} + to_seconds(seq * 30) AS begins_at,
            CAST(1000 * (3 + hash(number, seq, 'wait') % 90) AS BIGINT) AS wait_ms, seq = 0 AS first FROM {said}
            WHERE seq % 2 = 0""",
        "metadata": "SELECT key, '业务线' AS name, '售后' AS value FROM made WHERE number % 10 = 0",
    }


def audit_once(history: Path, threads: int) -> dict[str, float]:
    """One audit with its reports in this process: seconds of both, processor seconds, peak memory and size in MB."""
    from qa_scorer.audit.build import Compared, build_audit
    from qa_scorer.audit.data import write_data
    from qa_scorer.audit.period import parse_period
    from qa_scorer.reports.audit import write_audit

    start, used = time.perf_counter(), time.process_time()
    period = parse_period(MONTHS[1])
    audit = build_audit(history, period, Compared(parse_period(MONTHS[0])), threads=threads)
    counted = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        written = [write_data(audit, out), *write_audit(audit, out)]
        size = sum(path.stat().st_size for path in written) / 1e6
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    assert len(audit.agents) > 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "counted": counted, "processor": processor, "peak_mb": peak, "written_mb": size}


@click.command()
@click.option("--conversations", default=500_000, show_default=True, help="In each of the two months.")
@click.option("--agents", default=400, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--history", type=click.Path(path_type=Path), help="Build the history here and keep it; used when there.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--worker", hidden=True, is_flag=True)
def main(
    conversations: int, agents: int, threads: int, history: Path | None, json_file: Path | None, worker: bool
) -> None:
    """Measure the audit of a month against the month before."""
    if worker:
        assert history is not None
        print(json.dumps(audit_once(history, threads)))
        return
    with tempfile.TemporaryDirectory() as folder:
        place = history or Path(folder) / "history"
        if not place.exists():
            build_history(place, load(), conversations, agents)
        # A process of its own: peak memory is then that of the audit.
        command = [
            sys.executable,
            "-m",
            "benchmarks.audit",
            "--worker",
            "--history",
            str(place),
            "--threads",
            str(threads),
        ]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ})
    figures = json.loads(done.stdout.splitlines()[-1])
    print(f"{conversations:,} conversations a month, {agents} agents, {threads} threads")
    print(
        "{seconds:.1f} s, {counted:.1f} of them for counting ({processor:.1f} s of processors), peak memory {peak_mb:,.0f} MB, "
        "{written_mb:,.0f} MB written".format(**figures)
    )
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
