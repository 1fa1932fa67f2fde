"""The recipes of docs/scale.md, run as they stand. Needs pyspark, Java and ray: ``pytest -n0 -m long tests/engines``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from qa_scorer.transcripts import read
from qa_scorer.transcripts.canonical import write_canonical

ROOT = Path(__file__).parents[2]
RECIPES: dict[str, str] = dict(
    re.findall(
        r"<!-- file: (\w+\.py) -->\n```python\n(.*?)```",
        (ROOT / "docs" / "scale.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
)

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("recipe", "package", "command"),
    [
        ("spark_recipe.py", "pyspark", ["spark-submit", "--master", "local-cluster[2,1,2048]"]),
        ("ray_recipe.py", "ray", [sys.executable]),
    ],
)
def test_the_recipe_gives_the_rows_of_score(recipe: str, package: str, command: list[str], tmp_path: Path) -> None:
    pytest.importorskip(package)
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    (tmp_path / recipe).write_text(RECIPES[recipe], encoding="utf-8")
    write_canonical(read([ROOT / "sample_transcripts"]).batches(), tmp_path / "messages.parquet")
    subprocess.run([*command, recipe, "messages.parquet", "verdicts"], cwd=tmp_path, check=True, timeout=300)
    run_to_folder([tmp_path / "messages.parquet"], load(None), tmp_path / "out", masked=False)
    found, wanted = (pq.read_table(tmp_path / place) for place in ("verdicts", "out/data/verdicts.parquet"))
    assert sorted(map(repr, found.to_pylist())) == sorted(map(repr, wanted.to_pylist()))
