"""The sender joined with the way to TikTok."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar

from actors.bucket import Limiter, Rate
from actors.claims import Claims
from actors.delivery_turn import POST_MS, Tools
from actors.sender import Sender
from actors.store_clock import StoreClock
from gateway.parts import Parts
from gateway.tiktok import TikTokChannel
from rules.times import SECOND_MS


@asynccontextmanager
async def open_sender(parts: Parts) -> AsyncIterator[Sender]:
    """Give a sender that is ready to run, with its HTTP session, which ends with the block."""
    settings = parts.settings
    clock = StoreClock(parts.store)
    rate = Rate(settings.tiktok_events_per_second, settings.tiktok_events_burst)
    # No cookies: what TikTok sets for one advertiser is nothing to the others.
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield Sender(
            Tools(
                claims=Claims(parts.store, clock, pulse=parts.pulse),
                clock=clock,
                channel=TikTokChannel(
                    session,
                    settings.wire_profile,
                    api_url=settings.tiktok_api_url,
                    decrypt=parts.vault.decrypt,
                    timeout_s=POST_MS / SECOND_MS,
                ),
                # TikTok names no limit for one advertiser; its bucket is there to be slowed down when TikTok says so.
                limiter=Limiter(parts.store, app=rate, advertiser=rate),
                pulse=parts.pulse,
            )
        )
