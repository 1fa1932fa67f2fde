"""The JSON of SCA: what ``UploadRule`` takes and what ``GetRule``, ``GetRuleDetail`` and ``GetRuleV4`` answer.

The interfaces spell one field in several ways (``check_range``, ``CheckRange``, ``OperLambda`` for ``lambda``) and wrap
lists in objects; all of them read alike here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_scorer.errors import RulebookError

_SYNONYMS = {
    "conditioninfocid": "cid", "anchorcid": "cid", "operlambda": "lambda", "rulelambda": "lambda", "opername": "name",
    "conditionname": "name", "rulename": "name", "operkeywords": "keywords",
}  # fmt: skip
_WRAPPERS = ("data", "jsonstr", "jsonstrforrule", "ruleinfo", "rulesinfo")
_WORDS_AS_KEYS = ("synonyms",)
_DEEPEST = 30
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
"""What YAML cannot hold as it is: control characters and halves of pairs."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One test of a sentence. ``param`` has keys in small letters without underscores."""

    oid: str
    name: str
    type: str
    param: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Relative to the ``hit_time``-th hit of the condition ``cid``: BEFORE, AFTER, AROUND or CURRENT."""

    cid: str
    location: str
    hit_time: int


@dataclass(frozen=True, slots=True)
class CheckRange:
    """Which sentences: of a role, from … to (counted from 1; -1 is the last), relative to an anchor."""

    role: str = ""
    start: int | None = None
    stop: int | None = None
    absolute: bool = False
    every: bool = False
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class ScaCondition:
    """Operators over the sentences of a range, joined by a formula over their ids."""

    cid: str
    name: str
    range: CheckRange
    operators: tuple[Operator, ...]
    formula: str


@dataclass(frozen=True, slots=True)
class ScaRule:
    """A rule with its own view of the conditions. ``fields`` is the whole object, for what has no equivalent."""

    rid: str
    name: str
    formula: str
    conditions: Mapping[str, ScaCondition]
    fields: Mapping[str, Any]


def read_sca(text: str, file: str) -> tuple[ScaRule, ...]:
    """The rules of a JSON text. Raises RulebookError when it is no JSON or holds no rules."""
    try:
        given = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise RulebookError(f"{file}{at}: this is no JSON; export the rules as UploadRule takes them") from None
    found = _payload(_alike(given))
    if found is None:
        raise RulebookError(
            f"{file}: there is no list of `rules` in it; expected the JSON of UploadRule ({{conditions, rules}}) "
            "or the answer of GetRuleDetail or GetRuleV4"
        )
    shared = {condition.cid: condition for condition in _conditions(found.get("conditions"))}
    return tuple(_rule(fields, number, shared) for number, fields in enumerate(_list(found.get("rules")), start=1))


def _alike(value: Any, depth: int = 0) -> Any:
    """Every key in small letters without underscores, by its usual name."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        result = {}
        for name, item in value.items():
            key = str(name).replace("_", "").lower()
            key = _SYNONYMS.get(key, key)
            result[key] = item if key in _WORDS_AS_KEYS else _alike(item, depth + 1)
        return result
    if isinstance(value, list):
        return [_alike(item, depth + 1) for item in value]
    return _UNPRINTABLE.sub("", value) if isinstance(value, str) else value


def _payload(value: Any, depth: int = 0) -> dict[str, Any] | None:
    """The object that holds the rules, out of whatever the interface wraps it in."""
    if isinstance(value, str) and value.lstrip().startswith("{") and depth < _DEEPEST:
        try:
            return _payload(_alike(json.loads(value)), depth + 1)
        except (json.JSONDecodeError, RecursionError):
            return None
    if isinstance(value, list):
        return {"rules": value} if value and all(isinstance(item, dict) and "rid" in item for item in value) else None
    if not isinstance(value, dict):
        return None
    if _list(value.get("rules")):
        return value
    found = [_payload(value[name], depth + 1) for name in _WRAPPERS if name in value and depth < _DEEPEST]
    return next((one for one in found if one is not None), {"rules": [value]} if "rid" in value else None)


def _list(value: Any) -> list[Any]:
    """A list, or the list that is the one entry of an object."""
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, list) else []


def _rule(fields: Any, number: int, shared: Mapping[str, ScaCondition]) -> ScaRule:
    fields = fields if isinstance(fields, dict) else {}
    own = {condition.cid: condition for condition in _conditions(fields.get("conditions"))}
    return ScaRule(
        str(fields.get("rid") or number),
        str(fields.get("name") or ""),
        str(fields.get("lambda") or ""),
        {**shared, **own},
        {name: value for name, value in fields.items() if name != "conditions"},
    )


def _conditions(value: Any) -> list[ScaCondition]:
    result: list[ScaCondition] = []
    for fields in _list(value):
        if not isinstance(fields, dict):
            continue
        operators = tuple(_operator(one, n) for n, one in enumerate(_list(fields.get("operators")), start=1))
        result.append(
            ScaCondition(
                str(fields.get("cid", len(result) + 1)),
                str(fields.get("name") or ""),
                _range(fields.get("checkrange")),
                operators,
                str(fields.get("lambda") or ""),
            )
        )
    return result


def _operator(fields: Any, number: int) -> Operator:
    fields = fields if isinstance(fields, dict) else {}
    param = fields.get("param")
    return Operator(
        str(fields.get("oid", number)),
        str(fields.get("name") or ""),
        str(fields.get("type") or "").upper(),
        param if isinstance(param, dict) else {},
    )


def _range(value: Any) -> CheckRange:
    fields = value if isinstance(value, dict) else {}
    limits = fields.get("range")
    if isinstance(limits, str):  # the table of the interface says text, its examples are objects
        try:
            limits = json.loads(limits)
        except json.JSONDecodeError:
            limits = None
    limits = limits if isinstance(limits, dict) else {}
    anchor = fields.get("anchor") if isinstance(fields.get("anchor"), dict) else {}
    return CheckRange(
        str(fields.get("role") or ""),
        whole(limits.get("from")),
        whole(limits.get("to")),
        bool(fields.get("absolute")),
        bool(fields.get("allsentencessatisfy")),
        _anchor(anchor) if anchor and anchor.get("cid") not in (None, "", "-1", -1) else None,
    )


def _anchor(fields: Mapping[str, Any]) -> Anchor:
    hit = whole(fields.get("hittime"))
    return Anchor(str(fields["cid"]), str(fields.get("location") or "").upper(), 0 if hit is None else hit)


def whole(value: Any) -> int | None:
    """A whole number of at most six digits, however it is written; ``None`` for anything else."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 1e6 else None


def number(value: Any) -> float | None:
    """A number below a billion, however it is written; ``None`` for anything else."""
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if abs(result) < 1e9 else None


def texts(value: Any) -> list[str]:
    """The texts of a list that are not blank; a wrapped list too."""
    return [item for item in map(str, _list(value)) if item.strip()]
