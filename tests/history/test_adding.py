"""A history holds each conversation once, whatever is added again, interrupted, or added at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa_scorer.errors import InputError, OutputError
from qa_scorer.history import UNDATED, Manifest, Privacy, add_run, manifest, read_manifest, rescore
from qa_scorer.history.adding import TABLES
from qa_scorer.history.database import database, parquet
from qa_scorer.model.rules import Rulebook
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load
from qa_scorer.ruletools.writing import rulebook_mapping, yaml_text
from qa_scorer.transcripts import ReadOptions

HEADER = "会话ID,角色,客服,客户,消息内容,消息时间,订单号\n"
RULES = """
version: 1
name: {name}
dimensions: {{opening: {{name: 接待, points: 10}}}}
rules:
  - id: opening.greeting
    title: 主动问候
    dimension: opening
    check: require
    where: {{role: agent}}
    any: [您好]
    points: 10
  - id: opening.vip
    title: 贵宾
    dimension: opening
    check: metadata
    field: 订单号
    op: '='
    value: A1
    points: {points}
"""


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return rules(tmp_path_factory.mktemp("rules"), "甲", 5)


def rules(folder: Path, name: str, points: int) -> Rulebook:
    path = folder / "rules.yaml"
    path.write_text(RULES.format(name=name, points=points), encoding="utf-8")
    return load([path])


def chat(number: int, day: str, words: str = "您好，在的") -> str:
    clock = (f"{day} 10:00:00", f"{day} 10:00:20") if day else ("", "")
    return f"c{number},客户,小美,王先生,在吗,{clock[0]},A1\nc{number},客服,小美,王先生,{words},{clock[1]},A1\n"


def scored(
    folder: Path, name: str, chats: str, rulebook: Rulebook, tz: str = "Asia/Shanghai", masked: bool = True,
    key: bytes | None = None,
) -> Path:  # fmt: skip
    export = folder / f"{name}.csv"
    export.write_text(HEADER + chats, encoding="utf-8")
    run_to_folder([export], rulebook, folder / name, ReadOptions(tz=tz), masked=masked, key=key)
    return folder / name / "data"


def text(rulebook: Rulebook) -> str:
    return yaml_text(rulebook_mapping(rulebook))


def held(history: Path, table: str = "conversations", column: str = "conversation_id") -> list[str]:
    parts = [history / part.path / f"{table}.parquet" for part in read_manifest(history).parts]
    with database() as connection:
        rows = connection.execute(f"SELECT {column} FROM {parquet(parts)} ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def months(state: Manifest) -> dict[str, int]:
    return dict(Counter({part.month: part.conversations for part in state.parts}))


def test_a_run_is_parted_by_month_with_all_its_tables(tmp_path: Path, rulebook: Rulebook) -> None:
    data = scored(tmp_path, "a", chat(1, "2026-09-30") + chat(2, "2026-10-01"), rulebook)
    state = add_run(data, tmp_path / "h", text(rulebook))
    assert months(state) == {"2026-09": 1, "2026-10": 1}
    assert state == read_manifest(tmp_path / "h")
    for part in state.parts:
        found = {path.stem for path in (tmp_path / "h" / part.path).iterdir()}
        assert found == set(TABLES)
    assert len(held(tmp_path / "h", "verdicts", "key")) == 4
    assert held(tmp_path / "h", "waits", "wait_ms") == [20_000, 20_000]
    assert held(tmp_path / "h", "metadata", "value") == ["A1", "A1"]


def test_the_months_end_at_the_midnight_of_the_history(tmp_path: Path, rulebook: Rulebook) -> None:
    """01:00 in Shanghai on the first is still the month before in London; the figures must not depend on that."""
    data = scored(
        tmp_path,
        "a",
        "c1,客户,小美,王,在吗,2026-10-01 01:00:00,\nc1,客服,小美,王,您好,2026-10-01 01:00:09,\n",
        rulebook,
    )
    assert months(add_run(data, tmp_path / "h", text(rulebook))) == {"2026-10": 1}


def test_the_same_input_again_replaces_and_never_doubles(tmp_path: Path, rulebook: Rulebook) -> None:
    chats = chat(1, "2026-10-01") + chat(2, "2026-10-02")
    for tz in ("Asia/Shanghai", "UTC"):  # read as another zone, every conversation begins at another time
        state = add_run(scored(tmp_path, "a", chats, rulebook, tz), tmp_path / "h", text(rulebook))
    assert held(tmp_path / "h") == ["c1", "c2"]
    assert len(state.runs) == 1


def test_a_conversation_of_an_overlapping_export_replaces_the_earlier_copy(tmp_path: Path, rulebook: Rulebook) -> None:
    """The week's export, then the month's: the common conversation counts once, with its newest text."""
    week = scored(tmp_path, "week", chat(1, "2026-10-01", "什么事") + chat(2, "2026-10-02"), rulebook)
    add_run(week, tmp_path / "h", text(rulebook))
    month = scored(tmp_path, "month", chat(1, "2026-10-01") + chat(3, "2026-10-09"), rulebook)
    state = add_run(month, tmp_path / "h", text(rulebook))
    assert held(tmp_path / "h") == ["c1", "c2", "c3"]
    assert sum(part.conversations for part in state.parts) == 3
    assert "什么事" not in held(tmp_path / "h", "messages", "text")
    for table in ("scorecards", "waits"):
        assert len(held(tmp_path / "h", table, "key")) == 3


def test_the_same_number_at_another_time_is_another_conversation(tmp_path: Path, rulebook: Rulebook) -> None:
    """Small shops number their conversations from 1 every day."""
    for day in ("2026-10-01", "2026-10-02"):
        add_run(scored(tmp_path, day, chat(1, day), rulebook), tmp_path / "h", text(rulebook))
    assert held(tmp_path / "h") == ["c1", "c1"]


def test_conversations_without_times_go_to_the_month_that_the_user_names(tmp_path: Path, rulebook: Rulebook) -> None:
    data = scored(tmp_path, "a", chat(1, ""), rulebook)
    assert months(add_run(data, tmp_path / "h", text(rulebook))) == {UNDATED: 1}
    assert months(add_run(data, tmp_path / "h", text(rulebook), "2026-10")) == {"2026-10": 1}


def test_other_rules_stand_beside_and_can_judge_what_is_kept(tmp_path: Path, rulebook: Rulebook) -> None:
    history = tmp_path / "h"
    add_run(
        scored(tmp_path, "a", chat(1, "2026-09-01") + chat(2, "2026-10-01", "嗯"), rulebook), history, text(rulebook)
    )
    other = rules(tmp_path, "乙", 30)
    state = rescore(history, other, text(other), {"2026-10"})
    assert sorted((state.rulebooks[part.digest], part.month, part.conversations) for part in state.parts) == [
        ("乙", "2026-10", 1), ("甲", "2026-09", 1), ("甲", "2026-10", 1),
    ]  # fmt: skip
    state = rescore(history, other, text(other))
    assert sorted(part.month for part in state.parts if part.digest == other.digest) == ["2026-09", "2026-10"]
    assert rescore(history, other, text(other)) == state  # nothing is left to judge
    run_to_folder([tmp_path / "a.csv"], other, tmp_path / "direct")
    mine = [history / part.path / "conversations.parquet" for part in state.parts if part.digest == other.digest]
    with database() as connection:
        kept, direct = (
            connection.execute(f"SELECT conversation_id, score FROM {parquet(paths)} ORDER BY 1").fetchall()
            for paths in (mine, [tmp_path / "direct" / "data" / "conversations.parquet"])
        )
    assert kept == direct == [("c1", 100.0), ("c2", 75.0)]


def test_an_interrupted_change_leaves_the_old_state(
    tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = tmp_path / "h"
    before = add_run(scored(tmp_path, "a", chat(1, "2026-10-01"), rulebook), history, text(rulebook))
    more = scored(tmp_path, "b", chat(1, "2026-10-01", "改") + chat(2, "2026-10-02"), rulebook)
    with monkeypatch.context() as broken:
        broken.setattr(
            manifest, "_sync_folder", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(OutputError, match="No space left"):
            add_run(more, history, text(rulebook))
    assert read_manifest(history) == before
    assert held(history, "messages", "text") == ["在吗", "您好，在的"]
    add_run(more, history, text(rulebook))
    assert held(history) == ["c1", "c2"]


def test_a_killed_change_leaves_the_old_state_and_no_lock(tmp_path: Path, rulebook: Rulebook) -> None:
    history = tmp_path / "h"
    add_run(scored(tmp_path, "a", chat(1, "2026-10-01"), rulebook), history, text(rulebook))
    more = scored(tmp_path, "b", chat(2, "2026-10-02"), rulebook)
    code = (
        "import os, sys; from pathlib import Path; from qa_scorer.history import add_run, manifest\n"
        "manifest._sync_folder = lambda folder: os._exit(9)\n"
        "add_run(Path(sys.argv[1]), Path(sys.argv[2]), 'rules')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(more), str(history)], check=False)
    assert done.returncode == 9
    assert held(history) == ["c1"]
    add_run(more, history, text(rulebook))
    assert held(history) == ["c1", "c2"]


def test_what_was_replaced_stays_for_readers_until_the_next_change(tmp_path: Path, rulebook: Rulebook) -> None:
    history = tmp_path / "h"
    data = scored(tmp_path, "a", chat(1, "2026-10-01"), rulebook)
    first, second, third = (add_run(data, history, text(rulebook)).parts[0].path for _ in range(3))
    assert not (history / first).exists()
    assert (history / second).is_dir()
    assert (history / third).is_dir()


def test_runs_at_the_same_time_are_all_there(tmp_path: Path, rulebook: Rulebook) -> None:
    folders = [scored(tmp_path, f"r{n}", chat(n, f"2026-10-0{n}"), rulebook) for n in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda data: add_run(data, tmp_path / "h", text(rulebook)), folders))
    assert held(tmp_path / "h") == ["c1", "c2", "c3", "c4"]
    assert read_manifest(tmp_path / "h").change == 4


def test_runs_of_another_privacy_are_refused(tmp_path: Path, rulebook: Rulebook) -> None:
    """What one run hides another would show, and an agent with a name and a pseudonym would be two."""
    kinds = {"masked": {}, "plain": {"masked": False}, "one": {"key": b"1" * 32}, "other": {"key": b"2" * 32}}
    data = {
        name: scored(tmp_path, name, chat(number, "2026-10-01"), rulebook, **options)  # type: ignore[arg-type]
        for number, (name, options) in enumerate(kinds.items())
    }
    for first in data:
        history = tmp_path / f"h-{first}"
        before = add_run(data[first], history, text(rulebook))
        for second in data.keys() - {first}:
            with pytest.raises(OutputError, match="do not go together"):
                add_run(data[second], history, text(rulebook))
        assert read_manifest(history) == before
        other = rules(tmp_path, first, 30)
        assert rescore(history, other, text(other)).privacy == before.privacy
    assert read_manifest(tmp_path / "h-plain").privacy == Privacy(masked=False)


def test_a_folder_with_a_strange_name_is_no_pattern(tmp_path: Path, rulebook: Rulebook) -> None:
    """`[1]` in a path is a name, not "1"; a quotation mark ends no SQL."""
    history = tmp_path / "历史[1] *'"
    add_run(scored(tmp_path, "a", chat(1, "2026-10-01"), rulebook), history, text(rulebook))
    assert held(history) == ["c1"]


def test_mistakes_are_named(tmp_path: Path, rulebook: Rulebook) -> None:
    with pytest.raises(InputError, match="is no history"):
        read_manifest(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.docx").touch()
    data = scored(tmp_path, "a", chat(1, "2026-10-01"), rulebook)
    with pytest.raises(OutputError, match="it holds other files"):
        add_run(data, tmp_path / "mine", text(rulebook))
    add_run(data, tmp_path / "h", text(rulebook))
    with pytest.raises(InputError, match="months: 2026-10"):
        rescore(tmp_path / "h", rulebook, text(rulebook), {"2025-01"})
    for damaged in ("{", "[]", '{"format": 1}'):
        (tmp_path / "g").mkdir(exist_ok=True)
        (tmp_path / "g" / "manifest.json").write_text(damaged, encoding="utf-8")
        with pytest.raises(InputError, match="Restore it"):
            read_manifest(tmp_path / "g")
    newer = json.loads((tmp_path / "h" / "manifest.json").read_text(encoding="utf-8")) | {"format": 9}
    (tmp_path / "h" / "manifest.json").write_text(json.dumps(newer), encoding="utf-8")
    with pytest.raises(InputError, match="newer qa-scorer"):
        read_manifest(tmp_path / "h")
