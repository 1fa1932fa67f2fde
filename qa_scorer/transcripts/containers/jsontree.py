"""Nested JSON taken apart: where the messages are in it, and one flat row for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qa_scorer.transcripts import fields as f
from qa_scorer.transcripts.raw import CONVERSATION_MARK, PARENT

EACH = "*"

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
            if objects and lists:
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
    return None if best is None else best[2]


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
    conversations = [value for value in document.values() if isinstance(value, Mapping | list)]
    paths = {find_messages(value) for value in conversations}
    if len(conversations) < 2 or len(conversations) < len(document) or len(paths) != 1 or None in paths:
        yield document
        return
    for key, value in document.items():
        yield {"id": key, "messages": value} if isinstance(value, list) else {"id": key, **value}


def explode(record: Any, path: Path, number: int) -> Iterator[dict[str, str | None]]:
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
        yield row


_Parents = tuple[tuple[list[int], dict[str, str | None]], ...]


def _walk(node: Any, path: Path, parents: _Parents) -> Iterator[tuple[_Parents, Mapping[str, Any]]]:
    if not path:
        for element in node if isinstance(node, list) else ():
            if isinstance(element, Mapping):
                yield parents, element
        return
    key, rest = path[0], path[1:]
    if key == EACH:
        for element in node if isinstance(node, list) else ():
            yield from _walk(element, rest, parents)
    elif isinstance(node, Mapping) and key in node:
        outer = parents[-1][1] if parents else {}
        own = {CONVERSATION_MARK + name: text for name, text in flatten(node, frozenset({key}), lists=False).items()}
        yield from _walk(node[key], rest, (*parents, ([], {**outer, **own})))
