"""The workbook that an inspector filters: typed cells, text that stays text, all rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from qa_scorer.reports import sheets
from qa_scorer.reports.write import write_reports
from qa_scorer.results.summary import RunSummary
from tests.reports.factory import AGENTS, HOSTILE_AGENTS, HOSTILE_TEXTS, empty_run, make_run


def workbook(run: RunSummary, out: Path, language: str = "zh") -> Workbook:
    write_reports(run, out, language)
    return openpyxl.load_workbook(out / "report.xlsx")


def test_each_sheet_has_a_frozen_header_and_a_filter(tmp_path: Path) -> None:
    run = make_run(AGENTS[:3], 20)
    book = workbook(run, tmp_path)
    assert book.sheetnames == ["团队", "客服", "会话", "问题明细", "规则", "指标说明"]
    for name in ("客服", "会话", "问题明细", "规则"):
        sheet = book[name]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
    assert book["客服"].max_row == 1 + 3
    assert book["会话"].max_row == 1 + sum(len(agent.rows) for agent in run.agents)
    assert book["问题明细"].max_row == 1 + sum(len(agent.findings) for agent in run.agents)


def test_cells_have_types_and_formats(tmp_path: Path) -> None:
    run = make_run(AGENTS[:2], 20)
    book = workbook(run, tmp_path)
    head = [cell.value for cell in book["会话"][1]]
    first = dict(zip(head, book["会话"][2], strict=True))
    assert isinstance(first["开始时间"].value, datetime)
    assert first["得分"].number_format == "0.0"
    assert first["得分"].value == pytest.approx(run.agents[0].rows[0].score)
    agents = dict(zip([cell.value for cell in book["客服"][1]], book["客服"][2], strict=True))
    assert agents["合格率"].number_format == "0.0%"
    assert agents["首次响应（秒）"].value > 0


def test_columns_are_wide_enough_for_chinese(tmp_path: Path) -> None:
    sheet = workbook(make_run(AGENTS[:2], 20), tmp_path)["问题明细"]
    titles = {cell.value: cell.column_letter for cell in sheet[1]}
    longest = max(len(cell.value) for cell in sheet[titles["问题"]])
    assert sheet.column_dimensions[titles["问题"]].width >= 2 * longest
    assert sheet.column_dimensions[titles["建议这样说"]].width <= 61


def test_hostile_text_is_text_in_every_cell(tmp_path: Path) -> None:
    run = make_run(AGENTS[:1] + HOSTILE_AGENTS, 3, texts=HOSTILE_TEXTS * 2)
    book = workbook(run, tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    values = {cell.value for cell in cells}
    assert set(HOSTILE_AGENTS) <= values
    assert "=cmd|' /C calc'!A0 不是说了吗" in values
    assert any(isinstance(value, str) and value.startswith("␀␇😀") for value in values)


def test_more_rows_than_a_sheet_holds_go_to_the_next_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 11)
    run = make_run(AGENTS[:1], 24)
    book = workbook(run, tmp_path)
    assert [name for name in book.sheetnames if name.startswith("会话")] == ["会话", "会话 (2)", "会话 (3)"]
    assert [book[name].max_row - 1 for name in ("会话", "会话 (2)", "会话 (3)")] == [10, 10, 5]
    assert book["会话 (3)"].freeze_panes == "B2"
    notes = [cell.value for row in book["指标说明"].iter_rows() for cell in row if cell.value]
    assert any("共 25 行" in note and "分列于 3 张工作表" in note for note in notes)


def test_a_text_longer_than_a_cell_is_cut_visibly() -> None:
    assert sheets.fit("好" * 32_767) == "好" * 32_767
    assert sheets.fit("好" * 32_768) == "好" * 32_766 + "…"
    assert len(sheets.fit("😀" * 20_000).encode("utf-16-le")) <= 2 * 32_767


def test_a_run_without_scores_still_makes_a_workbook(tmp_path: Path) -> None:
    book = workbook(empty_run(), tmp_path)
    assert book["客服"].max_row == 1
    assert book["团队"]["A3"].value == "没有可以评分的会话。"


def test_english_sheets_have_english_names(tmp_path: Path) -> None:
    assert workbook(make_run(AGENTS[:1], 2), tmp_path, "en").sheetnames == [
        "Team", "Agents", "Conversations", "Findings", "Rules", "Definitions",
    ]  # fmt: skip
