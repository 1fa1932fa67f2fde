"""qa-scorer.yaml is strict: every mistake names the file, the key and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_scorer.errors import InputError
from qa_scorer.model.words import Role
from qa_scorer.transcripts import Limits, ReadOptions, load_options
from tests.transcripts.helpers import read_all


def load(folder: Path, text: str) -> ReadOptions:
    path = folder / "qa-scorer.yaml"
    path.write_text(text, encoding="utf-8")
    return load_options(path)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    options = load(
        tmp_path,
        "map: {text: 消息内容, role: 3}\nroles: {访客: customer, 小蜜: bot}\nformat: messages\nencoding: gbk\ntz: UTC\n"
        "gap: 30min\nsheet: 一月\nheader: none\ndelimiter: tab\nquote: none\nbatch_messages: 100\nlimits: {ratio: 9}\n",
    )
    assert options == ReadOptions(
        mapping={"text": "消息内容", "role": 3}, roles={"访客": Role.CUSTOMER, "小蜜": Role.BOT}, format="messages",
        encoding="gbk", tz="UTC", gap=1800.0, sheet="一月", header="none", delimiter="\t", quote="none",
        batch_messages=100, limits=Limits(ratio=9),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mapp: {}", "mapp is no known key; did you mean map?"),
        ("map: {txt: 内容}", "map.txt is no known key; did you mean text?"),
        ("roles: {a: seller}", "roles.a is 'seller'; use one of agent, customer, bot, system"),
        ("gap: soon", "gap is 'soon'; use a length of time such as 30min, 2h or 900s"),
        ("tz: Peking", "time zone 'Peking' is unknown"),
        ("header: maybe", "header is 'maybe'; use one of auto, present, none"),
        ("limits: {ratio: -1}", "limits.ratio is -1; use a whole number above 0"),
        ("- 1", "expected keys and values"),
        ("map: [", "not readable as YAML"),
    ],
)
def test_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        load(tmp_path, text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"txt": "内容"}, "'txt' is no field"),
        (
            {"text": "内用"},
            "--map text=内用: there is no such column; did you mean '内容'?; the columns are 会话, 内容",
        ),
    ],
)
def test_map_that_fits_nothing(tmp_path: Path, mapping: dict[str, str], message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("会话,内容\nS1,你好\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_all(path, options=ReadOptions(mapping=mapping))
    assert message in str(raised.value)
