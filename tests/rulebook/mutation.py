"""Rule files with random damage: ``python -m tests.rulebook.mutation 20000``.

Whatever stands in a file, of rules or of cases, checking it ends within two seconds of the processor's time, without a
traceback, and every diagnostic points at a line that is there and is quoted as it stands. A misspelt key is told at its
own line.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from qa_scorer.rulebook import Diagnostic
from qa_scorer.rulebook.files import is_case_file
from qa_scorer.ruletools.lint import check

FILES = sorted(
    [
        *(Path(__file__).parents[1] / "rulefiles").glob("*.yaml"),
        *(Path(__file__).parents[2] / "rules").glob("[bco]*.yaml"),
    ]
)
SECONDS = 2.0
_ODD = ["", " ", "\t", ":", "- ", "{", "}", "[", "]", "*a", "&a", "!!int ", "|", ">", "'", '"', "#", "%", "@", "$", "null",
        "~", "1e999", "-0", ".inf", "0x1F", "yes", "2026-01-01", "\x00", "\x85", "\u2028", "\ufeff", "😀", "您" * 50,
        "\\", "(?=x)", "(a+)+$", "{" * 60, "[" * 60, "<<: ", "? ", "---\n", "...\n", "\r"]  # fmt: skip
_KEY = re.compile(r"^( *(?:- )?)([a-z_]{4,})(?=: )", re.MULTILINE)
_FREE = ("grades", "dimensions", "lists", "synonyms", "metadata")  # under these a key is a name of the user's


def _cut(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.randrange(1, 30) :]


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(_ODD) + text[at:]


def _double_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    return "".join([*lines[: at + 1], *lines[at:]])


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _indent(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    lines[at] = " " * chance.randrange(1, 5) + lines[at]
    return "".join(lines)


def _truncate(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _value(text: str, chance: random.Random) -> str:
    values = list(re.finditer(r": ([^\n]+)$", text, re.MULTILINE))
    if not values:
        return text
    found = chance.choice(values)
    return text[: found.start(1)] + chance.choice(_ODD) + text[found.end(1) :]


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _cut, _insert, _double_line, _swap_lines, _indent, _truncate, _value,
)  # fmt: skip


def mutate(text: str, chance: random.Random) -> str:
    """One to three kinds of damage."""
    for _ in range(chance.randrange(1, 4)):
        text = chance.choice(MUTATIONS)(text, chance)
    return text


def misspell(text: str, chance: random.Random) -> tuple[str, int] | None:
    """The text with a key of a rule misspelt, and its line; ``None`` when there is no such key."""
    at = text.find("\nrules:\n")
    keys = [found for found in _KEY.finditer(text, at + 1) if at >= 0 and found[2] not in ("rules", *_FREE)]
    if not keys:
        return None
    found = chance.choice(keys)
    return text[: found.start(2)] + found[2] + "x" + text[found.end(2) :], text.count("\n", 0, found.start(2)) + 1


def wrong_with(text: str, path: Path, expected_line: int | None = None) -> str:
    """What a check of the text does wrong, or nothing."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    began = time.process_time()  # which other programs do not lengthen
    try:
        _, found = check([path])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    if took > SECONDS:
        return f"took {took:.1f} s"
    lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text.removeprefix("\ufeff"))
    for diagnostic in found:
        if wrong := _place_is_wrong(diagnostic, path, lines):
            return wrong
    if expected_line is not None and expected_line not in {diagnostic.place.line for diagnostic in found}:
        return f"nothing is told at line {expected_line}, where a key is misspelt"
    return ""


def _place_is_wrong(diagnostic: Diagnostic, path: Path, lines: list[str]) -> str:
    if diagnostic.place.file != str(path):
        return ""
    place = diagnostic.place
    if not 1 <= place.line <= len(lines):
        return f"{place}: there are only {len(lines)} lines ({diagnostic.message})"
    if diagnostic.line and diagnostic.line != lines[place.line - 1]:
        return f"{place}: quotes another line ({diagnostic.message})"
    if not 1 <= place.column <= len(lines[place.line - 1]) + 1:
        return f"{place}: the line is shorter ({diagnostic.message})"
    return ""


def run(count: int, folder: Path, seed: int = 1) -> list[tuple[str, str]]:
    """(what was wrong, text) of the files that were not handled well, out of ``count``."""
    chance = random.Random(seed)
    texts = [(file, file.read_bytes().decode("utf-8", "replace")) for file in FILES]
    wrong = []
    for number in range(count):
        file, text = chance.choice(texts)
        if number % 5 == 0 and ".bad." not in file.name:
            misspelt = misspell(text, chance)
            if misspelt is None:
                continue
            damaged, line = misspelt
            told = wrong_with(damaged, folder / "misspelt.yaml", line)
        else:
            damaged = mutate(text, chance)
            told = wrong_with(damaged, folder / ("damaged.cases.yaml" if is_case_file(file) else "damaged.yaml"))
        if told:
            wrong.append((f"{file.name}, mutation {number}: {told}", damaged))
    return wrong


def main() -> None:
    """Print what was wrong; exit code 1 when something was."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(count, Path(folder), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for told, _ in wrong[:20]:
        print(told)
    print(f"{count} files, {len(wrong)} not handled well")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
