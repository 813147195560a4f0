"""A page's message event set: found, or made exactly once, whatever is clicked twice or times out."""

import asyncio
import secrets
import time
from typing import Final

from msgspec import Struct

from actors.makings import Makings
from gateway.clock import now_ms
from gateway.tiktok_accounts import EventSet, TikTokAccounts, event_set_name
from gateway.tiktok_errors import TikTokError, Unavailable

PATIENCE_S: Final = 10.0
"""For so long whoever comes second waits for the first, in seconds."""

ASK_EVERY_S: Final = 0.1


class StillMaking(Exception):  # noqa: N818  names a state
    """TikTok was asked to make the event set, and nobody knows yet whether it did. Look again in a minute."""


class Place(Struct, frozen=True):
    """Whose event set: a page's, at an advertiser. `token` is in clear, for TikTok only."""

    page_id: str
    advertiser_id: str
    token: str


class EventSetMaker:
    """Gets or creates. Raises TikTokError, StillMaking, StoreUnavailable."""

    def __init__(self, accounts: TikTokAccounts, makings: Makings) -> None:
        """Join TikTok and the turns."""
        self._accounts = accounts
        self._makings = makings

    async def get_or_create(self, place: Place) -> EventSet:
        """Return the page's event set at the advertiser; make it where there is none."""
        maker, deadline = secrets.token_hex(8), time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            turn = await self._makings.begin(place.page_id, place.advertiser_id, maker, now_ms())
            if turn.event_set_id:
                return EventSet(turn.event_set_id, event_set_name(place.page_id))
            if turn.yours:
                return await self._take_turn(place, maker)
            await asyncio.sleep(ASK_EVERY_S)
        # The one before may have vanished after TikTok did as asked.
        found = await self._find(place)
        if found is None:
            raise StillMaking
        return found

    async def _take_turn(self, place: Place, maker: str) -> EventSet:
        try:
            event_set = await self._find(place)
        except TikTokError:
            await self._makings.give_up(place.page_id, place.advertiser_id, maker)
            raise
        if event_set is None:
            event_set = await self._create(place, maker)
        await self._makings.made(place.page_id, place.advertiser_id, maker, event_set.event_set_id)
        return event_set

    async def _create(self, place: Place, maker: str) -> EventSet:
        try:
            made = await self._accounts.create_event_set(place.token, place.advertiser_id, place.page_id)
        except TikTokError as error:
            if not (isinstance(error, Unavailable) and error.unsure):
                await self._makings.give_up(place.page_id, place.advertiser_id, maker)
                raise
            made = EventSet()
        # Made or not: TikTok knows. When it does not tell now, the turn lasts until the lease is over.
        found = made if made.event_set_id else await self._find(place)
        if found is None:
            raise StillMaking
        return found

    async def _find(self, place: Place) -> EventSet | None:
        sets = await self._accounts.event_sets(place.token, place.advertiser_id, place.page_id)
        return sets.found(event_set_name(place.page_id))
