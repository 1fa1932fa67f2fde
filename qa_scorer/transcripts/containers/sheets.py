"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, read natively by calamine; every sheet is a part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.transcripts.containers.blocks import Blocks, find_blocks
from qa_scorer.transcripts.headers import column_names
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import SAMPLE_ROWS, BasePart, Log, RawTable, text_table

_CHUNK = 20_000


class SheetPart(BasePart):
    """One sheet, all cells as text. Rows are numbered as the spreadsheet shows them."""

    def __init__(
        self, name: str, table: pa.Table, first_row: int, options: ReadOptions, container: str = "xlsx"
    ) -> None:
        super().__init__(name, container)
        rows = table.slice(0, SAMPLE_ROWS).to_pydict()
        body = [list(cells) for cells in zip(*rows.values(), strict=True)]
        blocks, index = find_blocks(body, options)
        names = column_names(None if index is None else body[index], table.num_columns)
        self._heads: Log | None = None
        start = 0 if index is None else index + 1
        if blocks is None:
            self._rows = np.arange(first_row + start, first_row + len(table), dtype=np.int64)
            self._table = table.slice(start).rename_columns(list(names))
        else:
            self._heads = Log(name)
            self._table, self._rows = _unblocked(table, names, blocks, start, first_row, self._heads)
        self.header = None if index is None else tuple(self._table.column_names)

    def sample(self) -> pa.Table:
        return self._table.slice(0, SAMPLE_ROWS)

    def tables(self, log: Log) -> Iterator[RawTable]:
        if self._heads is not None:
            log.join(self._heads)
        for start in range(0, self._table.num_rows, _CHUNK):
            piece = self._table.slice(start, _CHUNK).combine_chunks()
            blank = np.ones(len(piece), dtype=bool)
            for column in piece.columns:
                blank &= column.is_null().to_numpy()
            rows = self._rows[start : start + len(piece)]
            # A blank row is no row: spreadsheets have them between blocks and after the end.
            yield RawTable(piece.filter(pa.array(~blank)), rows[~blank])


def _unblocked(
    table: pa.Table, names: tuple[str, ...], blocks: Blocks, start: int, first_row: int, log: Log
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """The messages of a sheet in blocks with what their headings say, and their rows; ``start`` is below the header."""
    kept: list[list[str | None]] = []
    places: list[int] = []
    for index, cells in enumerate(zip(*table.to_pydict().values(), strict=True)):
        if not blocks.take(cells, log) and index >= start and any(cells):
            kept.append([*cells, *blocks.values()])
            places.append(first_row + index)
    return text_table((*names, *blocks.names), kept), np.array(places, dtype=np.int64)


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
