"""``qa-scorer explain``: a scored conversation message by message, with what every rule found."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("explain")
@click.argument("conversation")
@click.option("--run", "run", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"),
              metavar="DIR", show_default=True, help="The folder that `score` wrote.")  # fmt: skip
@click.option("-r", "--rules", multiple=True, type=click.Path(path_type=Path), metavar="PATH",
              help="The rules of that run, for their titles [default: the built-in standard].")  # fmt: skip
@click.option("--rule", "only", metavar="RULE", help="Only what this rule found.")
@click.option("--json", "as_data", is_flag=True, help="Print everything as one JSON object.")
def explain_command(conversation: str, run: Path, rules: tuple[Path, ...], only: str | None, as_data: bool) -> None:
    """Show a scored CONVERSATION message by message, with every rule's verdict and evidence, near misses included."""
    from rich.console import Console

    from qa_scorer.cli.conversation import show
    from qa_scorer.cli.language import translate
    from qa_scorer.rulebook import load
    from qa_scorer.ruletools.conversation import as_json, read_scored

    scored = read_scored(run, conversation)
    if as_data:
        click.echo(json.dumps(as_json(scored), ensure_ascii=False, indent=1))
        return
    rulebook = load(rules or None)
    show(scored, {rule.id: rule.title for rule in rulebook.rules}, Console(highlight=False, soft_wrap=True), only)
    if rulebook.digest != scored.digest:
        click.echo(translate("The rules are not those of the run: titles may have changed since."), err=True)
