"""Which column is what: by its name and by what stands in it.

Every (column, field) pair is scored; the best pairs win, one field per column. A name proposes, the content confirms
or refutes (times must look like times, a role column must hold roles, the text must be varied). Where no name helps,
the content alone can find the text, the time and the role.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa

from qa_scorer.errors import InputError
from qa_scorer.late import late
from qa_scorer.model.words import Role
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.days import is_clock, parse_day
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT, text_column
from qa_scorer.transcripts.roles import (
    ROLE_WORDS,
    codes_of_column,
    is_side,
    role_of_account,
    role_of_value,
    role_of_word,
)
from qa_scorer.transcripts.times import looks_like_time

_SAMPLE = 400
_LONGEST = 2000  # characters of a value that are looked at
_CONVERSATION_LEVEL = frozenset({f.CONVERSATION, f.AGENT, f.GROUP, f.CUSTOMER, f.DATE, f.CSAT, f.RESOLVED, f.CHANNEL})
_PER_MESSAGE = frozenset(
    {"seq", "seqno", "no", "序号", "index", "rowno", "offset", "messageorder"}
)  # order: known by the row
_SIDE_NAME = late(
    r"^(?:(?:audio)?channel|声道|音轨|track|speaker|spk|side|leg|说话人)(?:tag|id|no|index|num|number|label|编号|号)?$"
)
_OFFSET_NAME = late(r"(begin|start|offset|bg|开始|起始)")  # of a sentence in a recording
_ID_NAME = late(r"^(?:记录|数据|文档|业务|聊天|沟通)?(?:id|编号|流水号|序号|单号)$")
_HAN = late(r"[一-鿿]")
_ID = late(r"^[\w\-.:@#|=+/]{1,80}$")
_NUMBERED = late(r"^(?=[^\d]*\d)[A-Za-z0-9_\-.#]{1,80}$")
_RATING = late(
    r"^(?:-?\d(?:\.\d+)?|10(?:\.0)?|未评价|无|.{0,2}满意|一般|很差|差评|好评|中评|null|none|nan|-)$", re.IGNORECASE
)
_YES_NO = late(
    r"^(?:-?[01](?:\.0)?|是|否|true|false|yes|no|y|n|已解决|未解决|解决|部分解决|未知|null|none|nan|-)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """field -> column, further text columns to use where the first is empty, and what the choice rests on."""

    columns: Mapping[str, str]
    more_text: tuple[str, ...] = ()
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    per_object: bool = False  # each object around the messages is a conversation, whatever its customer and day

    def get(self, name: str) -> str | None:
        return self.columns.get(name)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What tells one reading of the columns from another."""
        return tuple(self.columns.items())


@dataclass(slots=True)
class _Column:
    name: str
    values: list[str]
    rows: int
    distinct: int = 0
    traits: dict[str, float] = field(default_factory=dict)

    @property
    def together(self) -> bool:
        """Whether equal values stand together, as those of one conversation do."""
        return sum(a != b for a, b in pairwise(self.values)) + 1 == self.distinct

    @property
    def tells_agents_apart(self) -> bool:
        """Whether several values are agents by the word in them and more than the word, as ``客服A`` and ``客服B``."""
        names = {value.strip() for value in self.values if not _TESTS["role word"](value)}
        return sum(role_of_word(name) is Role.AGENT and role_of_account(name) is Role.AGENT for name in names) > 1

    def share(self, test: str) -> float:
        """Share of the sampled values that pass the test called ``test``, computed once."""
        if test not in self.traits:
            passed = sum(1 for value in self.values if _TESTS[test](value))
            self.traits[test] = passed / len(self.values) if self.values else 0.0
        return self.traits[test]


