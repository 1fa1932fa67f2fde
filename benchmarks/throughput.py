"""How fast conversations become tables: ``python -m benchmarks.throughput``.

Builds a corpus by repeating chats with changed ids and small changes of text, writes it as Parquet, and scores it to
tables without reports in one process, several rounds. Prints the machine, conversations per second (median), the peak
memory of the scoring process, and where the time goes. ``--from FILE`` uses other chats than the samples.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qa_scorer.transcripts import ReadOptions, read

SAMPLES = Path(__file__).parent.parent / "sample_transcripts"
_TAILS = ("", "哦", "呢", "哈", "～", "。", "呀", " ")


def build_corpus(source: list[str], options: ReadOptions | None, conversations: int, path: Path) -> int:
    """Write about ``conversations`` conversations to ``path``; returns the number of messages."""
    batches = [batch.messages for batch in read(source, options).batches()]
    base = pa.concat_tables(batches, promote_options="permissive").unify_dictionaries().combine_chunks()
    ids = base["conversation_id"].cast(pa.string())
    have = pc.count_distinct(ids).as_py()
    rows = 0
    writer: pq.ParquetWriter | None = None
    rng = np.random.default_rng(7)
    for copy in range(-(-conversations // have)):
        tails = pa.array(np.array(_TAILS, dtype=object)[rng.integers(0, len(_TAILS), base.num_rows)], pa.string())
        roles = pc.take(pa.array(["agent", "customer", "bot", "system"]), base["role"])
        table = pa.table(
            {
                "conversation_id": pc.binary_join_element_wise(ids, str(copy), "-"),
                "role": roles,
                "sender": base["sender"].cast(pa.string()),
                "time": base["time"],
                "text": pc.binary_join_element_wise(base["text"], tails, ""),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        rows += table.num_rows
    assert writer is not None
    writer.close()
    return rows


def score_once(corpus: Path, out: Path, rules: list[str], jobs: int) -> dict[str, float]:
    """One run in this process: seconds, conversations, peak memory in MB."""
    from qa_scorer.results import run_to_folder
    from qa_scorer.rulebook import load

    rulebook = load(rules or None)
    start = time.perf_counter()
    summary = run_to_folder([corpus], rulebook, out, jobs=jobs)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "conversations": summary.reading.conversations, "peak_mb": peak}


@click.command()
@click.option("--conversations", default=100_000, show_default=True)
@click.option("--from", "source", multiple=True, help="Chats to repeat [default: sample_transcripts/].")
@click.option(
    "--options", help="Reading options of --from, as a JSON object of ReadOptions' mapping, roles, header, quote."
)
@click.option("-r", "--rules", multiple=True, help="Rulebook [default: the built-in].")
@click.option("--rounds", default=3, show_default=True)
@click.option("--jobs", default=1, show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--worker", hidden=True, nargs=2)
def main(
    conversations: int, source: tuple[str, ...], options: str | None, rules: tuple[str, ...], rounds: int, jobs: int,
    json_file: Path | None, worker: tuple[str, str] | None,
) -> None:  # fmt: skip
    """Measure the throughput of one process from Parquet to written tables."""
    if worker:
        print(json.dumps(score_once(Path(worker[0]), Path(worker[1]), list(rules), jobs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.parquet"
        messages = build_corpus(list(source) or [str(SAMPLES)], reading_options(options), conversations, corpus)
        figures = []
        for number in range(rounds):
            # Each round in a process of its own: peak memory is then that of one run.
            command = [sys.executable, "-m", "benchmarks.throughput", "--worker", str(corpus), f"{folder}/out{number}"]
            command += [part for rule in rules for part in ("-r", rule)] + ["--jobs", str(jobs)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ})
            figures.append(json.loads(done.stdout.splitlines()[-1]))
    rates = [figure["conversations"] / figure["seconds"] for figure in figures]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{figures[0]['conversations']:,} conversations, {messages:,} messages, {jobs} process(es), {rounds} rounds")
    print(f"median {median(rates):,.0f} conversations/s ({min(rates):,.0f} to {max(rates):,.0f}), "
          f"{median(rates) * messages / figures[0]['conversations']:,.0f} messages/s")  # fmt: skip
    print(f"peak memory {max(figure['peak_mb'] for figure in figures):,.0f} MB")
    if json_file:
        json_file.write_text(json.dumps({"rates": rates, "figures": figures, "messages": messages}, indent=1))


def reading_options(text: str | None) -> ReadOptions | None:
    """ReadOptions from a JSON object of its mapping, roles, header and quote."""
    if text is None:
        return None
    from qa_scorer.model.words import Role

    given = json.loads(text)
    roles = {value: Role[name.upper()] for value, name in given.pop("roles", {}).items()}
    return ReadOptions(roles=roles, **given)


if __name__ == "__main__":
    main()
