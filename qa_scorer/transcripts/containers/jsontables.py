"""Tables written as JSON: a list for each column, names beside lists of cells, or rows of cells below a row of names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qa_scorer.transcripts import fields as f

_NAMES = ("columns", "header", "headers", "fields", "head", "cols", "titles")
_CELLS = ("data", "rows", "values", "records", "list", "items")
_LEAST = 2


def rows_of_table(value: Mapping[str, Any]) -> Iterator[dict[str, Any]] | None:
    """The rows of a document that is a table, or None when it is none."""
    names = next((_plain_names(value[key]) for key in _NAMES if isinstance(value.get(key), list)), None)
    cells = next((value[key] for key in _CELLS if _is_grid(value.get(key))), None)
    if names and cells is not None and all(len(row) == len(names) for row in cells):
        return (dict(zip(names, row, strict=True)) for row in cells)
    columns = {key: item for key, item in value.items() if isinstance(item, list | Mapping)}
    if len(columns) == len(value) >= _LEAST and (height := _height(columns)) and _names_fields(list(columns)):
        lists = [list(item.values()) if isinstance(item, Mapping) else item for item in columns.values()]
        return ({name: cell[row] for name, cell in zip(columns, lists, strict=True)} for row in range(height))
    return None


def rows_below_names(rows: list[Any]) -> Iterator[dict[str, Any]] | None:
    """The rows of a list of lists whose first names the columns, or None."""
    if len(rows) < _LEAST or not _is_grid(rows) or not all(isinstance(name, str) for name in rows[0]):
        return None
    if not _names_fields(rows[0]) or any(len(row) != len(rows[0]) for row in rows):
        return None
    return (dict(zip(rows[0], row, strict=True)) for row in rows[1:])


def _plain_names(names: list[Any]) -> list[str] | None:
    """The names of columns, which may stand in objects (``{"name": …}``)."""
    bare = [
        next((item[key] for key in ("name", "title", "label", "key") if key in item), None)
        if isinstance(item, Mapping)
        else item
        for item in names
    ]
    known = [name for name in bare if isinstance(name, str)]
    return known if len(known) == len(set(known)) == len(names) else None


def _is_grid(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, list) and not any(isinstance(cell, list | Mapping) for cell in row) for row in value)
    )


def _height(columns: Mapping[str, Any]) -> int:
    """How many plain cells every column holds; 0 when they hold anything else or differ."""
    heights = {len(item) for item in columns.values()}
    cells = (cell for item in columns.values() for cell in (item.values() if isinstance(item, Mapping) else item))
    return heights.pop() if len(heights) == 1 and not any(isinstance(cell, list | Mapping) for cell in cells) else 0


def _names_fields(names: list[str]) -> bool:
    """Whether the names say a text and who speaks, or at least two thirds of them say a field."""
    fields = [f.match_name(name) for name in names]
    return any(found.get(f.TEXT, 0.0) > 0.6 for found in fields) and 3 * sum(map(bool, fields)) >= 2 * len(names) >= 4
