"""A page's conversations with a click, by their last click. One that has just ended may still be among them."""

from collections.abc import AsyncIterator
from typing import Any

from actors import keys
from actors.connect import store_errors
from actors.scripts import Store

AT_ONCE = 500
"""Conversations read in one round trip when all are gone through."""


class PageConversations:
    """Reads over the pages' conversations. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store

    async def count(self, page_id: str) -> int:
        """Return how many conversations with a click the page has."""
        with store_errors():
            number: int = await self._store.zcard(keys.page_conversations(page_id))
        return number

    async def newest(self, page_id: str, offset: int, limit: int) -> tuple[tuple[str, int], ...]:
        """Return psid and last click (ms, UTC), newest first, after the first `offset` of them."""
        with store_errors():
            found: list[tuple[bytes, float]] = await self._store.zrevrange(
                keys.page_conversations(page_id), offset, offset + limit - 1, withscores=True
            )
        return tuple((psid.decode(), int(at)) for psid, at in found)

    async def since(self, page_id: str, at: int) -> AsyncIterator[tuple[str, int]]:
        """Go through all whose last click was at `at` (ms, UTC) or later, oldest first.

        None is left out; a conversation that is clicked meanwhile comes again.
        """
        passed = 0  # of those whose last click was exactly at `at`
        while True:
            with store_errors():
                found: list[tuple[bytes, float]] = await self._store.zrangebyscore(
                    keys.page_conversations(page_id), at, "+inf", start=passed, num=AT_ONCE, withscores=True
                )
            for psid, clicked_at in found:
                passed = passed + 1 if int(clicked_at) == at else 1
                at = int(clicked_at)
                yield psid.decode(), at
            if len(found) < AT_ONCE:
                return
