"""``--anonymise`` and ``--key``, and what they become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from qa_scorer.cli.language import translate

R = TypeVar("R")


def anonymising_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--anonymise`` and ``--key`` to a command."""
    for option in (
        click.option("--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                     help="The key of --anonymise, made where there is none; the same key gives the same pseudonyms "
                          "[default: a key of your own]."),
        click.option("--anonymise", is_flag=True,
                     help="Mask, and write pseudonyms for the names of agents and customers."),
    ):  # fmt: skip
        command = option(command)
    return command


def pseudonym_key(anonymise: bool, key_file: Path | None) -> bytes | None:
    """The key, None without ``--anonymise``; says so when it was made just now. Raises click.UsageError, InputError or
    OutputError."""
    from qa_scorer.privacy import load_key

    if not anonymise:
        if key_file is not None:
            raise click.UsageError("--key is the key of --anonymise; say both")
        return None
    path = key_file or Path(click.get_app_dir("qa-scorer")) / "pseudonyms.key"
    known = path.exists()
    key = load_key(path)
    if not known:
        made = translate("made the key {}; keep it safe, the same pseudonyms need it next time")
        click.echo(made.format(path), err=True)
    return key
