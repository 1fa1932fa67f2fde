"""The click commands: options, exit codes, progress. No logic.

Exit codes: 0 clean, 1 findings, 2 the job could not be done. Commands are imported when they are called, so that
``--help`` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from qa_scorer import __version__
from qa_scorer.cli.language import localise, translate
from qa_scorer.errors import QaScorerError

_COMMANDS = {
    "score": ("qa_scorer.cli.score:score_command", "Score exports against rules and write reports."),
    "inspect": ("qa_scorer.cli.inspect:inspect_command", "Show how exports are understood before scoring them."),
    "convert": ("qa_scorer.cli.convert:convert_command", "Write exports as one canonical table of messages."),
    "explain": (
        "qa_scorer.cli.explain:explain_command",
        "Show a scored conversation with every verdict and its evidence.",
    ),
    "audit": (
        "qa_scorer.cli.audit:audit_command",
        "Write the audit of a month, week, quarter or other period.",
    ),
    "history": ("qa_scorer.cli.history:history_group", "Look into a history, and judge it by other rules."),
    "rules": ("qa_scorer.cli.rules:rules", "Check, test and explain rule files."),
}
"""Name -> where the command is, and its line in ``qa-scorer --help``."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and speaks the user's language."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        localise(self)
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        localise(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QaScorerError as error:
            click.echo(f"qa-scorer: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("qa-scorer: " + translate("stopped; nothing was written"), err=True)
            sys.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qa-scorer")
def main() -> None:
    """Score customer-service chats against YAML rules; every point is explained."""
