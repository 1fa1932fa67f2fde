"""Long runs: what was finished is never lost, and a run that goes on ends with the very bytes of one that never stopped."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from qa_scorer.errors import OutputError
from qa_scorer.model.rules import Rulebook
from qa_scorer.results import run_to_folder
from qa_scorer.results.unfinished import growing_folder
from qa_scorer.rulebook import load
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts import ReadOptions

PARTS = 6
BATCH = ReadOptions(batch_messages=20)
RULES = """version: 1
dimensions: {wording: {name: 用语, points: 5}}
rules:
  - id: opening.greeting
    title: 问候
    dimension: wording
    check: require
    where: {role: agent, first: 1 turn}
    any: [您好]
    points: 5
  - id: wording.blame
    title: 推诿
    dimension: wording
    check: forbid
    where: {role: agent}
    any: [不归我管, {fuzzy: 这不是我的问题, min: 85}]
    deduct: 10
"""


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load([path])


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("export"), PARTS)


def write_export(folder: Path, parts: int) -> Path:
    """Conversations of four messages, five to a batch; agents whose names are the same when they are masked."""
    rows = ["会话ID,角色,客服,消息内容,渠道"]
    for number in range(parts * 5):
        agent = f"138{1000 + number % 7}8000"
        said = ("客户,,在吗", f"客服,{agent},您好 {number}", "客户,,怎么还没到", f"客服,{agent},这不归我管")
        rows += [f"c{number},{row},渠道{number % 3}" for row in said]
    path = folder / "chats.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stop_after(parts: int) -> Callable[[Iterable[ScoredBatch], object], Iterator[ScoredBatch]]:
    def watch(batches: Iterable[ScoredBatch], _: object) -> Iterator[ScoredBatch]:
        for number, batch in enumerate(batches):
            if number == parts:
                raise KeyboardInterrupt
            yield batch

    return watch


def count(seen: list[int]) -> Callable[[Iterable[ScoredBatch], object], Iterator[ScoredBatch]]:
    def watch(batches: Iterable[ScoredBatch], _: object) -> Iterator[ScoredBatch]:
        for batch in batches:
            seen.append(batch.conversations.num_rows)
            yield batch

    return watch


@pytest.mark.parametrize("stops", [(1,), (PARTS - 1,), (2, 1, 1)])
def test_a_run_that_goes_on_ends_like_one_that_never_stopped(
    export: Path, rulebook: Rulebook, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    """Bytes and all: the rows before the stop are not there twice, and masked names keep their numbers."""
    run_to_folder([export], rulebook, tmp_path / "whole", BATCH, csv=True)
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            run_to_folder([export], rulebook, tmp_path / "out", BATCH, resume=True, watch=stop_after(stop))
        assert not (tmp_path / "out").exists()
    judged: list[int] = []
    run_to_folder([export], rulebook, tmp_path / "out", BATCH, csv=True, resume=True, watch=count(judged))
    assert len(judged) == PARTS - sum(stops)
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "whole"}


def test_pseudonyms_stay_the_same_when_a_run_goes_on(export: Path, rulebook: Rulebook, tmp_path: Path) -> None:
    run_to_folder([export], rulebook, tmp_path / "whole", BATCH, key=b"k" * 32)
    with pytest.raises(KeyboardInterrupt):
        run_to_folder([export], rulebook, tmp_path / "out", BATCH, key=b"k" * 32, watch=stop_after(3))
    run_to_folder([export], rulebook, tmp_path / "out", BATCH, key=b"k" * 32, resume=True)
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_an_unfinished_run_of_something_else_is_not_mixed_in(export: Path, rulebook: Rulebook, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run_to_folder([export], rulebook, out, BATCH, watch=stop_after(2))
    before = export.read_bytes()
    try:
        export.write_bytes(before + "c999,客服,小美,您好,渠道1\n".encode())
        with pytest.raises(OutputError, match=r"out: the unfinished run there had other files\..*--resume"):
            run_to_folder([export], rulebook, out, BATCH, resume=True)
    finally:
        export.write_bytes(before)
    with pytest.raises(OutputError, match="other masking or pseudonyms, reading options"):
        run_to_folder([export], rulebook, out, ReadOptions(batch_messages=40), masked=False, resume=True)
    run_to_folder([export], rulebook, out, BATCH)  # begins anew
    assert (out / "data" / "run.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_runs_into_one_place_do_not_mix(export: Path, rulebook: Rulebook, tmp_path: Path) -> None:
    growing = growing_folder(tmp_path / "out").parent
    growing.mkdir()
    with FileLock(growing / "lock"), pytest.raises(OutputError, match="another run is writing there"):
        run_to_folder([export], rulebook, tmp_path / "out", BATCH)


@pytest.mark.parametrize("new_is_there", [False, True])
def test_a_run_that_was_cut_off_while_it_was_put_in_place(
    export: Path, rulebook: Rulebook, tmp_path: Path, new_is_there: bool
) -> None:
    """Between two renames nothing is lost: neither the earlier report nor what people keep beside it."""
    out, growing = tmp_path / "out", growing_folder(tmp_path / "out").parent
    run_to_folder([export], rulebook, out, BATCH)
    (out / "面谈记录.txt").write_text("mine", encoding="utf-8")
    growing.mkdir()
    out.rename(growing / "earlier")
    if new_is_there:
        run_to_folder([export], rulebook, tmp_path / "new", BATCH)
        (tmp_path / "new").rename(out)
    run_to_folder([export], rulebook, out, BATCH, resume=True)
    assert sorted(path.name for path in out.iterdir()) == ["data", "面谈记录.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


class Desk:
    """A folder with an export of many parts, and the command that scores it."""

    def __init__(self, folder: Path, parts: int) -> None:
        self.folder, self.total = folder, parts
        write_export(folder, parts)
        (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
        (folder / "options.yaml").write_text("batch_messages: 20\n", encoding="utf-8")

    def start(self, out: str, *words: str, limit: int | None = None) -> subprocess.Popen[str]:
        """Begin to score into a folder. ``limit``: bytes beyond which no file can grow, as on a full disk."""
        main = "from qa_scorer.cli import main; main(prog_name='qa-scorer')"
        if limit is not None:
            main = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); {main}"
        return subprocess.Popen(
            [sys.executable, "-c", main, "score", "chats.csv", "-r", "rules.yaml", "--config", "options.yaml",
             "-o", out, "--resume", *words],
            cwd=self.folder, env={**os.environ, "LANGUAGE": "en", "PYTHONUTF8": "1"}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def parts(self, out: str) -> int:
        """How many parts of a run are finished."""
        log = growing_folder(self.folder / out).parent / "parts.jsonl"
        return log.read_text(encoding="utf-8").count("\n") if log.exists() else 0

    def wait_for(self, process: subprocess.Popen[str], out: str, parts: int) -> None:
        """Return when a run has finished some parts, or ended."""
        while process.poll() is None and self.parts(out) < parts:
            time.sleep(0.002)

    def score(self, out: str, *words: str) -> dict[str, bytes]:
        """Score to the end; the files."""
        process = self.start(out, *words)
        _, said = process.communicate(timeout=100)
        assert process.returncode == 0, said
        return files(self.folder / out)


def children_of(process: int) -> list[int]:
    """The processes that a process has started and that still run."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()]


