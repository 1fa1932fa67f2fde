"""Help in the user's language, wrapped by display width: a Han character takes two columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click
from rich.cells import cell_len

from qa_scorer.catalogues import load_catalogue, user_language

_LOCALE = Path(__file__).parent / "locale"
_PIECE = re.compile(r"[!-~]+[，。；：、）”]* ?|.[，。；：、）”]*")
"""What stays on one line: a run of ASCII, or one character, with the punctuation that must not begin a line."""


def translate(text: str) -> str:
    """``text`` in the user's language, paragraph by paragraph; what the catalogue does not hold stays as it is."""
    catalogue = load_catalogue(_LOCALE, user_language())
    return "\n\n".join(catalogue.gettext(paragraph) for paragraph in paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each in one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part]


def localise(command: click.Command) -> None:
    """Give a command and its subcommands help in the user's language."""
    command.context_class = _Context
    command.help = translate(command.help or "")
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            localise(subcommand)


class _Formatter(click.HelpFormatter):
    """Click's layout with headings and the texts of options and commands translated."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or translate("Usage:") + " ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(translate(heading))

    def write_text(self, text: str) -> None:
        for number, paragraph in enumerate(paragraphs(text)):
            if number:
                self.write("\n")
            for line in wrap(paragraph, self.width - self.current_indent):
                self.write(" " * self.current_indent + line + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        first = min(max((cell_len(name) for name, _ in rows), default=0), col_max) + col_spacing
        margin = " " * self.current_indent
        for name, text in rows:
            said, bracket, extra = text.partition("  [")
            said = translate(said) + bracket + re.sub(r"default:|required", lambda word: translate(word[0]), extra)
            lines = wrap(said, max(self.width - first - self.current_indent, 10))
            too_long = cell_len(name) > first - col_spacing
            self.write(margin + name + ("\n" if too_long or not lines else " " * (first - cell_len(name))))
            for number, line in enumerate(lines):
                self.write((margin + " " * first if number or too_long else "") + line + "\n")


class _Context(click.Context):
    formatter_class = _Formatter


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns (longer only for a single longer word)."""
    lines, used = [""], 0
    for piece in _PIECE.findall(text):
        if lines[-1] and used + cell_len(piece.rstrip()) > width:
            lines.append("")
            used = 0
            piece = piece.lstrip()
        lines[-1] += piece
        used += cell_len(piece)
    return [line.rstrip() for line in lines if line.strip()]
