"""Pseudonyms: nobody's name in what is passed on, and the same person under the same one next month."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from qa_scorer.errors import InputError, OutputError
from qa_scorer.privacy import Pseudonyms, load_key
from qa_scorer.privacy.pseudonyms import forms
from tests.privacy.outputs import everything
from tests.privacy.test_run import MAIL, PHONE, RULES, run, write_export

NAMES = ("小美", "小丽", "小花花", "阿明")
KEY = "一个足够长的密钥：2026年10月"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    rows = [
        ("2026-10-03 / 小美 / 小花花", "客户", "旗舰店:小美", "小花花", f"小美在吗，我是小花花，{PHONE}", "2026-10-03 10:00:00", "旗舰店", "小花花"),
        ("2026-10-03 / 小美 / 小花花", "客服", "旗舰店:小美", "小花花", "小花花您好，我是小美，转小丽", "2026-10-03 10:00:09", "旗舰店", "小花花"),
        ("s2", "客服", "旗舰店:小丽", "阿明", f"阿明您好，{MAIL}", "2026-10-03 11:00:00", "旗舰店", ""),
        ("s3", "客服", "客服", "阿明", "您好", "2026-10-03 12:00:00", "旗舰店", ""),
    ]  # fmt: skip
    write_export(tmp_path / "小美十月.csv", rows[:2])
    write_export(tmp_path / "小丽十月.csv", rows[2:])
    return tmp_path


def anonymised(desk: Path, out: str, *words: str | Path) -> Path:
    inputs = words or (desk / "小美十月.csv", desk / "小丽十月.csv")
    result = run("score", *inputs, "-r", desk / "rules.yaml", "-o", desk / out, "--anonymise", "--key", desk / "key")
    assert result.exit_code == 0, result.output
    (desk / f"{out}.txt").write_text(result.output.replace(str(desk), ""), encoding="utf-8")
    return desk / out


def test_no_name_is_left_anywhere(desk: Path) -> None:
    """Pages, their file names, tables, the terminal: a stranger learns nobody's name."""
    out = anonymised(desk, "out")
    shown = everything(out) + (desk / "out.txt").read_text(encoding="utf-8")
    for name in (*NAMES, PHONE, MAIL):
        assert name not in shown
    assert "我是**，转**" in shown
    assert "旗舰店" in shown


def test_a_person_keeps_the_pseudonym_and_another_key_gives_another(desk: Path) -> None:
    """Months can be compared; who lacks the key cannot try names out."""
    agents = [
        pq.read_table(anonymised(desk, f"out{n}", *inputs) / "data" / "agents.parquet")["agent"].to_pylist()
        for n, inputs in enumerate(
            [
                (desk / "小美十月.csv", desk / "小丽十月.csv"),
                (desk / "小丽十月.csv", desk / "小美十月.csv"),
                (desk / "小丽十月.csv",),
            ]
        )
    ]
    assert agents[0] == agents[1]
    assert set(agents[2]) < set(agents[0])
    assert "客服" in agents[0]
    before = (desk / "out0" / "data" / "run.json").read_text(encoding="utf-8")
    (desk / "key").write_text(KEY + "2", encoding="utf-8")
    after = anonymised(desk, "other")
    others = pq.read_table(after / "data" / "agents.parquet")["agent"].to_pylist()
    assert set(others) & set(agents[0]) == {"客服"}
    assert (after / "data" / "run.json").read_text(encoding="utf-8") != before


def test_tables_do_not_depend_on_the_order_of_files_or_on_processes(desk: Path) -> None:
    first = anonymised(desk, "a")
    second = anonymised(desk, "b", desk / "小丽十月.csv", desk / "小美十月.csv", "--jobs", "2")
    for path in sorted((first / "data").iterdir()):
        assert path.read_bytes() == (second / "data" / path.name).read_bytes(), path.name


def test_a_converted_export_can_be_handed_on_and_scored(desk: Path) -> None:
    """The pseudonyms in it are kept, so its report names the same people as the report at home."""
    agents = pq.read_table(anonymised(desk, "home") / "data" / "agents.parquet")["agent"].to_pylist()
    shared = desk / "shared.csv"
    result = run(
        "convert", desk / "小美十月.csv", desk / "小丽十月.csv", "-o", shared, "--anonymise", "--key", desk / "key"
    )
    assert result.exit_code == 0, result.output
    text = shared.read_text(encoding="utf-8")
    assert not [name for name in (*NAMES, PHONE, MAIL) if name in text]
    letters = {agent.rpartition("-")[2] for agent in agents}
    assert all(part in text for part in letters)
    out = anonymised(desk, "away", shared)
    away = pq.read_table(out / "data" / "agents.parquet")["agent"].to_pylist()
    assert {agent.rpartition("-")[2] for agent in away} == letters


def test_convert_masks_only_when_asked(desk: Path) -> None:
    run("convert", desk / "小美十月.csv", "-o", desk / "plain.jsonl")
    run("convert", desk / "小美十月.csv", "-o", desk / "masked.jsonl", "--mask")
    assert PHONE in (desk / "plain.jsonl").read_text(encoding="utf-8")
    masked = (desk / "masked.jsonl").read_text(encoding="utf-8")
    assert PHONE not in masked
    assert "小美" in masked


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "qa.key"
    key = load_key(path)
    assert load_key(path) == key
    assert len(key) >= 32
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_key_file_the_user_has_a_key_of_their_own(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.get_app_dir", lambda name: str(desk / "home" / name))
    words = ("score", desk / "小丽十月.csv", "-r", desk / "rules.yaml", "-o", desk / "out", "--anonymise")
    assert "pseudonyms.key" in run(*words).output
    first = (desk / "out" / "data" / "agents.parquet").read_bytes()
    assert "pseudonyms.key" not in run(*words).output
    assert (desk / "out" / "data" / "agents.parquet").read_bytes() == first


def test_bad_keys_are_explained(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("123456", encoding="utf-8")
    with pytest.raises(InputError, match=r"short: holds 6 bytes, expected"):
        load_key(tmp_path / "short")
    with pytest.raises(OutputError, match=r"--key"):
        load_key(tmp_path)


def test_names_in_texts_are_those_that_people_use() -> None:
    """“我是小美” is found although the account is called otherwise; a word for a role is nobody's name."""
    assert forms("旗舰店:客服小美01") == {"旗舰店:客服小美01", "旗舰店", "客服小美01", "小美"}
    assert forms("客服") == set()
    assert forms("Amy Li") == {"Amy Li", "Amy", "Li"}
    assert "A" not in forms("客服A")


def test_a_name_in_a_longer_word_stays() -> None:
    pseudonyms = Pseudonyms(b"0123456789abcdef", "en", lambda: {"Amy"})
    assert pseudonyms.of("agent", "Amy").startswith("Agent-")
    assert pseudonyms.of("agent", pseudonyms.of("agent", "Amy")) == pseudonyms.of("agent", "Amy")
    assert pseudonyms.of("customer", "Amy") != pseudonyms.of("agent", "Amy")
