"""Broken files lose nothing silently and stop nothing: what can be read is read, the rest is rejected with its place."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qa_scorer.errors import InputError
from qa_scorer.transcripts import Limits, ReadOptions
from tests.transcripts.helpers import read_all, write_book

HEADER = "会话ID,角色,客服,时间,内容\n"
GOOD = HEADER + "".join(
    f"S{number // 3},{'客户' if number % 2 else '客服'},小王,2026-03-05 10:00:0{number},第{number}句\n"
    for number in range(6)
)


def row(number: int, role: str, text: str) -> str:
    return f"S1,{role},小王,2026-03-05 10:00:0{number},{text}\n"


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(path: Path, options: ReadOptions | None = None) -> list[str]:
    return [line.split(" | ")[-1] for line in read_all(path, options=options).lines]


def zipped(members: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_lines_in_another_encoding_are_read_and_undecodable_ones_rejected(tmp_path: Path) -> None:
    foreign = row(7, "客户", "混进来的国标行").encode("gb18030")
    path = written(tmp_path, "a.csv", GOOD.encode() + foreign + b"S1,\xff\xfe\x80,x,y,z\n")

    result = read_all(path)

    assert result.lines[-1].endswith("混进来的国标行")
    assert len(result.lines) == 7
    assert result.rejects == [(9, "not readable as utf-8 nor as any other usual encoding")]


def test_small_file_of_two_encodings_is_no_binary_file(tmp_path: Path) -> None:
    """A line in GBK is a large share of three; what does not decode must not make the file unreadable."""
    path = tmp_path / "chats.csv"
    lines = [
        ("会话ID,角色,内容\n1,客户,在吗\n", "utf-8"),
        ("1,客服,您好，这里是售后\n", "gbk"),
        ("1,客户,好\n", "utf-8"),
    ]
    path.write_bytes(b"".join(line.encode(encoding) for line, encoding in lines))
    assert [line.rsplit(" | ", 1)[1] for line in read_all(path).lines] == ["在吗", "您好，这里是售后", "好"]


def test_nul_bytes_are_left_out_of_the_text(tmp_path: Path) -> None:
    assert "第3句" in texts(written(tmp_path, "a.csv", GOOD.replace("第3句", "第\x003句")))


def test_quote_that_never_closes_costs_no_other_row(tmp_path: Path) -> None:
    content = HEADER + row(1, "客户", "你好") + 'S1,客服,"小王,2026-03-05 10:00:02\n' + row(3, "客户", "在吗")
    result = read_all(written(tmp_path, "a.csv", content))

    assert [line.split(" | ")[-1] for line in result.lines] == ["你好", "在吗"]
    assert result.rejects == [(3, "a quotation mark opens a cell here and never closes")]


def test_lone_quote_in_the_text_is_text(tmp_path: Path) -> None:
    content = HEADER + row(1, "客户", '"你好') + row(2, "客服", "您好") + row(3, "客户", "在吗") + row(4, "客服", '"在')
    assert texts(written(tmp_path, "a.csv", content)) == ['"你好', "您好", "在吗", '"在']


def test_ragged_rows_are_rejected_one_by_one(tmp_path: Path) -> None:
    content = HEADER + row(1, "客户", "你好") + "S1,客服,小王\n" + row(3, "客户", "一,二") + row(4, "客服", "好,,")
    result = read_all(written(tmp_path, "a.csv", content))

    assert [line.split(" | ")[-1] for line in result.lines] == ["你好", "好"]
    assert result.rejects == [(3, "3 cells where the header has 5"), (4, "6 cells where the header has 5")]


@pytest.mark.parametrize("text", ["长" * 40_000, '"' + "很长的一行\n" * 30_000 + '"'], ids=["one line", "quoted lines"])
def test_giant_cell_is_rejected_and_the_rest_read(tmp_path: Path, text: str) -> None:
    content = HEADER + row(1, "客户", "你好") + row(2, "客服", text) + row(3, "客户", "在吗")
    result = read_all(written(tmp_path, "a.csv", content), options=ReadOptions(limits=Limits(text_kb=20)))

    assert [line.split(" | ")[-1] for line in result.lines] == ["你好", "在吗"]
    assert [place for place, _ in result.rejects] == [3]
    assert "limits.text_kb in qa-scorer.yaml" in result.rejects[0][1]


@pytest.mark.slow
def test_hundred_megabytes_in_one_cell(tmp_path: Path) -> None:
    content = HEADER + row(1, "客户", "你好") + row(2, "客服", "长" * (100 << 20 >> 1)) + row(3, "客户", "在吗")
    result = read_all(written(tmp_path, "a.csv", content))

    assert len(result.lines) == 2
    reason = "a message of 153600 KB; the limit is 256 KB (limits.text_kb in qa-scorer.yaml)"
    assert result.rejects == [(3, reason)]


def test_json_array_that_breaks_off_keeps_what_is_whole(tmp_path: Path) -> None:
    said = [{"sendTime": "2026-03-05 10:00:00", "senderRole": "CUSTOMER", "text": "你好"},
            {"sendTime": "2026-03-05 10:00:05", "senderRole": "AGENT", "text": "您好"}]  # fmt: skip
    whole = json.dumps([{"sessionId": f"a{number}", "messages": said} for number in range(3)], ensure_ascii=False)

    result = read_all(written(tmp_path, "a.json", whole[:-60]))

    assert len(result.lines) == 5
    assert result.rejects == [(3, "the JSON breaks off here: Unterminated string starting at")]


def test_broken_json_lines_are_rejected_with_their_number(tmp_path: Path) -> None:
    good = ['{"sid": "1", "role": "user", "text": "你好"}', '{"sid": "1", "role": "agent", "text": "您好"}']
    result = read_all(written(tmp_path, "a.jsonl", "\n".join([good[0], "{oops}", good[1], '{"sid": "1", "ro'])))

    assert len(result.lines) == 2
    assert result.rejects == [
        (2, "not valid JSON: Expecting property name enclosed in double quotes"),
        (4, "not valid JSON: Unterminated string starting at"),
    ]


def test_zip_that_is_cut_off_gives_the_members_before_the_cut(tmp_path: Path) -> None:
    archive = zipped({"一月.csv": GOOD, "二月.csv": GOOD.replace("S", "T")})
    result = read_all(written(tmp_path, "a.zip", archive[: len(archive) // 2 - 40]))

    assert len(result.lines) >= 4
    assert result.rejects[0] == (None, "the ZIP file is cut off; what came before is read")


def test_gzip_that_is_cut_off_gives_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress((GOOD + "".join(row(7, "客户", f"第{n * 7919}问") for n in range(500))).encode())
    result = read_all(written(tmp_path, "a.csv.gz", packed[: len(packed) * 3 // 4]))

    assert len(result.lines) > 100
    assert result.rejects[0] == (None, "the gzip file is cut off; what came before is read")


def test_parquet_that_is_damaged_loses_the_row_group_and_no_other(tmp_path: Path) -> None:
    rows = [{"sid": f"会话{n // 4}", "role": ("user", "agent")[n % 2], "text": f"第{n * 7919}句话"} for n in range(400)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet", row_group_size=100, compression="gzip")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    start = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(2).column(2).dictionary_page_offset
    content[start : start + 60] = b"\xff" * 60

    result = read_all(written(tmp_path, "b.parquet", bytes(content)))

    assert len(result.lines) == 300
    ((place, reason),) = result.rejects
    assert place == 201
    assert reason.startswith("100 rows cannot be read here (")


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx"])
def test_bomb_is_refused_with_the_limit_and_the_limit_can_be_raised(tmp_path: Path, name: str) -> None:
    member = "chat.csv" if name == "a.zip" else "xl/worksheets/sheet1.xml"
    path = written(tmp_path, name, zipped({member: b"0" * (150 << 20)}))

    with pytest.raises(InputError) as raised:
        read_all(path)
    times = (150 << 20) // path.stat().st_size
    assert str(raised.value) == (
        f"{path}: unpacks to {times} times its size, the limit is 200 times (limits.ratio in qa-scorer.yaml)"
    )
    with pytest.raises(InputError) as raised:
        read_all(path, options=ReadOptions(limits=Limits(unpacked_mb=100)))
    assert str(raised.value) == (
        f"{path}: unpacks to 150 MB, the limit is 100 MB (limits.unpacked_mb in qa-scorer.yaml)"
    )
    with pytest.raises(InputError) as raised:
        read_all(path, options=ReadOptions(limits=Limits(ratio=5000)))
    assert "limits.ratio" not in str(raised.value)


def test_gzip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv.gz", gzip.compress(b"0" * (150 << 20)))
    with pytest.raises(InputError, match=r"the limit is 200 times \(limits\.ratio in qa-scorer\.yaml\)"):
        read_all(path)


def test_workbook_that_is_cut_off_says_so(tmp_path: Path) -> None:
    whole = write_book(tmp_path / "whole.xlsx", {"Sheet1": [["会话ID", "内容"], ["1", "你好"]]}).read_bytes()
    with pytest.raises(InputError) as raised:
        read_all(written(tmp_path, "a.xlsx", whole[: len(whole) // 2]))
    assert str(raised.value).startswith(f"{tmp_path / 'a.xlsx'}: this is no workbook that can be opened (")


def test_merged_cells_title_and_totals_in_a_workbook(tmp_path: Path) -> None:
    rows = [
        ["三月聊天记录"],
        ["会话ID", "客服", "角色", "时间", "内容"],
        ["A1", "小张", "客户", "2026-03-05 10:00:00", "你好"],
        [None, None, "客服", "2026-03-05 10:00:05", "您好"],
        ["A2", "小李", "客户", "2026-03-05 11:00:00", "在"],
        [None, None, "客服", "2026-03-05 11:00:09", "在的"],
        ["合计", None, None, None, 4],
    ]
    result = read_all(write_book(tmp_path / "a.xlsx", {"Sheet1": rows}))

    assert [line.split(" | ")[:3] for line in result.lines] == [
        ["A1", "0 customer", ""],
        ["A1", "1 agent", "小张"],
        ["A2", "0 customer", ""],
        ["A2", "1 agent", "小李"],
    ]
    assert result.rejects == [(7, "a row of totals, not a message")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: the file is empty (0 bytes)"),
        ("a.csv", b"\n \n", "a.csv: the file holds nothing but blanks"),
        ("a.csv", HEADER, "a.csv: no message found; there is no row with a text"),
        (
            "a.csv",
            "会话ID,客服,满意度\n1,小王,5\n2,小李,4\n",
            "a.csv: no column holds the text of the messages; the columns are 会话ID, 客服, 满意度. "
            "Name it with --map text=COLUMN",
        ),
        (
            "a.tsv",
            "x1\tu1\t0\t0\t在吗在吗在吗\nx1\tu1\t1\t0\t您好您好您好呀\nx1\tu1\t0\t1\t怎么还没有到呢\n",
            "a.tsv: the file has no header and nothing tells who speaks; 5 columns without names, the first row is "
            "x1 | u1 | 0 | 0 | 在吗在吗在吗. Say which column does by its number, "
            "--map role=NUMBER or --map sender=NUMBER; this was found: --map text=5",
        ),
        (
            "a.bin",
            bytes(range(256)) * 40,
            "a.bin: this is neither text nor a known binary file; expected CSV, TSV, JSON, JSON Lines, XML, XLSX, XLS, ODS, "
            "Parquet, HTML, chat text, or ZIP or gzip files of these",
        ),
    ],
    ids=["empty", "blank", "header only", "no text column", "no header", "binary"],
)
def test_hopeless_file_says_in_one_line_what_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | str, message: str
) -> None:
    written(tmp_path, name, content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        read_all(name)
    assert str(raised.value) == message


def test_unreadable_file_among_others_is_a_reject_and_the_rest_is_read(tmp_path: Path) -> None:
    written(tmp_path, "a.csv", b"")
    written(tmp_path, "b.csv", GOOD)
    written(tmp_path, "c.csv", "会话ID,客服\n1,小王\n")

    result = read_all(tmp_path)

    assert len(result.lines) == 6
    assert [reason.split(";")[0] for _, reason in result.rejects] == [
        "the file is empty (0 bytes)",
        "no column holds the text of the messages",
    ]


def test_wrong_sheet_names_the_sheets_that_are_there(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", {"一月": [["会话ID", "内容"], ["1", "你好"]], "二月": []})
    with pytest.raises(InputError, match=r"a\.xlsx: there is no sheet '三月'; the sheets are 一月, 二月 \(--sheet\)"):
        read_all(path, options=ReadOptions(sheet="三月"))


def test_unknown_role_value_says_how_to_name_it(tmp_path: Path) -> None:
    content = HEADER + row(1, "某甲", "你好") + row(2, "客服", "您好") + row(3, "客户", "在吗") + row(4, "客服", "在")
    path = written(tmp_path, "a.csv", content)

    assert read_all(path).rejects == [(2, "who speaks is unknown: 角色 is '某甲'; say it with --role 某甲=agent")]
