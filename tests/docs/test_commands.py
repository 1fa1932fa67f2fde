"""The documentation is true: every shell command that it shows runs, and every link to a file leads somewhere.

Commands stand in fenced ``bash`` blocks (every line) and ``console`` blocks (lines that begin with ``$ ``). Those of
one page run in order in one directory that holds ``sample_transcripts/`` and ``rules/``. An HTML comment right above
a block says what else the block needs; readers do not see it:

- ``<!-- file: NAME -->`` writes the block (of any language) to that file, for the commands that follow.
- ``<!-- setup: COMMAND -->`` runs first.
- ``<!-- exit: N -->`` expects another exit code than 0 from the block's last command.

Commands of INSTALLS change the environment or run this very suite: ``.ci/run`` runs them, pytest does not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample_transcripts/*.md")])
INSTALLS = ("pip install .", "pip install -e '.[dev]'", "pytest", ".ci/run")
BLOCK = re.compile(
    r"(?P<marks>(?:^<!-- (?:file|setup|exit): [^\n]* -->\n)*)^```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```\s*$",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r"<!-- (file|setup|exit): (.*?) -->")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block with the marks above it. ``commands`` is empty for languages other than shell."""

    body: str
    commands: tuple[str, ...]
    file: str | None
    setup: tuple[str, ...]
    exit: int


def blocks_of(page: Path) -> list[Block]:
    """The page's fenced blocks, in order."""
    found = []
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        marks: dict[str, list[str]] = {"file": [], "setup": [], "exit": []}
        for name, value in MARK.findall(match["marks"]):
            marks[name].append(value)
        body = match["body"]
        commands: tuple[str, ...] = ()
        if match["language"] in ("bash", "sh", "shell", "console"):
            lines = body.replace("\\\n", " ").splitlines()
            if match["language"] == "console":
                lines = [line[2:] for line in lines if line.startswith("$ ")]
            commands = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
        file = marks["file"][0] if marks["file"] else None
        found.append(Block(body, commands, file, tuple(marks["setup"]), int(marks["exit"][0]) if marks["exit"] else 0))
    return found


def without_installs(command: str) -> str:
    """The command without the parts that only ``.ci/run`` may run; empty when nothing is left."""
    return " && ".join(part for part in re.split(r"\s*&&\s*", command) if part not in INSTALLS)


def prose_of(page: Path) -> str:
    """The page without its fenced blocks."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors_of(page: Path) -> set[str]:
    """The names by which GitHub links to the page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def run(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1", "COLUMNS": "120"}
    return subprocess.run(
        command,
        shell=True,
        cwd=directory,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A directory as the reader of the docs has it after a clone."""
    for name in ("sample_transcripts", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="the documented commands are for a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_shown_commands_run(page: Path, desk: Path) -> None:
    """A reader who types what a page shows gets what the page says, not an error."""
    for block in blocks_of(page):
        if block.file is not None:
            target = desk / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.body, encoding="utf-8")
        for command in block.setup:
            done = run(command, desk)
            assert done.returncode == 0, f"set-up `{command}` of {page.name}:\n{done.stdout}{done.stderr}"
        for number, shown in enumerate(block.commands, start=1):
            command = without_installs(shown)
            if not command:
                continue
            expected = block.exit if number == len(block.commands) else 0
            done = run(command, desk)
            assert done.returncode == expected, (
                f"`{command}` of {page.name} exits {done.returncode}, not {expected}:\n{done.stdout}{done.stderr}"
            )
            assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", INSTALLS[:-1])
def test_ci_runs_the_commands_that_pytest_cannot(command: str) -> None:
    """What the README promises about installing and testing stays proven, although no test may run it."""
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").replace("--quiet ", "")
    assert command in [line.strip() for line in script.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_resolve(page: Path) -> None:
    """No reader follows a link to a page, picture or section that is not there."""
    for link in LINK.findall(prose_of(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        other = page.parent / target if target else page
        assert other.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors_of(other), f"{page.name} links to {link}; {other.name} has no such section"


def test_both_readmes_show_the_same_commands() -> None:
    """The Chinese and the English README tell the same."""
    english, chinese = (
        [(block.commands, block.file) for block in blocks_of(ROOT / name)] for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
