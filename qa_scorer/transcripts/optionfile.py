"""``qa-scorer.yaml``: what the reader should know of the exports in a folder, written down once.

::

    map: {conversation: 会话ID, agent: 客服, text: 消息内容}
    roles: {访客: customer, 小蜜: bot}
    tz: Asia/Shanghai
    gap: 30min
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa_scorer.errors import InputError
from qa_scorer.model.words import Role
from qa_scorer.transcripts.fields import FIELDS
from qa_scorer.transcripts.options import Limits, ReadOptions
from qa_scorer.transcripts.sources import OPTION_FILES
from qa_scorer.transcripts.times import zone

KEYS = (
    "map",
    "roles",
    "format",
    "encoding",
    "tz",
    "gap",
    "sheet",
    "header",
    "delimiter",
    "quote",
    "batch_messages",
    "limits",
)
OF_OTHERS = ("audit",)
"""Keys that other commands read."""
_UNITS = {"s": 1, "sec": 1, "秒": 1, "m": 60, "min": 60, "分": 60, "分钟": 60, "h": 3600, "小时": 3600, "": 1}


def beside(path: Path) -> Path | None:
    """The options file in the folder of ``path``, or None."""
    return next((file for name in OPTION_FILES if (file := path.parent / name).is_file()), None)


def load_options(path: Path) -> ReadOptions:
    """Read an options file. Raises InputError that names the file and key for anything unknown or of the wrong type."""
    data = read_option_file(path)
    check_keys(path, "", data, (*KEYS, *OF_OTHERS))
    return options_of({key: value for key, value in data.items() if key in KEYS}, str(path))


def read_option_file(path: Path) -> Mapping[Any, Any]:
    """The keys and values of an options file, unchecked. Raises InputError when it is not YAML."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, ValueError, OSError) as error:  # ValueError: no UTF-8, or a day that is none
        raise InputError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(data, Mapping):
        raise InputError(f"{path}: expected keys and values, such as map: {{text: 消息内容}}")
    return data


def merged(base: ReadOptions, over: ReadOptions) -> ReadOptions:
    """``base`` with everything that ``over`` says differently from the defaults."""
    default = ReadOptions()
    names = [item.name for item in dataclass_fields(ReadOptions)]
    said = {name: value for name in names if (value := getattr(over, name)) != getattr(default, name)}
    if "mapping" in said:
        said["mapping"] = {**base.mapping, **over.mapping}
    if "roles" in said:
        said["roles"] = {**base.roles, **over.roles}
    return replace(base, **said)


def options_of(data: Mapping[str, Any], place: str) -> ReadOptions:
    """ReadOptions from plain values. ``place`` begins the messages of InputError."""
    given: dict[str, Any] = {}
    for key, value in data.items():
        if value is None:
            continue
        if key == "map":
            given["mapping"] = _mapping(place, value)
        elif key == "roles":
            given["roles"] = _roles(place, value)
        elif key == "gap":
            given["gap"] = parse_gap(value, f"{place}: gap")
        elif key == "limits":
            given["limits"] = _limits(place, value)
        elif key == "tz":
            zone(str(value))
            given["tz"] = str(value)
        elif key in ("header", "quote"):
            allowed = ("auto", "present", "none") if key == "header" else ("auto", "none")
            if value not in allowed:
                raise InputError(f"{place}: {key} is {value!r}; use one of {', '.join(allowed)}")
            given[key] = value
        elif key == "batch_messages":
            given[key] = _positive(f"{place}: {key}", value)
        elif key == "sheet":
            given[key] = value
        elif key == "encoding":
            given[key] = _encoding(place, str(value))
        else:
            given[key] = {"tab": "\t", "\\t": "\t", "comma": ","}.get(str(value), str(value))
    return ReadOptions(**given)


def check_keys(place: object, prefix: str, data: Mapping[Any, Any], allowed: Iterable[str]) -> None:
    """Raise InputError for a key that is not allowed, with the one that was probably meant."""
    names = list(allowed)
    for key in data:
        if key not in names:
            close = difflib.get_close_matches(str(key), names, 1)
            hint = f"; did you mean {close[0]}?" if close else "."
            raise InputError(f"{place}: {prefix}{key} is no known key{hint} The keys are {', '.join(names)}")


def _mapping(place: str, value: Any) -> dict[str, str | int]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place}: map must be fields and columns, such as {{text: 消息内容}}")
    check_keys(place, "map.", value, FIELDS)
    return {str(key): column if isinstance(column, int) else str(column) for key, column in value.items()}


def _roles(place: str, value: Any) -> dict[str, Role]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place}: roles must be values and roles, such as {{访客: customer}}")
    return {str(key): parse_role(str(name), f"{place}: roles.{key}") for key, name in value.items()}


def _encoding(place: str, name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise InputError(f"{place}: encoding {name!r} is unknown; use utf-8, gb18030 or utf-16, for example") from error
    return name


def parse_role(name: str, place: str) -> Role:
    """``agent``, ``customer``, ``bot`` or ``system``. Raises InputError otherwise."""
    try:
        return Role[name.strip().upper()]
    except KeyError as error:
        raise InputError(f"{place} is {name!r}; use one of {', '.join(role.name.lower() for role in Role)}") from error


def parse_gap(value: Any, place: str) -> float:
    """Seconds from ``1800``, ``30min``, ``2h``. Raises InputError otherwise."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z分秒钟小时]*)\s*", str(value).lower())
    if found is None or found[2] not in _UNITS or float(found[1]) <= 0:
        raise InputError(f"{place} is {value!r}; use a length of time such as 30min, 2h or 900s")
    return float(found[1]) * _UNITS[found[2]]


def _limits(place: str, value: Any) -> Limits:
    if not isinstance(value, Mapping):
        raise InputError(f"{place}: limits must be names and numbers, such as {{unpacked_mb: 8000}}")
    check_keys(place, "limits.", value, [item.name for item in dataclass_fields(Limits)])
    return Limits(**{key: _positive(f"{place}: limits.{key}", number) for key, number in value.items()})


def _positive(place: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise InputError(f"{place} is {value!r}; use a whole number above 0")
    return value
