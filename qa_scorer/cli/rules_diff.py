"""``qa-scorer rules diff``: what a change of the rules does to scores."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_scorer.cli.reading_options import read_options, reading_options
from qa_scorer.errors import OutputError

if TYPE_CHECKING:
    from qa_scorer.transcripts.options import ReadOptions

_FORMATS = ("text", "markdown", "json")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--on", "inputs", multiple=True, required=True, metavar="EXPORT", help="Conversations to judge by both.")
@click.option("--max-change", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="Exit code 1 when more than this share of the conversations changes.")  # fmt: skip
@click.option("--output", "outputs", multiple=True, metavar="FORMAT[:PATH]", default=("text",),
              help="text, markdown or json, to PATH or the terminal; several may be given [default: text].")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that score.")
@reading_options
@read_options
def diff_command(
    old: str, new: str, inputs: tuple[str, ...], max_change: float | None, outputs: tuple[str, ...],
    jobs: int, options: ReadOptions | None,
) -> None:  # fmt: skip
    """Judge conversations by the rules OLD and NEW and show who changes, by how much, and by which rule.

    OLD and NEW are files, folders, builtin:base, or REVISION:PATH of this git repository, as main:rules/.
    """
    from qa_scorer.ruletools import diff
    from qa_scorer.transcripts import read

    wanted = [_output(output) for output in outputs]
    reading = read(inputs, options)
    difference = diff.compare(reading.batches(), diff.load_rules(old), diff.load_rules(new), jobs)
    for name, path in wanted:
        if name == "json":
            text = json.dumps(diff.as_json(difference), ensure_ascii=False, indent=1)
        else:
            text = diff.as_text(difference) if name == "text" else diff.as_markdown(difference)
        _write(text, path)
    if max_change is not None and difference.share * 100 > max_change:
        click.echo(
            f"qa-scorer: {difference.share:.1%} of the conversations change, above --max-change {max_change:g}",
            err=True,
        )
        sys.exit(1)


def _output(output: str) -> tuple[str, Path | None]:
    name, _, path = output.partition(":")
    if name not in _FORMATS:
        raise click.BadParameter(f"{name} is no format; use one of {', '.join(_FORMATS)}", param_hint="--output")
    return name, Path(path) if path else None


def _write(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None