_TESTS: dict[str, Callable[[str], bool]] = {
    "time": looks_like_time,
    "clock": is_clock,
    "day": lambda value: parse_day(value) is not None and len(value) <= 12,
    "role": lambda value: role_of_word(value) is not None,
    "han": lambda value: bool(_HAN.search(value)),
    "id": lambda value: bool(_ID.match(value)),
    "numbered": lambda value: bool(_NUMBERED.match(value)) and not looks_like_time(value),
    "rating": lambda value: bool(_RATING.match(value.strip())),
    "yesno": lambda value: bool(_YES_NO.match(value.strip())),
    "number": lambda value: bool(re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", value)),
    "dated": lambda value: parse_day(value) is not None,
    "role word": lambda value: value.strip().lower() in ROLE_WORDS,
    "customer": lambda value: role_of_account(value) is Role.CUSTOMER,
    "agent": lambda value: role_of_account(value) is Role.AGENT,
    "long": lambda value: len(value) > 6,
    "side": is_side,
    "offset": lambda value: bool(re.fullmatch(r"\s*\d{1,8}(?:\.\d+)?\s*", value)),
    "wordy": lambda value: bool(_HAN.search(value)) or " " in value.strip(),
}


def find_columns(table: pa.Table, options: ReadOptions, header: bool = True, around: bool = False) -> ColumnMap:
    """The best reading of the columns of ``table`` (a sample). ``around``: all columns belong to whole conversations.

    Raises InputError when ``--map`` names no column.
    """
    names = list(table.column_names)
    given = {name: _resolve(name, str(column), names) for name, column in options.mapping.items()}
    taken = {column for column in given.values() if column is not None}
    columns = [_column(table, name) for name in names if name not in taken]
    scored = sorted(
        (
            (score, -index, name)
            for index, column in enumerate(columns)
            for name, score in _scores(column, columns, header, options, around).items()
        ),
        reverse=True,
    )
    chosen = {name: column for name, column in given.items() if column is not None}
    used = set(taken)
    reasons = [f"{name} ← {column} (as told)" for name, column in chosen.items()]
    confidence = dict.fromkeys(chosen, 1.0)
    for score, index, name in scored:
        column = columns[-index].name
        if name in chosen or name in given or column in used or score < 0.35:
            continue
        chosen[name] = column
        used.add(column)
        confidence[name] = score
        reasons.append(f"{name} ← {column}")
    _settle_author(chosen, given, table)
    used &= {*chosen.values(), *taken}
    more = _more_text(chosen, columns, used, table) if f.TEXT in chosen and f.TEXT not in given else ()
    extras = tuple(
        name
        for name in names
        if not (name in used or name in more or name.startswith(PARENT) or f.plain_name(name) in _PER_MESSAGE)
    )
    return ColumnMap(chosen, more, _confidence(confidence), tuple(reasons), extras)


def _settle_author(chosen: dict[str, str], given: Mapping[str, str | None], table: pa.Table) -> None:
    """A "customer" column of messages that changes with whoever writes (``user``, ``user_id``) names the sender.

    Beside a sender it is left out; where neither a role, a sender nor an agent is known it becomes the sender.
    """
    customer = chosen.get(f.CUSTOMER)
    if customer is None or customer.startswith(CONVERSATION_MARK) or f.CUSTOMER in given:
        return
    sender = chosen.get(f.SENDER)
    if sender is None:
        if not {f.ROLE, f.AGENT} & chosen.keys() and f.SENDER not in given:
            chosen[f.SENDER] = chosen.pop(f.CUSTOMER)
        return
    pairs = set(zip(text_column(table, sender).to_pylist(), text_column(table, customer).to_pylist(), strict=True))
    if len(pairs) > 1 and len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs):
        del chosen[f.CUSTOMER]


def _confidence(scores: Mapping[str, float]) -> float:
    """How sure the reading is: without text nothing, with a speaker and an id or a time nearly all."""
    if f.TEXT not in scores:
        return 0.0
    speaker = max(scores.get(f.ROLE, 0.0), scores.get(f.SENDER, 0.0) * 0.9)
    order = max(scores.get(f.CONVERSATION, 0.0), scores.get(f.TIME, 0.0) * 0.9, scores.get(f.CUSTOMER, 0.0) * 0.7)
    return round(min(1.0, 0.4 * scores[f.TEXT] + 0.35 * speaker + 0.25 * order), 2)


