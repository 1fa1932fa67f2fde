"""Nested JSON taken apart: where the messages are in it, and one flat row for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pyarrow as pa

from qa_scorer.late import late
from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.columns import find_columns
from qa_scorer.transcripts.options import ReadOptions
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT
from qa_scorer.transcripts.roles import role_of_account, role_of_word
from qa_scorer.transcripts.titles import agent_in_title

EACH = "*"
_MANY_KEYS = 30
SPEAKER, TEXT = "speaker", "text"
_SPOKEN = late(
    r"(dialog|conversation|turn|utterance|history|message|chat|session|transcript|对话|会话|聊天|记录)", re.IGNORECASE
)
_HEAD = late(r"^\s*[\[【]?(?P<speaker>[^\s:：\[\]【】]{1,20})[\]】]?\s*[:：]\s*(?P<text>.*)$", re.DOTALL)

_PEOPLE = late(
    r"^(?:users|participants|members|people|agents|customers|visitors|contacts|staffs?|persons|authors|成员|参与者|用户)$",
    re.IGNORECASE,
)
_IDS, _CALLED = (
    ("id", "userId", "user_id", "uid", "participantId"),
    ("name", "displayName", "display_name", "nickName", "nickname", "realName", "real_name", "email"),
)
_TYPES = ("type", "role", "userType", "user_type", "kind")
_ID_END = late(r"[_.]?id$", re.IGNORECASE)
_SURE = 0.6

Path = tuple[str, ...]


def flatten(value: Mapping[str, Any], skip: frozenset[str] = frozenset(), lists: bool = True) -> dict[str, str | None]:
    """Nested objects -> dotted names; lists are joined. ``skip`` names keys to leave out, ``lists`` keeps lists of
    objects."""
    out: dict[str, str | None] = {}
    for key, item in value.items():
        if key in skip:
            continue
        if isinstance(item, Mapping):
            for inner, text in flatten(item, lists=lists).items():
                out[f"{key}.{inner}"] = text
        elif isinstance(item, list):
            objects = [element for element in item if isinstance(element, Mapping)]
            if objects and any(isinstance(element, str) for element in item):
                out[key] = "".join(_words(element) for element in item)  # rich text in pieces
            elif objects and lists:
                for element in objects:
                    for inner, text in flatten(element).items():
                        name = f"{key}.{inner}"
                        out[name] = text if not out.get(name) else f"{out[name]}\n{text}" if text else out[name]
            elif not objects:
                out[key] = ",".join(_text(element) or "" for element in item) or None
        else:
            out[key] = _text(item)
    return out


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _words(piece: Any) -> str:
    """The text of a piece of rich text, which is text or an object around it."""
    return str(piece.get("text") or piece.get("content") or "") if isinstance(piece, Mapping) else str(piece)


def is_flat(record: Any) -> bool:
    """Whether a record is one row already: no lists in it."""
    if not isinstance(record, Mapping):
        return False
    return all(
        not isinstance(item, list) and (not isinstance(item, Mapping) or is_flat(item)) for item in record.values()
    )


def find_messages(record: Any) -> Path | None:
    """The path to the list whose elements look most like messages, or None. The path holds keys and ``*``."""
    best: tuple[float, int, Path] | None = None
    for path, elements in _lists(record, ()):
        score = _message_likeness(elements)
        if score > 0 and (best is None or (score, len(path)) > best[:2]):
            best = (score, len(path), path)
    if best is not None:
        return best[2]
    spoken = spoken_lists(record, ())
    return _by_values(record) if spoken is None else spoken


def _by_values(record: Any) -> Path | None:
    """The path to a list whose objects hold texts and tell who speaks by their values, whatever their keys."""
    for path, elements in _lists(record, ()):
        rows = [flatten(element, lists=False) for element in elements]
        names = list(dict.fromkeys(name for row in rows for name in row))
        if len(rows) > 1 and 1 < len(names) <= _MANY_KEYS:
            table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
            found = find_columns(table, ReadOptions())
            if found.get(f.TEXT) and (found.get(f.ROLE) or found.get(f.SENDER)):
                return path
    return None


def spoken_lists(node: Any, path: Path) -> Path | None:
    """The path to a list of texts, or of (speaker, text) pairs, under a name that says dialogue, or None."""
    if isinstance(node, Mapping):
        found = (spoken_lists(item, (*path, key)) for key, item in node.items() if isinstance(item, Mapping | list))
        return next((inner for inner in found if inner is not None), None)
    if not isinstance(node, list) or len(node) < 2:
        return None
    if path and not (_SPOKEN.search(path[-1]) or f.match_name(path[-1]).get(f.TEXT, 0.0) >= 0.6):
        return None
    return path if all(isinstance(item, str) or _is_pair(item) for item in node) else None


def _is_pair(item: Any) -> bool:
    """Whether an element is a speaker and a text: ``["user", "…"]`` or ``{"客服": "…"}``."""
    if isinstance(item, Mapping):
        return len(item) == 1 and all(
            role_of_word(key) is not None and isinstance(text, str) for key, text in item.items()
        )
    return isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)


def spoken_rows(items: list[Any]) -> list[dict[str, str]]:
    """A list of texts as messages: who speaks is said before each text (``客服：…``, ``["user", "…"]``), else the
    speakers take turns, the customer first."""
    if all(_is_pair(item) for item in items):
        pairs = [next(iter(item.items())) if isinstance(item, Mapping) else item for item in items]
        return [{SPEAKER: speaker, TEXT: text} for speaker, text in pairs]
    texts = [item if isinstance(item, str) else "\n".join(item) for item in items]
    heads = [_HEAD.match(text) for text in texts]
    said = [
        head
        for head in heads
        if head and (role_of_word(head["speaker"]) or role_of_account(head["speaker"])) is not None
    ]
    if 2 * len(said) >= len(texts):
        return [
            {SPEAKER: head["speaker"], TEXT: head["text"]} if head else {TEXT: text}
            for head, text in zip(heads, texts, strict=True)
        ]
    return [{SPEAKER: ("customer", "agent")[turn % 2], TEXT: text} for turn, text in enumerate(texts)]


def _lists(node: Any, path: Path) -> Iterator[tuple[Path, list[Mapping[str, Any]]]]:
    if isinstance(node, Mapping):
        for key, item in node.items():
            if isinstance(item, Mapping | list):
                yield from _lists(item, (*path, key))
    elif isinstance(node, list):
        objects = [element for element in node if isinstance(element, Mapping)]
        if objects:
            yield path, objects[:20]
            for element in objects[:5]:
                yield from _lists(element, (*path, EACH))


def _message_likeness(elements: list[Mapping[str, Any]]) -> float:
    """0 for a list that cannot hold messages; more, the better its keys fit (text, speaker, time)."""
    names = {name for element in elements for name in flatten(element, lists=not _deep(element))}
    best: dict[str, float] = {}
    for name in names:
        for field, score in f.match_name(name).items():
            best[field] = max(best.get(field, 0.0), score)
    text, speaker, time = (
        best.get(f.TEXT, 0.0),
        max(best.get(f.ROLE, 0.0), best.get(f.SENDER, 0.0)),
        best.get(f.TIME, 0.0),
    )
    if text < 0.5 or max(speaker, time) < 0.5:
        return 0.0
    return round(text + speaker + time, 1)


def _deep(element: Mapping[str, Any]) -> bool:
    """Whether an element holds a list of messages itself."""
    return any(
        isinstance(item, list) and item and isinstance(item[0], Mapping) and _message_likeness(item[:5]) > 0
        for item in element.values()
    )


def split_by_id(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A document whose keys are ids and whose values are conversations, one by one; any other document as it is."""
    keyed = list(_by_keys(document, ()))
    if keyed and all(len(keys) > 1 for keys, _ in keyed) and _alike([messages for _, messages in keyed]):
        for keys, messages in keyed:
            agents = [key for key in keys if agent_in_title(key) == key]
            yield {"id": "/".join(keys), **({"agent": agents[0]} if agents else {}), "messages": messages}
        return
    conversations = [value for value in document.values() if isinstance(value, Mapping | list)]
    paths = {find_messages(value) for value in conversations}
    if len(conversations) < 2 or len(conversations) < len(document) or len(paths) != 1 or None in paths:
        yield document
        return
    for key, value in document.items():
        yield {"id": key, "messages": value} if isinstance(value, list) else {"id": key, **value}


