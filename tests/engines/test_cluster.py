"""On a Dask cluster: the same bytes as here, also when a worker dies on the way; and clear words when there is no cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

from qa_scorer.cli import main
from qa_scorer.errors import EngineError
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from qa_scorer.scoring import ScoredBatch
from qa_scorer.transcripts import ReadOptions

ROOT = Path(__file__).parents[2]
SAMPLES = [str(ROOT / "sample_transcripts")]
BATCH = ReadOptions(batch_messages=150)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as started:
        yield started


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_tables_are_the_same_although_a_worker_is_killed(cluster: LocalCluster, tmp_path: Path) -> None:
    rulebook = load(None)
    run_to_folder(SAMPLES, rulebook, tmp_path / "here", BATCH)
    seen: list[int] = []

    def kill_one(batches: Iterable[ScoredBatch], _: object) -> Iterator[ScoredBatch]:
        for batch in batches:
            if not seen:
                with Client(cluster) as client:
                    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            seen.append(batch.conversations.num_rows)
            yield batch

    run_to_folder(SAMPLES, rulebook, tmp_path / "there", BATCH, scheduler=cluster.scheduler_address, watch=kill_one)
    assert len(seen) > 3
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_the_command_scores_on_a_cluster(cluster: LocalCluster, tmp_path: Path) -> None:
    words = ["score", *SAMPLES, "--engine", "dask", "--scheduler", cluster.scheduler_address, "--no-reports", "--quiet"]
    ended = CliRunner().invoke(main, [*words, "-o", str(tmp_path / "out")])
    assert ended.exit_code == 0, ended.output
    assert (tmp_path / "out" / "data" / "verdicts.parquet").is_file()


def test_a_scheduler_without_workers_is_told(tmp_path: Path) -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(EngineError, match="the scheduler has no workers"),
    ):
        run_to_folder(SAMPLES, load(None), tmp_path / "out", BATCH, scheduler=empty.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere"])
def test_nobody_at_the_address_is_one_clear_error(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_scorer.engines.cluster._SECONDS", 0.5)
    with pytest.raises(EngineError, match="no Dask scheduler answers there"):
        run_to_folder(SAMPLES, load(None), tmp_path / "out", BATCH, scheduler=address)
    assert not (tmp_path / "out").exists()


def test_engine_and_scheduler_go_together() -> None:
    ended = CliRunner().invoke(main, ["score", *SAMPLES, "--engine", "dask"], env={"LANGUAGE": "en"})
    assert ended.exit_code == 2
    assert "--engine dask and --scheduler ADDRESS go together" in ended.output
