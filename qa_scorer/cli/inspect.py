"""``qa-scorer inspect``: what was detected in an export, on one screen."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from qa_scorer.cli.language import translate
from qa_scorer.cli.reading_options import read_options, reading_options
from qa_scorer.cli.sentences import dropped_rows, translate_sentence

if TYPE_CHECKING:
    from rich.console import Console

    from qa_scorer.transcripts.inspection import Inspection, PartView
    from qa_scorer.transcripts.options import ReadOptions

_PARTS, _AGENTS, _REASONS, _TEXT = 5, 8, 5, 60  # what is shown of each at most


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

    several = len({part.pin for part in view.parts if part.pin}) > 1
    for part in view.parts[:_PARTS]:
        _render_part(console, part, pinned=several)
    if len(view.parts) > _PARTS:
        console.print(translate("… and {count} more files or sheets").format(count=len(view.parts) - _PARTS))
    counts = view.counts
    console.print()
    console.print(
        translate(
            "[bold]{conversations} conversations[/], {messages} messages, {read} rows read, {rejected} rejected"
        ).format(
            conversations=counts.conversations,
            messages=counts.messages,
            read=counts.rows_read,
            rejected=counts.rejected,
        )
        + escape(dropped_rows(counts.dropped))
    )
    console.print(translate("roles: {counts}").format(counts=_counted(view.roles)))
    console.print(translate("kinds: {counts}").format(counts=_counted(view.kinds)))
    agents = ", ".join(f"{escape(name)} ({count})" for name, count in list(view.agents.items())[:_AGENTS])
    console.print(translate("{count} agents: {names}").format(count=len(view.agents), names=agents), end="")
    more = translate(" and {count} more").format(count=len(view.agents) - _AGENTS)
    console.print(more if len(view.agents) > _AGENTS else "")
    if view.first_time is not None:
        console.print(translate("times: {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S}").format(
            first=view.first_time, last=view.last_time
        ))  # fmt: skip
    _render_first(console, view)
    for reason, count in list(view.rejects.items())[:_REASONS]:
        said = translate("[red]rejected {count}[/]: {reason}")
        console.print(said.format(count=count, reason=escape(translate_sentence(reason))), soft_wrap=True)
    if view.pin and not several:
        console.print("\n" + translate("to pin this reading:"), style="bold")
        console.print(f"  {escape(view.pin)}", soft_wrap=True)
        console.print(translate("or as qa-scorer.yaml beside the export:"), style="bold")
        console.print("  " + escape(view.yaml.strip().replace("\n", "\n  ")))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)


def _render_first(console: Console, view: Inspection) -> None:
    from rich.markup import escape

    if view.first_id is not None:
        console.print("\n" + translate("[bold]first conversation[/] {id}").format(id=escape(view.first_id)))
    for message in view.first:
        when = f"{message.time:%H:%M:%S} " if message.time else ""
        kind = "" if message.kind == "text" else f" ({message.kind})"
        text = message.text.replace("\n", " ⏎ ")
        text = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
        console.print(
            f"  {message.seq:>2} {when}[cyan]{message.role}[/] {escape(message.sender)}{kind}: {escape(text)}"
        )


def _render_part(console: Console, part: PartView, *, pinned: bool) -> None:
    """``pinned``: say how to pin this part, because others are read in another way."""
    from rich.markup import escape

    def line(template: str, **said: object) -> None:
        shown = {name: escape(str(value)) for name, value in said.items()}
        console.print("  " + template.format(**shown), soft_wrap=True)

    console.print(f"[bold]{escape(part.name)}[/]: {part.container}" + (f", {part.encoding}" if part.encoding else ""))
    if part.error:
        console.print(f"  [red]{escape(_error(part))}[/]", soft_wrap=True)
    if not part.format:
        return
    line(translate("format {name} ({title}), {sure} sure"),
         name=part.format, title=translate_sentence(part.title), sure=f"{part.confidence:.0%}")  # fmt: skip
    if part.second:
        line(translate("second best: {second}"), second=part.second)
    reasons = [translate_sentence(reason) for reason in part.reasons if "←" not in reason]
    line(translate("why: {reasons}"), reasons="; ".join(reasons) or translate("the columns"))
    line(translate("columns: {columns}"), columns=", ".join(f"{name} ← {column}" for name, column in part.columns))
    if part.unused:
        line(translate("unused: {columns}"), columns=", ".join(part.unused[:12]))
    if part.roles:
        line(
            translate("role values: {values}"), values=", ".join(f"{value} = {role}" for value, role in part.roles[:12])
        )
    line(translate("conversations: {grouping}"), grouping=translate_sentence(part.grouping))
    for note in part.notes:
        line(translate("note: {note}"), note=translate_sentence(note))
    if pinned and part.pin:
        line(translate("to pin: {options}"), options=part.pin)


def _error(part: PartView) -> str:
    """The error of a part that cannot be read, behind its name."""
    prefix = f"{part.name}: "
    return prefix + translate_sentence((part.error or "").removeprefix(prefix))
