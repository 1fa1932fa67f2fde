"""No rule file, however broken, ends in a traceback, a hang or a wrong line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.mutation import run


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_told_what_is_wrong_where_it_is(tmp_path: Path, seed: int) -> None:
    assert [told for told, _ in run(50, tmp_path, seed)] == []
