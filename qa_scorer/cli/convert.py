"""``qa-scorer convert``: any export as canonical Parquet, JSON Lines or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_scorer.cli.reading_options import read_options, reading_options

if TYPE_CHECKING:
    from qa_scorer.transcripts.options import ReadOptions


@click.command("convert")
@click.argument("inputs", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The file to write: .parquet, .jsonl or .csv.")  # fmt: skip
@reading_options
@read_options
def convert_command(inputs: tuple[str, ...], output: Path, options: ReadOptions | None) -> None:
    """Write INPUTS as one canonical file, one row per message."""
    from qa_scorer.transcripts import read
    from qa_scorer.transcripts.canonical import write_canonical

    reading = read(inputs, options)
    write_canonical(reading.batches(), output)
    counts = reading.counts
    dropped = "".join(f", {count} dropped ({reason})" for reason, count in sorted(counts.dropped.items()))
    click.echo(
        f"{output}: {counts.messages} messages of {counts.conversations} conversations "
        f"({counts.rows_read} rows read, {counts.rejected} rejected{dropped})",
        err=True,
    )
