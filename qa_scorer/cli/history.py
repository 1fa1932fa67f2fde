"""``qa-scorer history``: what a history holds, and judging it by other rules."""

from __future__ import annotations

from pathlib import Path

import click

from qa_scorer.cli.language import translate

_DIGITS = 12
_HISTORY = click.argument("history", type=click.Path(file_okay=False, path_type=Path))


@click.group("history")
def history_group() -> None:
    """Look into a history that `score --history` keeps, and judge it by other rules."""


@history_group.command("show")
@_HISTORY
def show_command(history: Path) -> None:
    """List the months of HISTORY, with the conversations that each rulebook judged."""
    from qa_scorer.history import read_manifest

    manifest = read_manifest(history)
    counts: dict[tuple[str, str], int] = {}
    for part in manifest.parts:
        key = (part.month, part.digest)
        counts[key] = counts.get(key, 0) + part.conversations
    for (month, digest), count in sorted(counts.items()):
        said = translate("{month}: {count} conversations by rulebook {digest} {name}")
        click.echo(said.format(month=month, count=count, digest=digest[:_DIGITS], name=manifest.rulebooks[digest]))


@history_group.command("rescore")
@_HISTORY
@click.option("-r", "--rules", multiple=True, type=click.Path(path_type=Path), metavar="PATH",
              help="Rule file or folder [default: the built-in standard].")  # fmt: skip
@click.option("--month", "months", multiple=True, metavar="MONTH", help="Only this month, as 2026-10; may be repeated.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that score.")
def rescore_command(history: Path, rules: tuple[Path, ...], months: tuple[str, ...], jobs: int) -> None:
    """Judge the conversations in HISTORY by other rules, so that months can be compared under the same ones.

    What the earlier rules said stays beside it.
    """
    from qa_scorer.history import read_manifest, rescore
    from qa_scorer.rulebook import load
    from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text

    rulebook = load(rules or None)
    before = read_manifest(history)
    after = rescore(history, rulebook, yaml_text(rulebook_mapping(rulebook)), set(months) or None, jobs)
    judged = sum(part.conversations for part in set(after.parts) - set(before.parts))
    said = translate("{count} conversations judged by {name} ({digest})")
    click.echo(said.format(count=judged, name=rulebook.name, digest=rulebook.digest[:_DIGITS]))
