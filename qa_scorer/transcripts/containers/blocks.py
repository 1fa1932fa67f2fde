"""Tables in blocks: rows between the messages say what holds for the messages below them.

``会话编号：…`` in a cell of its own, ``客服：…    客户：…`` in one cell, names beside their values, ``===== 会话 12 =====``, or the name
of an agent alone. What they say becomes columns that belong to the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_scorer.late import late
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.headers import find_header
from qa_scorer.transcripts.notations import heading_id
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, Log
from qa_scorer.transcripts.titles import agent_in_title

Row = Sequence[str | None]

_NAME = r"[^\s:：,，;；|\d][^\s:：,，;；|]{0,15}\s*[:：]"
_PAIR = late(
    rf"(?P<name>[^\s:：,，;；|]{{1,16}})\s*[:：]\s*(?P<value>.*?)(?=(?:\s{{2,}}|[,，;；|]\s*|(?<=[一-鿿])\s){_NAME}|\s*$)"
)
_SAID_OF_ALL = (f.CONVERSATION, f.AGENT, f.CUSTOMER, f.GROUP, f.CSAT, f.CHANNEL)
_SURE = 0.6
_LEAST_WIDTH = 3  # cells of a message; in narrower tables ``客服：您好`` is a message itself
_LONGEST = 60
_SPARE = ("会话", "客服")  # the names of what a heading says without naming it


def said_by(cells: Row) -> dict[str, str]:
    """name -> value when the row is a heading of the rows below, else nothing."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    if not filled:
        return {}
    if len(filled) == 1 and len(filled[0]) <= _LONGEST:
        conversation = heading_id(filled[0])
        if conversation is not None:
            return {_SPARE[0]: conversation}
        if filled[0] == agent_in_title(filled[0]):
            return {_SPARE[1]: filled[0]}
    pairs = _in_cells(filled)
    if len(filled) % 2 == 0 and not pairs:
        pairs = list(zip(filled[::2], filled[1::2], strict=True))
        if not any(f.CONVERSATION in _told(name) for name, _ in pairs):
            return {}
        if not all(_told(name) or f.match_name(name) for name, _ in pairs) or any(
            f.match_name(value) for _, value in pairs
        ):
            return {}
    return dict(pairs) if any(_told(name) for name, _ in pairs) else {}


def _in_cells(filled: list[str]) -> list[tuple[str, str]]:
    """The ``name：value`` pairs of cells that hold nothing else; none where a cell holds anything else."""
    pairs: list[tuple[str, str]] = []
    for cell in filled:
        found = list(_PAIR.finditer(cell))
        if not found or cell[: found[0].start()].strip() or max(len(pair["value"]) for pair in found) > _LONGEST:
            return []
        pairs += [(pair["name"], _value(pair["name"], pair["value"])) for pair in found]
    return [(name, value) for name, value in pairs if value]


def _value(name: str, value: str) -> str:
    """A title may go on behind an agent's name: ``客服：王晓云 聊天记录``."""
    bare = value.strip()
    return bare.split()[0] if bare and f.AGENT in _told(name) and "一" <= bare[0] <= "鿿" else bare


def _told(name: str) -> set[str]:
    scores = f.match_name(name)
    return {field for field in _SAID_OF_ALL if scores.get(field, 0.0) >= _SURE}


class Blocks:
    """The headings of one table. ``take`` is asked of every row in order; ``values`` is what the headings say by then."""

    def __init__(self, names: tuple[str, ...], header: tuple[str | None, ...] | None) -> None:
        self.names = tuple(CONVERSATION_MARK + name for name in names)
        self._plain = names
        self._header = header
        self._headed = False
        self._said: dict[str, str] = {}
        self._order: list[str] = []
        self._heads = False

    def afresh(self) -> Blocks:
        """The same headings from the first row on."""
        return Blocks(self._plain, self._header)

    def take(self, cells: Row, log: Log | None = None) -> bool:
        """Whether the row is no message but a heading, or the header again; these are counted as dropped."""
        if self._header is not None and _bare(cells) == self._header:
            if log is not None and self._headed:
                log.drop("header repeated")
            self._headed = True
            return True
        said = {name: value for name, value in said_by(cells).items() if name in self._plain}
        if not said:
            self._heads = False
            return False
        if not self._heads:
            self._begin(next(iter(said)))
        self._heads = True
        for name, value in said.items():
            self._said[name] = value
            if name not in self._order:
                self._order.append(name)
        if log is not None:
            log.drop("heading of the rows below")
        return True

    def _begin(self, first: str) -> None:
        """A heading that says again what one said before ends all that was said from there on."""
        if first in self._order:
            place = self._order.index(first)
            for name in self._order[place:]:
                self._said.pop(name, None)
            del self._order[place:]

    def values(self) -> list[str | None]:
        return [self._said.get(name) for name in self._plain]


def _bare(cells: Row) -> tuple[str | None, ...]:
    found = [cell.strip() or None if cell else None for cell in cells]
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def find_blocks(rows: Sequence[Row], options: ReadOptions) -> tuple[Blocks | None, int | None]:
    """The headings of a table by its first ``rows``, None where it has none, and the index of the header."""
    width = max((len(_bare(row)) for row in rows), default=0)
    heads = {index: said for index, row in enumerate(rows) if width >= _LEAST_WIDTH and (said := said_by(row))}
    messages = [row for index, row in enumerate(rows) if index not in heads]
    if not heads or 2 * len(heads) > len(rows) or not messages:
        return None, find_header(rows, options.header)
    header = find_header(messages, options.header)
    place = None if header is None else next(index for index, row in enumerate(rows) if row is messages[header])
    names = tuple(dict.fromkeys(name for said in heads.values() for name in said))
    return Blocks(names, None if place is None else _bare(rows[place])), place
