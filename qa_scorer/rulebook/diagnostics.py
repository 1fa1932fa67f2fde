"""What is wrong with a rule file, and where: one type for every output."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from qa_scorer.model.rules import Place


class Level(IntEnum):
    """How grave a diagnostic is; errors alone keep a rulebook from standing."""

    ERROR = 0
    WARNING = 1
    INFO = 2


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: its level, what it says, and why it matters."""

    level: Level
    title: str
    reason: str


CODES: dict[str, Code] = {
    "Q100": Code(Level.ERROR, "file cannot be read", "A rulebook is UTF-8 YAML in files that end in .yaml."),
    "Q101": Code(Level.ERROR, "not YAML", "Nothing of a file can be judged before its YAML is right."),
    "Q102": Code(Level.ERROR, "wrong type", "A value of another type would be guessed at, and guesses change scores."),
    "Q103": Code(Level.ERROR, "unknown key", "A misspelt key would be left out in silence."),
    "Q104": Code(Level.ERROR, "key given twice", "YAML keeps only one of them, and not the one that was meant."),
    "Q105": Code(Level.ERROR, "key missing", "The check cannot be made without it."),
    "Q106": Code(Level.ERROR, "value not allowed", "Only the listed values have a meaning."),
    "Q107": Code(Level.ERROR, "version not known", "A newer rule language may mean something else by the same words."),
    "Q108": Code(Level.ERROR, "extends cannot be followed", "A rulebook that inherits must find what it inherits."),
    "Q109": Code(Level.ERROR, "YAML alias", "A named list does the same job, and evidence can name it."),
    "Q110": Code(Level.WARNING, "another word for a key", "One word for one thing: who reads the next file must find it again."),
    "Q201": Code(Level.ERROR, "defined twice", "Two definitions of one name: which one is meant is anybody's guess."),
    "Q202": Code(Level.ERROR, "list not defined", "The rule would look for nothing."),
    "Q203": Code(Level.ERROR, "dimension not defined", "The points of the rule would belong nowhere."),
    "Q204": Code(Level.ERROR, "override of an unknown rule", "The change would be lost in silence."),
    "Q205": Code(Level.ERROR, "list within a list", "Lists are flat, so that evidence can name the list of a hit."),
    "Q206": Code(Level.WARNING, "synonyms unclear", "A word has one meaning here: the first group that names it wins."),
    "Q207": Code(Level.WARNING, "list not used", "Nobody looks for its patterns; the rule that should is missing or misspelt."),
    "Q301": Code(Level.ERROR, "regex not valid", "Regexes are RE2: linear time, so that no rule can hang a run."),
    "Q302": Code(Level.WARNING, "regex matches the empty string", "Where it does, it finds no text; that is seldom what was meant."),
    "Q303": Code(Level.ERROR, "pattern without substance", "Blanks, punctuation and emoji are looked through, so nothing is left to find."),
    "Q304": Code(Level.INFO, "pattern is redundant", "A shorter text of the same list finds all that it finds."),
    "Q305": Code(Level.WARNING, "pattern never counts", "An exception that stands inside the text forgives its every hit."),
    "Q306": Code(Level.WARNING, "wanted and banned", "Agents who do what one rule asks are punished by another."),
    "Q307": Code(Level.WARNING, "advice breaks a rule", "Agents copy the example; it must pass the rules itself."),
    "Q308": Code(Level.WARNING, "\\b beside a Han character", "\\b knows ASCII words only: between Han characters it never holds."),
    "Q309": Code(Level.WARNING, "pattern can never match", "What it asks for is cut from what regexes see, or stands beyond an end."),
    "Q310": Code(Level.WARNING, "scope selects nothing", "The rule looks at no message, or only in the shortest conversations."),
    "Q401": Code(Level.ERROR, "what a rule is worth", "A rule earns points, deducts, or adds a bonus: one of them, or vetoes."),
    "Q402": Code(Level.ERROR, "cap without deductions", "A cap limits deductions and nothing else."),
    "Q403": Code(Level.ERROR, "grades", "Every score must have one grade."),
    "Q404": Code(Level.WARNING, "points do not add up", "A dimension shows a share of the score that its rules do not have."),
    "Q405": Code(Level.WARNING, "cap that does not fit", "Below one deduction no hit costs what `deduct` says; where it is never reached it limits nothing."),
    "Q406": Code(Level.WARNING, "score out of reach", "Nobody can get there, or nobody can stay below."),
    "Q407": Code(Level.WARNING, "bounds that decide nothing", "The rule says the same of every conversation."),
    "Q501": Code(Level.WARNING, "rule without tests", "Nobody notices when a change breaks it."),
    "Q502": Code(Level.WARNING, "rule tested on one side only", "A rule that always says the same passes such tests."),
    "Q503": Code(Level.ERROR, "test cannot be read", "A test that does not run protects nothing."),
    "Q504": Code(Level.ERROR, "test fails", "The rule does not do what its owner says that it does."),
    "Q601": Code(Level.WARNING, "suppression without effect", "What it silenced is mended, or its code is misspelt."),
    "Q602": Code(Level.WARNING, "suppression without a reason", "Who reads it next year must know why."),
}  # fmt: skip
"""Stable codes: 1xx the file, 2xx names, 3xx patterns, 4xx points, 5xx tests, 6xx suppressions."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding at one place. ``length`` counts code points from the place on; ``line`` is the source line; ``mended`` is
    what to write instead, where that is certain."""

    code: str
    message: str
    place: Place
    length: int = 1
    help: str = ""
    line: str = ""
    mended: str | None = None

    @property
    def level(self) -> Level:
        return CODES[self.code].level

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sorts diagnostics as a reader meets them."""
        return (self.place.file, self.place.line, self.place.column, self.code, self.message)


def display_width(text: str) -> int:
    """Columns of a terminal that the text takes: a Han character takes two, a combining mark none."""
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_WINDOW = 100
_LEAD = 40


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as text: place, message, the line with a caret right under the spot, and help."""
    head = f"{diagnostic.place}: {diagnostic.level.name.lower()}[{diagnostic.code}]: {diagnostic.message}"
    lines = [head]
    if diagnostic.line.strip():
        number = str(diagnostic.place.line)
        margin = " " * len(number)
        shown, caret = _snippet(diagnostic.line, diagnostic.place.column - 1, diagnostic.length)
        lines += [f" {margin} |", f" {number} | {shown}", f" {margin} | {caret}"]
    if diagnostic.help:
        lines.append(f"  = help: {diagnostic.help}")
    return "\n".join(printable(line) for line in lines)


def printable(text: str) -> str:
    """Without control characters: a key of a rule file must not move the cursor or break a report."""
    return "".join("�" if unicodedata.category(char) == "Cc" else char for char in text)


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them, one after the other."""
    return "\n".join(render(diagnostic) for diagnostic in diagnostics)


def _snippet(line: str, column: int, length: int) -> tuple[str, str]:
    """The line, cut to a window around the column when it is long, and the carets under it."""
    line = "".join(" " if unicodedata.category(char) == "Cc" else char for char in line)
    first = max(0, column - _LEAD) if len(line) > _WINDOW else 0
    last = min(len(line), first + _WINDOW)
    before, marked = line[first:column], line[column : min(column + max(length, 1), last)]
    lead = "…" if first else ""
    shown = lead + line[first:last] + ("…" if last < len(line) else "")
    return shown, " " * display_width(lead + before) + "^" * max(display_width(marked), 1)
