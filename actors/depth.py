"""How much waits: per page, or over all pages, without looking through the keyspace."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from actors import keys
from actors.asking import ask_all, replies_of
from actors.scripts import Store

MOST_PAGES = 200
"""Pages of one partition that are looked at, those with the earliest work first."""

LOOKED_AT = 100
"""Events of one page among which the oldest is looked for: those with the earliest attempts."""


class Depth(Struct, frozen=True):
    """What waits on a page, when the oldest of it fired (ms, UTC), and how many events were given up."""

    page_id: str
    waiting: int
    oldest_fired_at: int | None
    dead: int


class Depths:
    """Reads over the outboxes. Every method raises StoreUnavailable when Redis is away.

    A key of another type counts as empty; the sender that cannot claim from it logs `claim.failed`.
    """

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        self._store = store

    async def page(self, page_id: str) -> Depth:
        """Return one page's depth."""
        return (await self._depths([page_id]))[0]

    async def all_pages(self) -> tuple[Depth, ...]:
        """Return the depth of every page that has something waiting or dead, the fullest first."""
        found: list[list[bytes] | None] = await ask_all(self._store, _ask_for_pages)
        pages = {page.decode() for some in found for page in some or ()}
        depths = await self._depths(sorted(pages))
        return tuple(sorted(depths, key=lambda depth: -depth.waiting))

    async def _depths(self, pages: Sequence[str]) -> list[Depth]:
        pipeline: Any = self._store.pipeline(transaction=False)
        for page in pages:
            pipeline.zcard(keys.outbox(page))
            pipeline.zcard(keys.dead(page))
            pipeline.zrange(keys.outbox(page), 0, LOOKED_AT - 1)
        found = await replies_of(pipeline)
        waiting, dead, heads = found[::3], found[1::3], found[2::3]
        oldest = await self._oldest([(page, head or []) for page, head in zip(pages, heads, strict=True)])
        return [
            Depth(page, waits or 0, fired_at, given_up or 0)
            for page, waits, fired_at, given_up in zip(pages, waiting, oldest, dead, strict=True)
        ]

    async def _oldest(self, heads: list[tuple[str, list[bytes]]]) -> list[int | None]:
        pipeline: Any = self._store.pipeline(transaction=False)
        for page, event_ids in heads:
            for event_id in event_ids:
                pipeline.hget(keys.event(page, event_id.decode()), "fired_at")
        answers: Iterator[bytes | None] = iter(await replies_of(pipeline))
        times = [[next(answers) for _ in event_ids] for _, event_ids in heads]
        # A row that somebody damaged has no time; its sender gives it up.
        return [min((int(at) for at in some if at is not None and at.isdigit()), default=None) for some in times]


def _ask_for_pages(pipeline: Any, number: int) -> None:  # noqa: ANN401  redis-py has no one type for its pipelines
    pipeline.zrange(keys.due(number), 0, MOST_PAGES - 1)
    pipeline.zrevrange(keys.buried(number), 0, MOST_PAGES - 1)
