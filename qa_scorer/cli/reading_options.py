"""The options of every command that reads exports, and how they become ReadOptions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from qa_scorer.interpreter import leave_pandas_out

if TYPE_CHECKING:
    from qa_scorer.transcripts.options import ReadOptions

P = ParamSpec("P")
R = TypeVar("R")

_NAMES = ("maps", "roles", "format_name", "encoding", "tz", "gap", "sheet", "header", "delimiter", "quote", "config")


def reading_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--map``, ``--role``, ``--format`` and their kin to a command."""
    for option in reversed((
        click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN",
                     help="Name a field's column (or its number), as in --map text=消息内容; - leaves it out."),
        click.option("--role", "roles", multiple=True, metavar="VALUE=ROLE",
                     help="Say what a role value or a sender is: agent, customer, bot or system."),
        click.option("--format", "format_name", metavar="NAME", help="Read as this format whatever it looks like."),
        click.option("--encoding", metavar="NAME", help="Encoding of text files; found by itself."),
        click.option("--tz", metavar="ZONE", help="Zone of times that carry none [default: Asia/Shanghai]."),
        click.option("--gap", metavar="LENGTH", help="Without ids, part at silences (30min) instead of by day."),
        click.option("--sheet", metavar="NAME", help="Read only this sheet (name or number)."),
        click.option("--header", type=click.Choice(["auto", "present", "none"]), help="Whether tables have a header."),
        click.option("--delimiter", metavar="CHAR", help="Between the cells of a text table; tab for tabulators."),
        click.option("--quote", type=click.Choice(["auto", "none"]), help="none: quotation marks are plain text."),
        click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                     help="An options file [default: qa-scorer.yaml beside the export]."),
    )):  # fmt: skip
        command = option(command)
    return command


def read_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give the command ``options`` (None when nothing was said) in place of the single options."""

    @wraps(command)
    def inner(**given: Any) -> R:
        said = {name: given.pop(name) for name in _NAMES}
        return command(options=make_options(said), **given)

    return inner


def make_options(said: dict[str, Any]) -> ReadOptions | None:
    """ReadOptions from what the command line says, over those of ``--config``. Raises click.BadParameter or
    InputError."""
    leave_pandas_out()

    from qa_scorer.transcripts.optionfile import load_options, merged, options_of
    from qa_scorer.transcripts.options import ReadOptions

    plain = {
        "map": dict(_pair("--map", pair) for pair in said["maps"]) or None,
        "roles": dict(_pair("--role", pair) for pair in said["roles"]) or None,
        "format": said["format_name"],
        **{name: said[name] for name in ("encoding", "tz", "gap", "sheet", "header", "delimiter", "quote")},
    }
    given = {name: value for name, value in plain.items() if value is not None}
    if not given and said["config"] is None:
        return None
    base = load_options(said["config"]) if said["config"] is not None else ReadOptions()
    over = options_of(given, "the command line")
    return merged(base, over)


def _pair(option: str, text: str) -> tuple[str, str]:
    left, equals, right = (
        text.partition("=") if option == "--map" else (*text.rpartition("=")[:2], text.rpartition("=")[2])
    )
    if not equals or not left or not right:
        raise click.BadParameter(
            f"{text!r} is not of the form {'FIELD=COLUMN' if option == '--map' else 'VALUE=ROLE'}", param_hint=option
        )
    return left, right
