"""Exports and reports at addresses: read from there, sent there whole, and a refusal is one clear error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner, Result

from qa_scorer.cli import main
from qa_scorer.errors import InputError, OutputError
from qa_scorer.results.remote import published
from qa_scorer.transcripts import read

CHATS = "会话ID,角色,客服,消息内容\n1,客户,,在吗\n1,客服,小禾,您好，请讲\n"
OTHER = "no,who,said\n7,c,在吗\n7,a,您好\n"


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    """A store in memory, as empty at the end as at the beginning."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def score(*words: str) -> Result:
    return CliRunner().invoke(main, ["score", "--no-reports", "--quiet", *words], env={"LANGUAGE": "en"})


def test_a_folder_at_an_address_is_read_with_its_options_and_scored_to_an_address(
    store: fsspec.AbstractFileSystem,
) -> None:
    store.pipe("/chats/a.csv", CHATS.encode())
    store.pipe("/chats/old/b.csv", OTHER.encode())
    store.pipe("/chats/old/qa-scorer.yaml", b"map: {conversation: no, role: who, text: said}")
    assert score("memory://chats", "-o", "memory://reports/october").exit_code == 0
    assert sorted(Path(name).name for name in store.find("/reports/october")) == [
        "agents.parquet", "conversations.parquet", "evidence.parquet", "messages.parquet", "metadata.parquet",
        "rejects.parquet", "run.json", "scorecards.parquet", "verdicts.parquet",
    ]  # fmt: skip
    assert store.ls("/reports", detail=False) == ["/reports/october"]


def test_messages_name_the_address_they_come_from(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/chats/a.csv", CHATS.encode())
    (batch,) = read(["memory://chats/*.csv"]).batches()
    assert set(batch.messages["source"].to_pylist()) == {"memory:///chats/a.csv"}


def test_the_earlier_run_is_replaced_and_what_people_keep_there_stays(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/chats/a.csv", CHATS.encode())
    assert score("memory://chats", "-o", "memory://out").exit_code == 0
    store.pipe("/out/笔记.txt", b"mine")
    before = store.cat("/out/data/run.json")
    store.pipe("/chats/a.csv", CHATS.replace("您好", "在").encode())
    assert score("memory://chats", "-o", "memory://out").exit_code == 0
    assert store.cat("/out/data/run.json") != before
    assert store.cat("/out/笔记.txt") == b"mine"


def test_a_run_that_fails_leaves_the_earlier_one(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/chats/a.csv", CHATS.encode())
    assert score("memory://chats", "-o", "memory://out").exit_code == 0
    before = {name: store.cat(name) for name in store.find("/out")}
    store.pipe("/chats/a.csv", b"")
    assert score("memory://chats", "-o", "memory://out").exit_code == 2
    assert {name: store.cat(name) for name in store.find("/")} == {**before, "/chats/a.csv": b""}


def test_a_place_with_other_files_is_refused(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/home/letter.txt", b"dear")
    with (
        pytest.raises(OutputError, match="memory://home holds other files"),
        published("memory://home"),
    ):
        pytest.fail("nothing may be written here")
    assert store.cat("/home/letter.txt") == b"dear"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://nothing/*.csv", "there is no such file or folder, and no file matches it"),
        ("nosuch://bucket/a.csv", "nosuch://bucket/a.csv: Protocol not known: nosuch"),
    ],
)
def test_what_is_not_there_is_one_clear_error(address: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("*", r"\\*")):
        read([address])
