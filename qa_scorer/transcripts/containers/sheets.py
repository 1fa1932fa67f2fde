"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, read natively by calamine; every sheet is a part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts.headers import column_names, find_header
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable

_CHUNK = 20_000


class SheetPart(BasePart):
    """One sheet, all cells as text. Rows are numbered as the spreadsheet shows them."""

    def __init__(
        self, name: str, table: pa.Table, first_row: int, options: ReadOptions, container: str = "xlsx"
    ) -> None:
        super().__init__(name, container)
        rows = table.slice(0, SAMPLE_ROWS).to_pydict()
        body = [list(cells) for cells in zip(*rows.values(), strict=True)]
        index = find_header(body, options.header)
        names = column_names(None if index is None else body[index], table.num_columns)
        self.header = None if index is None else names
        start = 0 if index is None else index + 1
        self._first = first_row + start
        self._table = table.slice(start).rename_columns(list(names))

    def sample(self) -> pa.Table:
        return self._table.slice(0, SAMPLE_ROWS)

    def tables(self, log: Log) -> Iterator[RawTable]:  # noqa: ARG002 - cells of a sheet cannot be broken one by one
        for start in range(0, self._table.num_rows, _CHUNK):
            piece = self._table.slice(start, _CHUNK).combine_chunks()
            blank = np.ones(len(piece), dtype=bool)
            for column in piece.columns:
                blank &= column.is_null().to_numpy()
            rows = np.arange(self._first + start, self._first + start + len(piece), dtype=np.int64)
            # A blank row is no row: spreadsheets have them between blocks and after the end.
            yield RawTable(piece.filter(pa.array(~blank)), rows[~blank])


def read_workbook(name: str, path: Path, options: ReadOptions) -> list[SheetPart]:
    """The sheets that hold anything. Raises InputError for a workbook that cannot be opened or a sheet not there."""
    import fastexcel

    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise InputError(f"{name}: this is no workbook that can be opened ({_first_line(error)})") from error
    wanted = _wanted_sheets(name, workbook.sheet_names, options.sheet)
    parts = []
    for sheet in wanted:
        try:
            loaded = workbook.load_sheet(sheet, header_row=None, dtypes="string", eager=False)
        except fastexcel.FastExcelError as error:
            raise InputError(f"{name}: sheet {sheet!r} cannot be read ({_first_line(error)})") from error
        if not loaded.width or not loaded.height:
            continue
        table = pa.Table.from_batches([loaded.to_arrow()])
        label = name if len(workbook.sheet_names) == 1 else f"{name}[{sheet}]"
        parts.append(SheetPart(label, table, 1, options))
    if not parts:
        raise InputError(f"{name}: every sheet is empty ({', '.join(wanted)})")
    return parts


def _wanted_sheets(name: str, sheets: list[str], wanted: str | int | None) -> list[str]:
    if wanted is None:
        return sheets
    if str(wanted) in sheets:
        return [str(wanted)]
    if str(wanted).isdigit() and 1 <= int(wanted) <= len(sheets):
        return [sheets[int(wanted) - 1]]
    raise InputError(f"{name}: there is no sheet {wanted!r}; the sheets are {', '.join(sheets)} (--sheet)")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removeprefix("calamine error: ")
