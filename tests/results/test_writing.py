"""What happens to a user's disk: a run appears whole or not at all, and nothing of theirs is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qa_scorer.errors import OutputError
from qa_scorer.results.writing import SCHEMAS, ResultsWriter, write_csv
from qa_scorer.transcripts.table import REJECTS


def write_run(out: Path, *, mark: str = "first") -> None:
    with ResultsWriter(out) as writer:
        writer.close_tables(REJECTS.empty_table(), {"mark": mark})
        writer.commit()


def test_a_run_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "reports"
    with ResultsWriter(out) as writer:
        writer.close_tables(REJECTS.empty_table(), {})
        assert not out.exists()
        writer.commit()
    assert {path.stem for path in (out / "data").glob("*.parquet")} == {*SCHEMAS, "rejects"}
    assert [path.name for path in out.parent.iterdir()] == ["reports"]


def test_a_run_that_breaks_leaves_the_earlier_one_and_no_rubbish(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    write_run(out)
    with pytest.raises(KeyboardInterrupt), ResultsWriter(out):
        raise KeyboardInterrupt
    assert json.loads((out / "data" / "run.json").read_text(encoding="utf-8"))["mark"] == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_the_next_run_replaces_ours_and_keeps_what_people_put_there(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    write_run(out)
    (out / "index.html").write_text("old", encoding="utf-8")
    (out / "面谈记录.txt").write_text("mine", encoding="utf-8")
    write_run(out, mark="second")
    assert sorted(path.name for path in out.iterdir()) == ["data", "面谈记录.txt"]
    assert json.loads((out / "data" / "run.json").read_text(encoding="utf-8"))["mark"] == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_place_that_cannot_hold_a_folder_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match=r"file.*-o"):
        ResultsWriter(tmp_path / name)


def test_a_disk_that_fails_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OutputError, match="No space left"):
        write_run(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_csv_cells_are_never_formulas(tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "您好", "a=b", None]
    table = pa.table({"text": pa.array(cells).dictionary_encode(), "list": pa.array([[1.0, None]] * len(cells))})
    write_csv([table], tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split('"')[1] if line.startswith('"') else "" for line in lines[1:]] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "您好", "a=b", "",
    ]  # fmt: skip
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_csv_is_the_same_in_parts(tmp_path: Path) -> None:
    table = pa.table(
        {"text": ["您好", "=1", None, '"', "a\nb"], "seq": [0, 1, 2, 3, 4], "share": [0.5, None, 1.0, 2.0, 3.25]}
    )
    write_csv([table], tmp_path / "whole.csv")
    write_csv([table.slice(0, 2), table.slice(2, 0), table.slice(2)], tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
