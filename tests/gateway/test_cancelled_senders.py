"""F14: a sender cancelled at each of its suspensions, on a real Redis, against TikTok's sandbox over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, TCPConnector
from msgspec.structs import replace

from actors import keys
from actors.bucket import Limiter
from actors.claims import Claims
from actors.connect import open_store
from actors.connections import Connections
from actors.delivery_turn import DeliveryTurn, Tools
from actors.sender import Pace, Sender
from actors.store_clock import StoreClock
from gateway.sandbox import Sandbox, Scripted
from gateway.tiktok import TikTokChannel
from gateway.wire_profile import load_wire_profile
from tests.actors.conversing import CONNECTION
from tests.actors.delivering import FAST, PAGE, fired, lease_ends, now_ms, row
from tests.cancelling import every_cut, expect_sane
from tests.gateway.wire import EVENT_SET, TOKEN
from tests.proxy import proxy_to
from tests.stores import Store
from tests.waiting import eventually

BRISK = Pace(idle_s=0.01, longest_backoff_s=0.05, drain_s=5)
BAD_ITEM = Scripted("code", 40002)


class Outbox:
    """A page's events, and senders for them."""

    def __init__(self, store: Store, http: ClientSession, tiktok_url: str, sandbox: Sandbox) -> None:
        self.store = store
        self.sandbox = sandbox
        self._channel = TikTokChannel(http, load_wire_profile(None), api_url=tiktok_url, decrypt=str, timeout_s=6)
        self._event_ids: list[str] = []

    async def fill(self) -> None:
        """Let three events wait, and nothing be at TikTok, which will find something bad in its first request."""
        await self.store.flushall()
        connection = replace(CONNECTION, access_token=TOKEN, event_set_id=EVENT_SET)
        await Connections(self.store).put(connection, now_ms())
        self._event_ids = await fired(self.store, 3)
        self.sandbox.reset()
        self.sandbox.script(BAD_ITEM)

    def tools(self) -> Tools:
        """Return what a sender works with."""
        clock = StoreClock(self.store, time.time)
        return Tools(
            claims=Claims(self.store, clock),
            clock=clock,
            channel=self._channel,
            limiter=Limiter(self.store, FAST, FAST),
        )

    async def turn(self) -> None:
        """Let a sender take one turn."""
        tools = self.tools()
        await tools.clock.refresh()
        await DeliveryTurn(tools, await tools.claims.claim(PAGE), lambda: False).run()

    async def expect_all_delivered_by_another(self) -> None:
        """See that once leases have ended another sender brings about what was to be: all sent, each under one id."""
        waiting = [event_id.decode() for event_id in await self.store.zrange(keys.outbox(PAGE), 0, -1)]
        if waiting:
            await lease_ends(self.store, *waiting)
            await self.turn()
        assert sorted(str(each.event_id) for each in self.sandbox.accepted) == self._event_ids
        assert {(await row(self.store, event_id))["status"] for event_id in self._event_ids} == {"sent"}
        assert not await self.store.exists(keys.outbox(PAGE))

    @property
    def is_delivered(self) -> bool:
        """Whether TikTok has them all."""
        return len(self.sandbox.accepted) == len(self._event_ids)


@pytest.fixture
async def outbox(real_redis_url: str, tiktok_url: str, sandbox: Sandbox) -> AsyncIterator[Outbox]:
    """Give an outbox. There is one connection to TikTok: whoever does not give it back is noticed."""
    async with (
        proxy_to(real_redis_url) as (_, url),
        open_store(url) as store,
        ClientSession(connector=TCPConnector(limit=1)) as http,
    ):
        yield Outbox(store, http, tiktok_url, sandbox)


async def test_a_turn_that_is_cancelled_anywhere_is_ended_by_another_sender(outbox: Outbox) -> None:
    """With a batch that is halved: three requests, and what is settled after each."""
    for cut in every_cut():
        await outbox.fill()
        await cut.through(outbox.turn())
        await cut.at_rest()
        await expect_sane(outbox.store)
        await outbox.expect_all_delivered_by_another()


async def test_a_sender_that_is_cancelled_anywhere_loses_nothing(outbox: Outbox) -> None:
    """What was under way comes to its end, the rest is another's."""
    for cut in every_cut():
        await outbox.fill()
        sender = Sender(outbox.tools(), BRISK)
        stopping = asyncio.create_task(_stop_once_delivered(sender, outbox))
        await cut.through(sender.run())
        await cut.at_rest()
        stopping.cancel()
        await expect_sane(outbox.store)
        await outbox.expect_all_delivered_by_another()


async def _stop_once_delivered(sender: Sender, outbox: Outbox) -> None:
    await eventually(lambda: outbox.is_delivered)
    sender.stop()
