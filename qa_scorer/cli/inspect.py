"""``qa-scorer inspect``: what was detected in an export, on one screen."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from qa_scorer.cli.reading_options import read_options, reading_options

if TYPE_CHECKING:
    from rich.console import Console

    from qa_scorer.transcripts.inspection import Inspection, PartView
    from qa_scorer.transcripts.options import ReadOptions

_PARTS = 5


@click.command("inspect")
@click.argument("inputs", nargs=-1, required=True)
@reading_options
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@read_options
def inspect_command(inputs: tuple[str, ...], options: ReadOptions | None, as_json: bool) -> None:
    """Show how INPUTS are understood: format, columns, roles, conversations, rejects, and how to pin it."""
    from rich.console import Console

    from qa_scorer.transcripts.inspection import inspect

    view = inspect(inputs, options)
    if as_json:
        click.echo(json.dumps(asdict(view), ensure_ascii=False, default=str, indent=1))
    else:
        _render(Console(highlight=False), view)


def _render(console: Console, view: Inspection) -> None:
    from rich.markup import escape

    for part in view.parts[:_PARTS]:
        _render_part(console, part)
    if len(view.parts) > _PARTS:
        console.print(f"… and {len(view.parts) - _PARTS} more files or sheets")
    counts = view.counts
    dropped = "".join(f", {count} dropped ({reason})" for reason, count in sorted(counts.dropped.items()))
    console.print(
        f"\n[bold]{counts.conversations} conversations[/], {counts.messages} messages, {counts.rows_read} rows read, "
        f"{counts.rejected} rejected{dropped}"
    )
    console.print("roles: " + ", ".join(f"{name} {count}" for name, count in view.roles.items() if count))
    console.print("kinds: " + ", ".join(f"{name} {count}" for name, count in view.kinds.items() if count))
    agents = ", ".join(f"{escape(name)} ({count})" for name, count in list(view.agents.items())[:8])
    more = f" and {len(view.agents) - 8} more" if len(view.agents) > 8 else ""
    console.print(f"{len(view.agents)} agents: {agents}{more}")
    if view.first_time is not None:
        console.print(f"times: {view.first_time:%Y-%m-%d %H:%M:%S} to {view.last_time:%Y-%m-%d %H:%M:%S}")
    if view.first_id is not None:
        console.print(f"\n[bold]first conversation[/] {escape(view.first_id)}")
    for message in view.first:
        when = f"{message.time:%H:%M:%S} " if message.time else ""
        kind = "" if message.kind == "text" else f" ({message.kind})"
        text = message.text.replace("\n", " ⏎ ")
        text = text if len(text) <= 60 else text[:59] + "…"
        console.print(
            f"  {message.seq:>2} {when}[cyan]{message.role}[/] {escape(message.sender)}{kind}: {escape(text)}"
        )
    for reason, count in list(view.rejects.items())[:5]:
        console.print(f"[red]rejected {count}[/]: {escape(reason)}", soft_wrap=True)
    if view.pin:
        console.print("\nto pin this reading:", style="bold")
        console.print(f"  {escape(view.pin)}", soft_wrap=True)
        console.print("or as qa-scorer.yaml beside the export:", style="bold")
        console.print("  " + escape(view.yaml.strip().replace("\n", "\n  ")))


def _render_part(console: Console, part: PartView) -> None:
    from rich.markup import escape

    console.print(f"[bold]{escape(part.name)}[/]: {part.container}" + (f", {part.encoding}" if part.encoding else ""))
    if part.error:
        console.print(f"  [red]{escape(part.error)}[/]", soft_wrap=True)
    if not part.format:
        return
    second = f"; second best: {part.second}" if part.second else ""
    console.print(f"  format {part.format} ({part.title}), {part.confidence:.0%} sure{second}")
    columns = ", ".join(f"{name} ← {column}" for name, column in part.columns)
    console.print(
        f"  why: {escape('; '.join(reason for reason in part.reasons if '←' not in reason) or 'the columns')}"
    )
    console.print(f"  columns: {escape(columns)}", soft_wrap=True)
    if part.unused:
        console.print(f"  unused: {escape(', '.join(part.unused[:12]))}", soft_wrap=True)
    if part.roles:
        console.print(f"  role values: {escape(', '.join(f'{value} = {role}' for value, role in part.roles[:12]))}")
    console.print(f"  conversations: {escape(part.grouping)}")
    for note in part.notes:
        console.print(f"  note: {escape(note)}", soft_wrap=True)
