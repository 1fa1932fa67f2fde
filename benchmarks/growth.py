"""What a conversation costs as exports grow: ``python -m benchmarks.growth`` (half an hour on two cores).

Scores corpora from ten thousand to a million conversations, each in a process of its own, from Parquet to written tables and
once more to reports, and draws the processor's time a conversation and the peaks of memory (needs ``pip install matplotlib``).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from benchmarks.__main__ import measure
from benchmarks.corpus import SAMPLES, build_corpus, reading_options

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--from", "source", multiple=True, help="Chats to repeat [default: sample_transcripts/].")
@click.option("--options", help="Reading options of --from, as a JSON object: mapping, roles, header, quote.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw them here (SVG or PNG).")
def main(source: tuple[str, ...], options: str | None, json_file: Path | None, plot: Path | None) -> None:
    """Measure the cost of a conversation at five sizes of export."""
    figures = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as place:
            corpus = Path(place) / "corpus.parquet"
            messages = build_corpus(list(source) or [str(SAMPLES)], reading_options(options), size, corpus)
            one = measure({"tables": ("default", corpus, 1), "reports": ("reports", corpus, 1)}, Path(place))
        figures[size] = {"messages": messages, **one["tables"], "reports_peak_mb": one["reports"]["peak_mb"]}
        print(f"{size:>10,} conversations {messages:>12,} messages")
        for label, figure in one.items():
            print(f"  {label:8} {figure['rate']:8,.0f}/s by the clock, {figure['per_processor_s']:8,.0f}/s of the processor, "
                  f"peak {figure['peak_mb']:6,.0f} MB")  # fmt: skip
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if plot:
        draw(figures, plot)


def draw(figures: dict[int, dict[str, float]], path: Path) -> None:
    """Curves over the size of the export: microseconds of the processor a conversation, and MB at the peak, without and with
    reports."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "qa-scorer"  # the same figures give the same file
    _, cost = plt.subplots(figsize=(7, 3.6), layout="constrained")
    memory = cost.twinx()
    cost.semilogx(list(figures), [1e6 / one["per_processor_s"] for one in figures.values()], "o-", color="#1f5aa6")
    for peak, line in (("peak_mb", "s--"), ("reports_peak_mb", "^:")):
        memory.semilogx(list(figures), [one[peak] for one in figures.values()], line, color="#b3541e")
    cost.set(xlabel="conversations in the export", ylabel="processor time a conversation (µs)")
    memory.set_ylabel("peak memory (MB), dotted: with reports")
    cost.yaxis.label.set_color("#1f5aa6")
    memory.yaxis.label.set_color("#b3541e")
    cost.set_ylim(bottom=0)
    memory.set_ylim(bottom=0)
    cost.grid(alpha=0.3)
    plt.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
