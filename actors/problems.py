"""Problems: failures that are the same, told once, with the events and pages that are in them now.

An event is in one problem at a time, from its first failure of that kind until it is sent, fails otherwise, or leaves
the log after 30 days. `lua/settle.lua` files it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from actors import keys
from actors.asking import ask_all, replies_of
from actors.connect import store_errors
from actors.scripts import Store
from actors.views import PAGE, EventRow, Views

MOST_PAGES = 200
"""Problems of pages of one partition that are looked at, those seen last first."""


class PageProblem(Struct, frozen=True):
    """One page's share of a problem: how many events, since when and when last (ms, UTC), and the newest of them."""

    page_id: str
    events: int
    first_seen: int
    last_seen: int
    sample: EventRow | None


class Problem(Struct, frozen=True):
    """One way to fail, by its name (`rules.codes`), over all pages, those that failed last first. Times are ms, UTC."""

    name: str
    events: int
    first_seen: int
    last_seen: int
    pages: tuple[PageProblem, ...]


class Problems:
    """Reads over the problems. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._views = Views(store)

    async def all(self) -> tuple[Problem, ...]:
        """Return every problem, the one seen last first."""
        listed = await self._listed()
        by_name: defaultdict[str, list[PageProblem]] = defaultdict(list)
        for (_, name, _), page in zip(listed, await self._pages(listed), strict=True):
            if page.events:
                by_name[name].append(page)
        found = (_problem(name, pages) for name, pages in by_name.items())
        return tuple(sorted(found, key=lambda each: -each.last_seen))

    async def events(self, page_id: str, name: str, offset: int = 0, limit: int = PAGE) -> tuple[EventRow, ...]:
        """Return a page's events that are in a problem, the newest failures first."""
        with store_errors():
            ids = await self._store.zrevrange(keys.problem(page_id, name), offset, offset + limit - 1)
        rows = await self._views.rows(page_id, [event_id.decode() for event_id in ids])
        return tuple(row for row in rows if row is not None)

    async def _listed(self) -> list[tuple[str, str, int]]:
        """Return page ids, each with the name of a problem that it has, and when that was last seen."""
        found: list[tuple[str, str, int]] = []
        for entries in await ask_all(
            self._store,
            lambda pipeline, number: pipeline.zrevrange(keys.problems(number), 0, MOST_PAGES - 1, withscores=True),
        ):
            for text, last_seen in entries or ():
                page_id, name = msgspec.json.decode(text, type=tuple[str, str])
                found.append((page_id, name, int(last_seen)))
        return found

    async def _pages(self, listed: Sequence[tuple[str, str, int]]) -> list[PageProblem]:
        pipeline = self._store.pipeline(transaction=False)
        for page_id, name, _ in listed:
            key = keys.problem(page_id, name)
            pipeline.zcard(key)
            pipeline.zrange(key, 0, 0, withscores=True)
            pipeline.zrange(key, -1, -1)
        replies = await replies_of(pipeline)
        newest = [each[0].decode() if each else "" for each in replies[2::3]]
        rows = await self._views.rows_of(
            [(page_id, event_id) for (page_id, _, _), event_id in zip(listed, newest, strict=True)]
        )
        return [
            PageProblem(page_id, events or 0, int(first[0][1]) if first else 0, last_seen, row)
            for (page_id, _, last_seen), events, first, row in zip(
                listed, replies[::3], replies[1::3], rows, strict=True
            )
        ]


def _problem(name: str, pages: list[PageProblem]) -> Problem:
    return Problem(
        name=name,
        events=sum(page.events for page in pages),
        first_seen=min(page.first_seen for page in pages),
        last_seen=max(page.last_seen for page in pages),
        pages=tuple(sorted(pages, key=lambda page: -page.last_seen)),
    )
