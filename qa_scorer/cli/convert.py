"""``qa-scorer convert``: any export as canonical Parquet, JSON Lines or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_scorer.catalogues import user_language
from qa_scorer.cli.language import translate
from qa_scorer.cli.privacy_options import anonymising_options, pseudonym_key
from qa_scorer.cli.reading_options import read_options, reading_options
from qa_scorer.cli.sentences import dropped_rows

if TYPE_CHECKING:
    from qa_scorer.transcripts.options import ReadOptions


@click.command("convert")
@click.argument("inputs", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The file to write: .parquet, .jsonl or .csv.")  # fmt: skip
@reading_options
@click.option("--mask", is_flag=True,
              help="Mask phone numbers, addresses and other personal data.")  # fmt: skip
@anonymising_options
@read_options
def convert_command(
    inputs: tuple[str, ...], output: Path, options: ReadOptions | None, mask: bool, anonymise: bool,
    key_file: Path | None,
) -> None:  # fmt: skip
    """Write INPUTS as one canonical file, one row per message."""
    from qa_scorer.privacy import Pseudonyms, Veil
    from qa_scorer.transcripts import read
    from qa_scorer.transcripts.canonical import write_canonical

    key = pseudonym_key(anonymise, key_file)
    reading = read(inputs, options)
    pseudonyms = Pseudonyms(key, user_language(), lambda: reading.agents) if key is not None else None
    veil = Veil(mask, pseudonyms)
    write_canonical(map(veil.transcript, reading.batches()), output)
    counts = reading.counts
    said = translate(
        "{output}: {messages} messages of {conversations} conversations ({read} rows read, {rejected} rejected{dropped})"
    )
    click.echo(
        said.format(
            output=output, messages=counts.messages, conversations=counts.conversations, read=counts.rows_read,
            rejected=counts.rejected, dropped=dropped_rows(counts.dropped),
        ),
        err=True,
    )  # fmt: skip
