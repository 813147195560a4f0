"""TikTok's account endpoints as a part of the web process: at hand for the pages, all processes under one limit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from aiohttp import ClientSession, DummyCookieJar, web

from actors import keys
from actors.bucket import Bucket, Rate
from actors.makings import Makings
from gateway.event_sets import EventSetMaker
from gateway.parts import PARTS
from gateway.tiktok_accounts import TikTokAccounts
from gateway.tiktok_errors import Throttled
from rules.delivery import Reply
from rules.times import SECOND_MS

MANAGEMENT_RATE: Final = Rate(per_second=8, burst=8)
"""Below the 10 calls a second that TikTok allows an app at its lowest tier."""

LONGEST_WAIT_MS: Final = 4_000

ACCOUNTS: Final = web.AppKey("ACCOUNTS", TikTokAccounts)
EVENT_SET_MAKER: Final = web.AppKey("EVENT_SET_MAKER", EventSetMaker)


async def authorising(app: web.Application) -> AsyncIterator[None]:
    """Keep a way to TikTok's account endpoints open as long as the application runs."""
    parts = app[PARTS]
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        accounts = TikTokAccounts(http, parts.settings, turns(Bucket(parts.store, MANAGEMENT_RATE)))
        app[ACCOUNTS] = accounts
        app[EVENT_SET_MAKER] = EventSetMaker(accounts, Makings(parts.store))
        yield


def turns(bucket: Bucket) -> Callable[[], Awaitable[None]]:
    """Make what waits for leave to make one call, and raises Throttled when that would take too long."""

    async def turn() -> None:
        grant = await bucket.take(keys.MANAGEMENT_BUCKET, LONGEST_WAIT_MS)
        if not grant.granted:
            raise Throttled(Reply("not_sent", message="our own limit of calls"))
        await asyncio.sleep(grant.wait_ms / SECOND_MS)

    return turn
