"""All of the speed in one command: ``python -m benchmarks``.

Scores a corpus (the samples repeated with small changes, or ``--from`` other chats) by the default rulebook and by one
that is all search, in rounds that take turns, and prints medians and ratios: the tool against the straightforward script
(which must give the same verdicts), CSV against Parquet, all rules against the core ones, two processes against one, also
where three messages of ten are like no other; and what it costs to begin. One process works side by side on the cores
that it has, so it is also measured held to one core. Ratios are of processor time, within one round, which neighbours on a
machine change least; only those of two processes are of the clock, beside them how much two runs that share nothing get
done here. ``--quick`` takes about a minute and fails when a ratio is a quarter below the recorded one, in the median
of three rounds if the first says so; absolute times decide nothing.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import click
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from benchmarks.baseline import JUDGED, Baseline, warm_up
from benchmarks.corpus import SAMPLES, build_corpus, reading_options
from benchmarks.start import measure_starts
from benchmarks.stress import stress_rulebook
from qa_scorer.checks import compile_plan
from qa_scorer.engines import score_one
from qa_scorer.model.rules import Rulebook
from qa_scorer.rulebook import load
from qa_scorer.transcripts import ReadOptions, read

RECORDED = Path(__file__).with_name("ratios.json")
CORE = {"A1", "A2", "A3", "A4", "B3", "C1", "C2", "C3", "C4", "D1", "D2", "F2", "G1", "G2", "G4"}
"""The items of the standard that every service has; the rules of these are "the core"."""
_LEAST = 0.75
_STARTS = 10
_CONFIRMED = 3
"""Rounds that say together that a ratio fell: within one, a neighbour may have come between what is compared."""
_FRESH, _FRESH_PART = 0.3, 4
"""The share of messages unlike all others in the corpus of fresh texts, and how much smaller it is than the other."""
_BY_PROCESSOR = {
    "default ÷ straightforward script": ("default", "default, straightforward"),
    "stress ÷ straightforward script": ("stress", "stress, straightforward"),
    "CSV ÷ Parquet": ("default, CSV", "default"),
    "all rules ÷ core rules": ("default", "core"),
    "tables and reports ÷ tables": ("default, reports", "default"),
}
_BY_CLOCK = {
    "two processes ÷ one": ("default, 2 processes", "default"),
    "two processes ÷ one held to one core": ("default, 2 processes", "default, one core"),
    "fresh texts, two processes ÷ one": ("fresh texts, 2 processes", "fresh texts"),
    "fresh texts, two processes ÷ one held to one core": ("fresh texts, 2 processes", "fresh texts, one core"),
    "two runs at once, a core each ÷ one": ("default, two runs", "default, one core"),
}

Figures = dict[str, dict[str, float]]
"""Of each run by its label: ``rate`` by the clock and ``per_processor_s``, in conversations a second, and more."""
_LIBRARIES = ("pyarrow", "numpy", "rapidfuzz", "ahocorasick-rs", "google-re2", "rjieba")


def rulebook_of(name: str) -> Rulebook:
    """``default`` (also with ``reports``), ``core`` or ``stress``."""
    if name == "stress":
        return stress_rulebook()
    default = load(None)
    if name == "core":
        return replace(default, rules=tuple(rule for rule in default.rules if CORE & set(rule.standard)))
    return default


def score_once(name: str, corpus: Path, out: Path, jobs: int) -> dict[str, float]:
    """One run in this process, from the file to written tables, and to reports if ``name`` says so: seconds by the clock and
    of the processor, conversations, peak memory in MB. ``jobs`` 0 is one process held to the first core, -1 to the second,
    where the system can do that."""
    import resource

    from qa_scorer.reports.write import write_reports
    from qa_scorer.results import run_to_folder

    if jobs <= 0 and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[-jobs % len(cores)]})
    rulebook = rulebook_of(name)
    start, worked = time.perf_counter(), time.process_time()
    report = write_reports if name == "reports" else None
    summary = run_to_folder([corpus], rulebook, out, jobs=max(jobs, 1), report=report)
    return {
        "seconds": time.perf_counter() - start,
        "processor_s": time.process_time() - worked,
        "conversations": summary.reading.conversations,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(runs: dict[str, tuple[str, Path, int]], folder: Path) -> Figures:
    """Each run (rulebook, file, processes) once, in a process of its own."""
    figures: Figures = {}
    for label, (name, corpus, jobs) in runs.items():
        done = subprocess.run(_run(name, corpus, folder / "out", jobs), check=True, capture_output=True, text=True)
        one = json.loads(done.stdout.splitlines()[-1])
        figures[label] = {
            "rate": one["conversations"] / one["seconds"],
            "per_processor_s": one["conversations"] / one["processor_s"],
            "peak_mb": one["peak_mb"],
        }
    return figures


def measure_two_runs(corpus: Path, folder: Path) -> float:
    """Conversations a second of two runs that share nothing but the machine, each held to a core of its own: what no
    engine here can surpass."""
    commands = [_run("default", corpus, folder / f"out{number}", -number) for number in range(2)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    said = [json.loads(process.communicate()[0].splitlines()[-1]) for process in running]
    return sum(one["conversations"] / one["seconds"] for one in said)


def _run(name: str, corpus: Path, out: Path, jobs: int) -> list[str]:
    """The command of one run in a process of its own."""
    return [sys.executable, "-m", "benchmarks", "--worker", name, str(corpus), str(out), str(jobs)]


def against_baseline(name: str, corpus: Path, conversations: int) -> dict[str, float]:
    """The straightforward script and the tool on the first conversations of a corpus, by the rules that both judge.

    Raises ClickException when a verdict differs.
    """
    rulebook = rulebook_of(name)
    rulebook = replace(rulebook, rules=tuple(rule for rule in rulebook.rules if isinstance(rule.check, JUDGED)))
    batch = next(iter(read([corpus], ReadOptions(batch_messages=40 * conversations)).batches()))
    frame = batch.messages.to_pandas()
    names = frame["conversation_id"].drop_duplicates().head(conversations)
    frame = frame[frame["conversation_id"].isin(names)]
    warm_up()
    start, worked = time.perf_counter(), time.process_time()
    plain = Baseline(rulebook).judge(frame)
    seconds, processor = time.perf_counter() - start, time.process_time() - worked
    scored = score_one(batch, compile_plan(rulebook)).verdicts.to_pandas()
    chosen = scored[scored["conversation_id"].isin(names)]
    keys = zip(chosen["conversation_id"], chosen["agent"], chosen["rule_id"], strict=True)
    differing = [key for key, verdict in zip(keys, chosen["verdict"], strict=True) if plain.get(key) != verdict]
    if differing:
        raise click.ClickException(
            f"{name}: the straightforward script judges {len(differing)} verdicts otherwise: {differing[:3]}"
        )
    return {"rate": len(names) / seconds, "per_processor_s": len(names) / processor, "verdicts": len(chosen)}


def measure_round(folder: Path, *, quick: bool) -> Figures:
    """Every run of the comparison once, one after another; ``quick`` leaves out what needs quiet cores."""
    parquet, fresh = folder / "corpus.parquet", folder / "fresh.parquet"
    runs = {
        "default": ("default", parquet, 1),
        "core": ("core", parquet, 1),
        "default, CSV": ("default", folder / "corpus.csv", 1),
        "stress": ("stress", parquet, 1),
    }
    if not quick:
        runs |= {
            "default, reports": ("reports", parquet, 1),
            "default, one core": ("default", parquet, 0),
            "default, 2 processes": ("default", parquet, 2),
            "fresh texts": ("default", fresh, 1),
            "fresh texts, one core": ("default", fresh, 0),
            "fresh texts, 2 processes": ("default", fresh, 2),
        }
    figures = measure(runs, folder)
    if not quick:
        figures["default, two runs"] = {"rate": measure_two_runs(parquet, folder)}
    for name in ("default", "stress"):
        figures[f"{name}, straightforward"] = against_baseline(name, parquet, 80 if quick else 300)
    return figures


def ratios_of(figures: Figures) -> dict[str, float]:
    """What is compared in one round, each as tool ÷ other; what was not measured is left out."""
    return {
        label: figures[one][figure] / figures[other][figure]
        for pairs, figure in ((_BY_PROCESSOR, "per_processor_s"), (_BY_CLOCK, "rate"))
        for label, (one, other) in pairs.items()
        if one in figures and other in figures
    }


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    return {label: median(one[label] for one in rounds) for label in rounds[0]}


def fallen_ratios(ratios: dict[str, float], recorded: dict[str, float]) -> list[str]:
    """The ratios that fell by more than a quarter, in words."""
    return [
        f"{label}: {ratios[label]:.2f}, recorded {was:.2f}"
        for label, was in recorded.items()
        if ratios[label] < _LEAST * was
    ]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--conversations", type=int, help="Of the corpus [default: 100,000; 20,000 with --quick].")
@click.option("--rounds", type=int, help="[default: 3; 1 with --quick, 3 when a ratio fell].")
@click.option("--from", "source", multiple=True, help="Chats to repeat [default: sample_transcripts/].")
@click.option("--options", help="Reading options of --from, as a JSON object: mapping, roles, header, quote.")
@click.option("--quick", is_flag=True, help="A minute; exit 1 when a ratio fell by more than a quarter.")
@click.option("--record", is_flag=True, help="Write the ratios that --quick compares with.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--worker", hidden=True, nargs=4)
def main(
    conversations: int | None, rounds: int | None, source: tuple[str, ...], options: str | None, quick: bool,
    record: bool, json_file: Path | None, worker: tuple[str, str, str, str] | None,
) -> None:  # fmt: skip
    """Measure the speed of everything, in ratios within one run."""
    if worker:
        name, corpus, out, jobs = worker
        print(json.dumps(score_once(name, Path(corpus), Path(out), int(jobs))))
        return
    conversations = conversations or (20_000 if quick else 100_000)
    recorded = json.loads(RECORDED.read_text(encoding="utf-8")) if quick and not record else {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given, reading = list(source) or [str(SAMPLES)], reading_options(options)
        messages = build_corpus(given, reading, conversations, folder / "corpus.parquet")
        pacsv.write_csv(pq.read_table(folder / "corpus.parquet"), folder / "corpus.csv")
        if not quick:
            build_corpus(given, reading, conversations // _FRESH_PART, folder / "fresh.parquet", fresh=_FRESH)

        def one_round() -> Figures:
            return measure_round(folder, quick=quick)

        taken = [one_round() for _ in range(rounds or (1 if quick and not record else _CONFIRMED))]
        while fallen_ratios(medians([*map(ratios_of, taken)]), recorded) and len(taken) < _CONFIRMED:
            taken.append(one_round())
    ratios = medians([*map(ratios_of, taken)])
    report: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES}, "conversations": conversations, "messages": messages,
        "rounds": len(taken), "figures": {label: medians([one[label] for one in taken]) for label in taken[0]},
        "ratios": ratios, "start_processor_s": measure_starts(_STARTS if not quick else 1),
    }  # fmt: skip
    _show(report)
    if json_file:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if record:
        kept = {label: ratios[label] for label in _BY_PROCESSOR if label in ratios}
        RECORDED.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fallen = fallen_ratios(ratios, recorded)
    for line in fallen:
        click.echo(f"slower than recorded: {line}", err=True)
    sys.exit(1 if fallen else 0)


def _show(report: dict[str, Any]) -> None:
    libraries = ", ".join(f"{name} {number}" for name, number in report["libraries"].items())
    print(f"{report['machine']}, {report['cores']} cores, Python {report['python']}, {libraries}")
    print(f"{report['conversations']:,} conversations, {report['messages']:,} messages, median of {report['rounds']}")
    for label, figure in report["figures"].items():
        memory = f", peak {figure['peak_mb']:,.0f} MB" if "peak_mb" in figure else ""
        same = f", the same {figure['verdicts']:,.0f} verdicts" if "verdicts" in figure else ""
        if "per_processor_s" in figure:
            print(f"  {label:28} {figure['rate']:10,.0f} conversations/s{memory}{same}")
    for label, seconds in report["start_processor_s"].items():
        print(f"  {label:50} {seconds:8.2f} s of the processor")
    for label, ratio in report["ratios"].items():
        print(f"  {label:50} {ratio:8.2f}")


if __name__ == "__main__":
    main()