def _by_keys(node: Any, keys: Path) -> Iterator[tuple[Path, list[Any]]]:
    """The lists of messages of a tree whose keys are names or numbers all the way down, with these; nothing for a tree
    that holds anything else."""
    if isinstance(node, list):
        if node and all(isinstance(element, Mapping) for element in node):
            yield keys, node
        return
    if not isinstance(node, Mapping) or not node or any(f.match_name(key) for key in node):
        return
    below = [list(_by_keys(item, (*keys, key))) for key, item in node.items()]
    if all(below):
        for found in below:
            yield from found


def _alike(lists: list[list[Any]]) -> bool:
    """Whether all lists hold messages of one make."""
    return len({frozenset(found[0]) for found in lists}) == 1 and find_messages([*chain(*lists)]) == ()


def messages_beside(record: Any, path: Path) -> list[Path]:
    """The other lists of a record that hold messages of the same make as those under ``path``, none of them read yet."""
    lists = list(_lists(record, ()))
    own = next((elements for found, elements in lists if found == path), None)
    if own is None or EACH in path:
        return []
    seen = [own]
    beside: list[Path] = []
    for found, elements in lists:
        if found != path and EACH not in found and set(elements[0]) == set(own[0]) and elements not in seen:
            seen.append(elements)
            beside.append(found)
    return beside


