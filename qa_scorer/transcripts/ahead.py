"""Work that is done while other work goes on: Arrow and numpy leave the processor's other cores free."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, the next one made while this one is used, the first one at once."""
    background = ThreadPoolExecutor(1)
    return _one_after_another(background, background.submit(next, items, None), items)


def _one_after_another(background: ThreadPoolExecutor, coming: Future[T | None], items: Iterator[T]) -> Iterator[T]:
    with background:
        while (item := coming.result()) is not None:
            coming = background.submit(next, items, None)
            yield item
