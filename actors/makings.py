"""Turns at making a page's event set at an advertiser: one maker at a time, over all processes.

TikTok has no idempotency key. Who does not know whether it made one keeps its turn until the lease is over.
"""

from typing import Final

from msgspec import Struct

from actors import keys
from actors.scripts import Script, Store
from rules.times import MINUTE_MS, SECOND_MS, utc

LEASE_MS: Final = 60 * SECOND_MS
"""For so long nobody else tries, when a maker vanished or does not know whether TikTok did as asked."""

REMEMBERED_MS: Final = 10 * MINUTE_MS
"""For so long what was made is known here, in case TikTok does not list it at once."""


class Turn(Struct, frozen=True):
    """Whether it is the maker's turn, and what was made lately ('': nothing)."""

    yours: bool
    event_set_id: str


class Makings:
    """The turns in Redis. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        self._begin = Script(store, "begin_making")
        self._end = Script(store, "end_making")

    async def begin(self, page_id: str, advertiser_id: str, maker: str, now: int) -> Turn:
        """Ask for a turn (`now` in ms, UTC). `maker` names who asks, differently each time."""
        making = keys.making(page_id, advertiser_id)
        yours, event_set_id = await self._begin([making], [maker, LEASE_MS, utc(now)])
        return Turn(yours == 1, event_set_id.decode())

    async def made(self, page_id: str, advertiser_id: str, maker: str, event_set_id: str) -> None:
        """Tell what was made, so that nobody makes another."""
        await self._end([keys.making(page_id, advertiser_id)], [maker, event_set_id, REMEMBERED_MS])

    async def give_up(self, page_id: str, advertiser_id: str, maker: str) -> None:
        """End the turn with nothing made, for certain."""
        await self._end([keys.making(page_id, advertiser_id)], [maker, "", 0])