def explode(record: Any, path: Path, number: int | str) -> Iterator[dict[str, str | None]]:
    """The messages under ``path`` as flat rows, with what stands around them as columns marked with ``@``."""
    counter = 0
    for parents, element in _walk(record, path, ()):
        inherited = parents[-1][1] if parents else {}
        if parents and not parents[-1][0]:
            counter += 1
            parents[-1][0].append(counter)
        row = dict(inherited)
        row[PARENT] = f"{number}" if not parents or parents[-1][0] == [1] else f"{number}.{parents[-1][0][0]}"
        row.update(flatten(element))
        if parents and parents[-1][2]:
            row.update(_introduced(row, parents[-1][2]))
        yield row


def known_people(node: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """id -> name and type of those whom lists of an object such as ``users`` or ``participants`` introduce."""
    found: dict[str, dict[str, str]] = {}
    for key, item in node.items():
        if not isinstance(item, list) or not _PEOPLE.match(key):
            continue
        for person in item:
            known = flatten(person, lists=False) if isinstance(person, Mapping) else {}
            number, name, said = (
                next((known[key] for key in keys if known.get(key)), None) for keys in (_IDS, _CALLED, _TYPES)
            )
            if number is not None and name is not None:
                found[number] = {"name": name}
                words = (word for word in (said, key) if word is not None and role_of_word(word) is not None)
                found[number] |= {"type": word} if (word := next(words, None)) is not None else {}
    return found


def _introduced(row: Mapping[str, str | None], people: Mapping[str, Mapping[str, str]]) -> dict[str, str | None]:
    """``author.name`` and ``author.type`` where ``author_id`` is one of the ``people``, unless the row has them."""
    new: dict[str, str | None] = {}
    for name, value in row.items():
        if (
            value is not None
            and value in people
            and not name.startswith(CONVERSATION_MARK)
            and f.match_name(name).get(f.SENDER, 0.0) > _SURE
        ):
            stem = _ID_END.sub("", name) or name
            new |= {f"{stem}.{key}": said for key, said in people[value].items() if said and f"{stem}.{key}" not in row}
    return new


_Parents = tuple[tuple[list[int], dict[str, str | None], dict[str, dict[str, str]]], ...]
"""Of each object around: its number, what stands in it, and whom it and those around it introduce."""


def _walk(node: Any, path: Path, parents: _Parents) -> Iterator[tuple[_Parents, Mapping[str, Any]]]:
    if not path:
        elements = node if isinstance(node, list) else []
        if elements and (not any(isinstance(element, Mapping) for element in elements) or all(map(_is_pair, elements))):
            elements = spoken_rows(elements)
        for element in elements:
            if isinstance(element, Mapping):
                yield parents, element
        return
    key, rest = path[0], path[1:]
    if key == EACH:
        for element in node if isinstance(node, list) else ():
            yield from _walk(element, rest, parents)
    elif isinstance(node, Mapping) and key in node:
        outer, people = parents[-1][1:] if parents else ({}, {})
        own = {CONVERSATION_MARK + name: text for name, text in flatten(node, frozenset({key}), lists=False).items()}
        yield from _walk(node[key], rest, (*parents, ([], {**outer, **own}, {**people, **known_people(node)})))
