"""Speed and memory of reading, against the libraries that only parse.

    python benchmarks/reading.py [--csv-mb 2000] [--jsonl-mb 500] [--rows-xlsx 50000] [--rounds 3] [--keep FOLDER]

Writes invented chats as CSV (UTF-8 and GB18030), JSON Lines, Parquet and XLSX, reads each in a process of its own, turn by
turn with pyarrow.csv, pyarrow.json, pyarrow.parquet and openpyxl as they read by default, and prints the best seconds, on
the clock and of the processor, peak memory, and the median of the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

SAID = (
    "您好，请问有什么可以帮您",
    "我的订单还没有发货，什么时候可以发",
    "好的，我这边帮您查询一下，请您稍等",
    "查到了，您的包裹今天下午会发出，预计三天内送到",
    "好的谢谢",
    "不客气，请问还有其他可以帮您的吗",
    "没有了",
    "感谢您的咨询，祝您生活愉快",
)
HEADER = ("会话ID", "角色", "客服", "客户", "消息时间", "消息内容")


def rows() -> Iterator[tuple[str, ...]]:
    """Invented messages without end, eight a conversation."""
    start = 1_704_067_200
    number = 0
    while True:
        agent, customer = f"客服{number % 40:02d}", f"tb{number:08d}"
        for turn, said in enumerate(SAID):
            role = "客服" if turn % 2 == 0 else "买家"
            moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(start + number * 13 + turn * 9))
            yield (f"S{number:09d}", role, agent, customer, moment, f"{said}，编号{number}")
        number += 1


def write_csv(path: Path, megabytes: int, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(",".join(HEADER) + "\r\n")
        for row in rows():
            file.write(",".join(row) + "\r\n")
            if row[1] == "买家" and file.tell() > megabytes << 20:
                return


def write_jsonl(path: Path, megabytes: int) -> None:
    names = ("conversation_id", "role", "agent", "customer", "time", "text")
    with path.open("w", encoding="utf-8") as file:
        for row in rows():
            file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
            if row[1] == "买家" and file.tell() > megabytes << 20:
                return


def write_xlsx(path: Path, count: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for index, row in zip(range(1, count + 1), rows(), strict=False):
        sheet.write_row(index, 0, row)
    book.close()


def read_ours(path: str) -> int:
    from qa_scorer.transcripts import read

    return sum(len(batch.messages) for batch in read([path]).batches())


def read_csv(path: str, encoding: str = "utf8") -> int:
    import pyarrow.csv as pacsv

    reader = pacsv.open_csv(path, read_options=pacsv.ReadOptions(block_size=8 << 20, encoding=encoding))
    return sum(len(batch) for batch in reader)


def read_csv_gb18030(path: str) -> int:
    return read_csv(path, "gb18030")


def read_jsonl(path: str) -> int:
    import pyarrow.json as pajson

    return len(pajson.read_json(path))


def read_parquet(path: str) -> int:
    import pyarrow.parquet as pq

    return sum(len(batch) for batch in pq.ParquetFile(path).iter_batches(65_536))


def read_openpyxl(path: str) -> int:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1


READERS: dict[str, tuple[Callable[[str], int], tuple[str, ...]]] = {
    function.__name__: (function, modules)
    for function, modules in (
        (read_ours, ("qa_scorer.transcripts", "pyarrow.csv", "pyarrow.json", "pyarrow.parquet", "fastexcel")),
        (read_csv, ("pyarrow.csv",)),
        (read_csv_gb18030, ("pyarrow.csv",)),
        (read_jsonl, ("pyarrow.json",)),
        (read_parquet, ("pyarrow.parquet",)),
        (read_openpyxl, ("openpyxl",)),
    )
}
"""Name -> the reader and what it needs; starting Python and importing is not measured."""


class Measured(NamedTuple):
    """One reading in a process of its own. ``seconds`` on the clock, ``processor`` of all cores together."""

    seconds: float
    processor: float
    peak_mb: int
    rows: int


def measure(reader: str, path: Path) -> Measured:
    done = subprocess.run(
        [sys.executable, __file__, "--one", reader, str(path)], check=True, capture_output=True, text=True
    )
    seconds, processor, peak, rows = done.stdout.split()
    return Measured(float(seconds), float(processor), int(peak), int(rows))


def run_one(reader: str, path: str) -> None:
    function, modules = READERS[reader]
    for module in modules:
        importlib.import_module(module)
    begun, worked = time.perf_counter(), time.process_time()
    rows = function(path)
    print(f"{time.perf_counter() - begun:.4f} {time.process_time() - worked:.4f} {peak_mb()} {rows}")


def peak_mb() -> int:
    """Peak memory of this process. Linux counts in ``ru_maxrss`` what the parent had before it began this process."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) >> 10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv-mb", type=int, default=200)
    parser.add_argument("--jsonl-mb", type=int, default=100)
    parser.add_argument("--rows-xlsx", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the files, used again when they are there")
    parser.add_argument("--one", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run_one(*given.one)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        compare(folder, given.csv_mb, given.jsonl_mb, given.rows_xlsx, given.rounds)


def compare(folder: Path, csv_mb: int, jsonl_mb: int, rows_xlsx: int, rounds: int) -> None:
    def parquet(path: Path) -> None:
        import pyarrow.csv as pacsv
        import pyarrow.parquet as pq

        reader = pacsv.open_csv(folder / f"utf8_{csv_mb}.csv")
        with pq.ParquetWriter(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)

    jobs: tuple[tuple[str, Callable[[Path], None], str], ...] = (
        (f"utf8_{csv_mb}.csv", lambda path: write_csv(path, csv_mb, "utf-8"), "read_csv"),
        (f"gb18030_{csv_mb}.csv", lambda path: write_csv(path, csv_mb, "gb18030"), "read_csv_gb18030"),
        (f"lines_{jsonl_mb}.jsonl", lambda path: write_jsonl(path, jsonl_mb), "read_jsonl"),
        (f"table_{csv_mb}.parquet", parquet, "read_parquet"),
        (f"book_{rows_xlsx}.xlsx", lambda path: write_xlsx(path, rows_xlsx), "read_openpyxl"),
    )
    print(
        f"{'file':<20} {'rows':>9} {'s':>7} {'cpu s':>7} {'peak MB':>8}   {'against':<14} {'s':>7} {'cpu s':>7}   x s  x cpu"
    )
    for name, write, other in jobs:
        path = folder / name
        if not path.exists():
            write(path)
        pairs = [(measure("read_ours", path), measure(other, path)) for _ in range(rounds)]
        ours, plain = (min(side, key=lambda one: one.seconds) for side in zip(*pairs, strict=True))
        work = median(mine.processor / theirs.processor for mine, theirs in pairs)
        clock = median(mine.seconds / theirs.seconds for mine, theirs in pairs)
        print(
            f"{name:<20} {ours.rows:>9} {ours.seconds:>7.2f} {ours.processor:>7.2f} {ours.peak_mb:>8}   {other[5:]:<14} "
            f"{plain.seconds:>7.2f} {plain.processor:>7.2f} {clock:>5.2f} {work:>6.2f}"
        )


if __name__ == "__main__":
    main()
