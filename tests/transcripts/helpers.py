"""Writing exports for tests, and reading them into lines that are easy to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from qa_scorer.model.words import KIND_NAMES, ROLE_NAMES
from qa_scorer.transcripts import Reading, ReadOptions, TranscriptBatch, read

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Result:
    """Everything that a reading gave."""

    reading: Reading
    batches: list[TranscriptBatch]

    @property
    def lines(self) -> list[str]:
        return [line for batch in self.batches for line in message_lines(batch)]

    @property
    def conversations(self) -> list[dict[str, Any]]:
        return [row for batch in self.batches for row in batch.conversations.to_pylist()]

    @property
    def rejects(self) -> list[tuple[int | None, str]]:
        return [(row["row"], row["reason"]) for row in self.reading.rejects().to_pylist()]

    def check_counts(self) -> None:
        """rows read = messages + rejected + dropped, and the counts agree with the tables."""
        counts = self.reading.counts
        assert counts.rows_read == counts.messages + counts.rejected + sum(counts.dropped.values())
        assert counts.messages == sum(len(batch.messages) for batch in self.batches)
        assert counts.rejected == len(self.reading.rejects())
        assert counts.conversations == sum(len(batch.conversations) for batch in self.batches)


def message_lines(batch: TranscriptBatch) -> list[str]:
    """``id | seq role kind | sender | time in Shanghai | text`` for each message."""
    lines = []
    for row in batch.messages.to_pylist():
        time = row["time"].astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if row["time"] else "-"
        kind = "" if row["kind"] == 0 else " " + KIND_NAMES[row["kind"]]
        who = f"{row['seq']} {ROLE_NAMES[row['role']]}{kind}"
        lines.append(" | ".join((row["conversation_id"], who, row["sender"], time, row["text"])))
    return lines


def read_all(*inputs: str | Path, options: ReadOptions | None = None) -> Result:
    """Read to the end and check that the counts add up."""
    reading = read(inputs, options)
    result = Result(reading, list(reading.batches()))
    result.check_counts()
    return result


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook of text and number cells; None leaves a cell out."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(index, column, value)
    book.close()
    return path