def command_of(process: int) -> bytes:
    """The command line of a process."""
    return Path(f"/proc/{process}/cmdline").read_bytes()


def kill_often(desk: Desk, kills: int, *words: str) -> None:
    """Kill one run again and again, at points spread by chance over all of it; then it must end as if never killed."""
    chance = random.Random(7)
    whole = desk.score("whole", *words)
    for _ in range(kills):
        if (desk.folder / "out").exists():  # it came to its end before the blow
            assert files(desk.folder / "out") == whole
            shutil.rmtree(desk.folder / "out")
        process = desk.start("out", *words)
        goal = min(desk.parts("out") + chance.randrange(2 * desk.total // kills + 2), desk.total)
        desk.wait_for(process, "out", goal)
        time.sleep(chance.random() * 0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert desk.score("out", *words) == whole
    assert not growing_folder(desk.folder / "out").parent.exists()


def test_kill_9_costs_nothing_but_the_unfinished_part(tmp_path: Path) -> None:
    kill_often(Desk(tmp_path, 60), 3, "--no-reports")


@pytest.mark.long
@pytest.mark.parametrize("words", [("--no-reports",), ("--csv",), ("--no-reports", "--jobs", "2")], ids=" ".join)
def test_kill_9_fifty_times(tmp_path: Path, words: tuple[str, ...]) -> None:
    kill_often(Desk(tmp_path, 400), 50, *words)


def test_ctrl_c_says_how_to_go_on_and_nothing_else(tmp_path: Path) -> None:
    """With worker processes too, which the terminal interrupts as well."""
    desk = Desk(tmp_path, 200)
    process = desk.start("out", "--no-reports", "--jobs", "2")
    desk.wait_for(process, "out", 5)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == "qa-scorer: stopped; the finished part is kept, --resume goes on from there\n"
    assert not (tmp_path / "out").exists()
    assert 5 <= desk.parts("out") < 200


def test_a_worker_that_is_killed_is_one_clear_error(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 200)
    process = desk.start("out", "--no-reports", "--jobs", "2")
    desk.wait_for(process, "out", 5)
    [server] = [child for child in children_of(process.pid) if b"forkserver" in command_of(child)]
    os.kill(children_of(server)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.startswith("qa-scorer: a process that scores was ended from outside")
    assert "Traceback" not in said


def test_a_full_disk_is_one_clear_error_and_the_earlier_report_stays(tmp_path: Path) -> None:
    """Wherever the disk ends: in a table, in a page. When there is room again, the run goes on."""
    desk = Desk(tmp_path, 20)
    before = desk.score("out")
    with (tmp_path / "chats.csv").open("a", encoding="utf-8") as file:
        file.write("c999,客户,,在吗,\nc999,客服,小美,您好,\n")
    for limit in (20_000, 120_000):
        process = desk.start("out", limit=limit)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2, said
        assert said.startswith(f"qa-scorer: {tmp_path / 'out'}")
        assert "too large" in said
        assert "unfinished/" not in said
        assert said.count("\n") == 1
        assert 0 < desk.parts("out") <= 21
        assert files(tmp_path / "out") == before
    assert desk.score("out") != before