def _resolve(name: str, column: str, names: list[str]) -> str | None:
    if name not in f.FIELDS:
        close = difflib.get_close_matches(name, f.FIELDS, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise InputError(f"--map {name}={column}: {name!r} is no field{hint}; the fields are {', '.join(f.FIELDS)}")
    if column == "-":
        return None
    for wanted in (column, CONVERSATION_MARK + column):
        if wanted in names:
            return wanted
    plain = f.plain_name(column)
    for candidate in names:
        if f.plain_name(candidate.lstrip(CONVERSATION_MARK)) == plain:
            return candidate
    if column.isdigit() and 1 <= int(column) <= len(names):
        return names[int(column) - 1]
    close = difflib.get_close_matches(column, names, 1, 0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(f"--map {name}={column}: there is no such column{hint}; the columns are {_listed(names)}")


def _listed(names: list[str]) -> str:
    shown = ", ".join(name if len(name) <= 30 else name[:30] + "…" for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _column(table: pa.Table, name: str) -> _Column:
    cells = text_column(table, name).slice(0, _SAMPLE * 5).to_pylist()
    values = [value[:_LONGEST] for value in cells if value is not None and value.strip()]
    return _Column(name, values[:_SAMPLE], min(table.num_rows, _SAMPLE), len(set(values[:_SAMPLE])))


def _scores(
    column: _Column, columns: list[_Column], header: bool, options: ReadOptions, around: bool
) -> dict[str, float]:
    inherited = around or column.name.startswith(CONVERSATION_MARK)
    plain = column.name.lstrip(CONVERSATION_MARK)
    named = dict(f.match_name(plain)) if header else {}
    if inherited:
        if _ID_NAME.match(f.plain_name(plain)):
            named[f.CONVERSATION] = 0.6
        if around and f.TIME in named and column.share("dated") > 0.6:
            return {f.DATE: named[f.TIME] * 0.9}  # when the conversation began: the day of its times of day
        named = {name: score * 0.95 for name, score in named.items() if name in _CONVERSATION_LEVEL}
    elif f.plain_name(plain) == "messagetype" and any(f.plain_name(other.name) == "contenttype" for other in columns):
        named[f.ROLE] = 1.1  # beside a content type, message_type says who wrote
    if (
        not inherited
        and header
        and _SIDE_NAME.match(f.plain_name(plain).rsplit(".", 1)[-1])
        and column.share("side") > 0.9
    ):
        return {f.SENDER: 0.5}  # the sides of a recording; which is the agent's is said by their words
    scores = {name: score * _confirm(name, column, options) for name, score in named.items()}
    if not inherited:
        for name, score in _by_content(column, header).items():
            scores[name] = max(scores.get(name, 0.0), score)
    return scores


def _confirm(name: str, column: _Column, options: ReadOptions) -> float:
    """0–1: whether the content of a column allows the field that its name proposes."""
    if not column.values:
        return {f.TEXT: 0.36, f.ROLE: 0.0, f.TIME: 0.0, f.CONVERSATION: 0.0}.get(name, 0.5)
    if name == f.TIME:
        if _OFFSET_NAME.search(f.plain_name(column.name)) and column.share("offset") > 0.9:
            return 0.8
        share = column.share("time")
        return (0.6 if column.share("day") > 0.8 else share) if share >= 0.5 else 0.0
    if name == f.DATE:
        return 1.0 if column.share("day") > 0.6 else 0.0
    if name == f.ROLE:
        return _role_share(column, options) * (0.45 if column.tells_agents_apart else 1.0)
    if name == f.TEXT:
        if column.share("time") > 0.8 and column.distinct > 3:
            return 0.0
        if column.share("yesno") > 0.95 and column.rows > 20:
            return 0.0
        return 0.6 + 0.4 * max(column.share("wordy"), min(1.0, column.distinct / max(1, len(column.values))))
    if name == f.CSAT:
        return 1.0 if column.share("rating") > 0.8 else 0.0
    if name == f.RESOLVED:
        return 1.0 if column.share("yesno") > 0.8 else 0.0
    if name in (f.PUBLIC, f.PRIVATE, f.WITHDRAWN, f.AUTO):
        return 1.0 if column.share("yesno") > 0.8 else 0.0
    if name == f.MESSAGE_ID:
        return 1.0 if column.distinct >= 0.9 * len(column.values) and column.share("id") > 0.8 else 0.0
    if name in (f.CONVERSATION, f.AGENT, f.CUSTOMER, f.SENDER, f.GROUP, f.CHANNEL, f.TYPE):
        if column.share("time") > 0.8 and not column.share("number") > 0.8:
            return 0.0
        longest = max(len(value) for value in column.values)
        if longest > 200:
            return 0.0
        if name == f.SENDER and _role_share(column, options) > 0.9 and column.distinct <= 4:
            return 1.0 if column.tells_agents_apart else 0.6
        if name == f.CONVERSATION and column.distinct == len(column.values) > 20:
            return 0.75  # every row another id: perhaps a message id
    return 1.0


def _role_share(column: _Column, options: ReadOptions) -> float:
    """How far the values are roles; few distinct ones are needed."""
    if not column.values or column.distinct > 12:
        return 0.0
    counts = Counter(column.values)
    codes = codes_of_column(column.name, {value: count / len(column.values) for value, count in counts.items()})
    known = sum(1 for value in column.values if role_of_value(value, codes, options.roles) is not None)
    share = known / len(column.values)
    return share if share >= 0.5 else 0.0


def _by_content(column: _Column, header: bool) -> dict[str, float]:
    """What the content alone shows; below what a good name earns."""
    if len(column.values) < 2:
        return {}
    scores: dict[str, float] = {}
    if column.share("time") > 0.9 and not column.share("day") > 0.9 and not column.share("clock") > 0.9:
        scores[f.TIME] = 0.4
    if column.distinct <= 6 and column.share("role") > 0.9 and not column.share("number") > 0.5:
        roles = {role_of_word(value) for value in column.values}
        if Role.AGENT in roles and Role.CUSTOMER in roles:
            scores[f.ROLE if column.share("role word") > 0.9 else f.SENDER] = 0.5
    if f.ROLE not in scores and not f.match_name(column.name):
        scores.update(_by_accounts(column))
    plain = f.plain_name(column.name)
    if header and _ID_NAME.match(plain) and 1 < column.distinct <= 0.7 * len(column.values) and column.together:
        scores[f.CONVERSATION] = 0.45
    if (
        not header
        and column.share("numbered") > 0.9
        and 1 < column.distinct <= 0.7 * len(column.values)
        and column.together
    ):
        scores[f.CONVERSATION] = 0.4
    varied = column.distinct / len(column.values)
    if column.share("wordy") > 0.5 and varied > 0.5 and column.share("long") > 0.3 and column.share("time") < 0.2:
        length = sum(len(value) for value in column.values) / len(column.values)
        scores[f.TEXT] = min(0.44 if header else 0.6, 0.36 + length / 400)
    return scores


def _by_accounts(column: _Column) -> dict[str, float]:
    """Whose names a column holds, by the look of the accounts (``tb1234567``, ``客服小美``)."""
    if max(column.share("time"), column.share("role word")) > 0.2:
        return {}
    customers, agents = column.share("customer"), column.share("agent")
    if customers + agents <= 0.8:
        return {}
    if min(customers, agents) > 0.1:
        return {f.SENDER: 0.45}
    return {f.CUSTOMER if customers > agents else f.AGENT: 0.4}


def _more_text(chosen: Mapping[str, str], columns: list[_Column], used: set[str], table: pa.Table) -> tuple[str, ...]:
    """Columns whose names also say text and that fill rows in which the first text column is empty."""
    first = text_column(table, chosen[f.TEXT]).to_pylist()
    more = []
    for column in columns:
        if column.name in used or column.name.startswith(CONVERSATION_MARK):
            continue
        if f.match_name(column.name).get(f.TEXT, 0.0) < 0.6 or _confirm(f.TEXT, column, ReadOptions()) < 0.6:
            continue
        other = text_column(table, column.name).to_pylist()
        if any(b and b.strip() and not (a and a.strip()) for a, b in zip(first, other, strict=True)):
            more.append(column.name)
    return tuple(more)
