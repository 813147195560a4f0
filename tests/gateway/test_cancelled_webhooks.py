"""F14: a webhook cancelled at each of its suspensions, out of time or left by its sender, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway import webhooks
from gateway.intake import Intake
from gateway.parts import Parts, compose
from gateway.webhooks import Webhooks
from rules.facts import ConversationId
from rules.times import utc
from tests.actors.conversing import CONNECTION
from tests.cancelling import Cut, every_cut, expect_sane
from tests.gateway.web import (
    PAGE,
    PSID,
    Client,
    click,
    client_of,
    message,
    messenger_body,
    messenger_signature,
    now_ms,
    order_body,
    order_headers,
    post_order,
    settings,
)
from tests.proxy import Proxy, proxy_to
from tests.stores import Store
from tests.waiting import eventually

CUSTOMER = ConversationId(PAGE, PSID)
MESSENGER, HARASOCIAL = "/webhooks/messenger", "/webhooks/harasocial"
NEVER = Cut(0, late=False)
HUNG_UP = 499


class Door:
    """The webhooks of one process, and what is in flight there."""

    def __init__(self, parts: Parts, proxy: Proxy) -> None:
        self.parts = parts
        self.store: Store = parts.store
        self.proxy = proxy
        self.intake = Intake()
        self.cut = NEVER
        self.client: Client
        self._bodies = {MESSENGER: messenger_body(click(), message("m-1")), HARASOCIAL: order_body()}
        self._parked = order_body(linked=False, confirmed_status="confirmed", confirmed_at=utc(now_ms()))

    def app(self) -> web.Application:
        """Build an application that cancels its handlers as `cut` says."""
        app = web.Application(middlewares=[self._cutting()])
        Webhooks(self.parts, self.intake).add_routes(app)
        return app

    def _cutting(self) -> Middleware:
        @web.middleware
        async def cutting(request: web.Request, handler: Handler) -> web.StreamResponse:
            answers: list[web.StreamResponse] = []

            async def answer() -> None:
                answers.append(await handler(request))

            await self.cut.through(answer())
            return answers[0] if answers else web.Response(status=HUNG_UP)

        return cutting

    async def begin(self) -> None:
        """Know nothing but the page's connection, and the order's confirmation: a push without a conversation."""
        self.cut = NEVER
        await self.store.flushall()
        await self.parts.connections.put(CONNECTION, now_ms())
        assert await post_order(self.client, self._parked) == 200

    async def post(self, path: str) -> int:
        """Send a signed webhook in two parts, so that it is waited for; return the status."""
        body = self._bodies[path]
        headers = messenger_signature(body) if path == MESSENGER else order_headers(body)
        async with self.client.post(path, data=_in_parts(body), headers=headers) as answer:
            return answer.status

    async def send(self, bytes_sent: int | None) -> asyncio.StreamWriter:
        """Send so much of the body of Messenger's webhook, None is all; return the connection."""
        body = self._bodies[MESSENGER]
        headers = {"Host": "x", "Content-Length": len(body)} | messenger_signature(body)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        _, writer = await asyncio.open_connection(self.client.server.host, self.client.server.port)
        writer.write(f"POST {MESSENGER} HTTP/1.1\r\n{head}\r\n".encode() + body[:bytes_sent])
        return writer

    async def expect_at_rest(self) -> None:
        """See that nothing is in flight any more, and that the store's client is sane."""
        await eventually(lambda: self.intake.requests == 0)
        await self.cut.at_rest()
        await expect_sane(self.store)

    async def expect_all_taken_in(self, path: str) -> None:
        """Send it again, as its sender does, and see that it counts once."""
        self.cut = NEVER
        assert [await self.post(MESSENGER), await self.post(path)] == [200, 200]
        state = await self.parts.views.conversation(CUSTOMER)
        assert state is not None
        assert [each.from_customer for each in state.clicks] == [1]
        if path == HARASOCIAL:
            assert [each.confirmed_at is not None for each in state.orders] == [True]
            assert not [key async for key in self.store.scan_iter("unlinked:*")]


async def _in_parts(body: bytes) -> AsyncIterator[bytes]:
    yield body[:10]
    await asyncio.sleep(0.001)
    yield body[10:]


@pytest.fixture
async def door(real_redis_url: str) -> AsyncIterator[Door]:
    """Serve the webhooks, some turns of the loop away from Redis."""
    async with proxy_to(real_redis_url) as (proxy, url):
        parts = compose(settings(REDIS_URL=url))
        door = Door(parts, proxy)
        async with parts.store, client_of(door.app()) as door.client:
            yield door


@pytest.mark.parametrize("path", [MESSENGER, HARASOCIAL])
async def test_a_webhook_that_is_cancelled_anywhere_gives_back_its_place_and_counts_once(door: Door, path: str) -> None:
    """Cancelled while it is read it has no answer; later it is out of time, which is 503."""
    answers = set()
    for cut in every_cut():
        await door.begin()
        door.cut = cut
        answers.add(await door.post(path))
        await door.expect_at_rest()
        await door.expect_all_taken_in(path)
    assert answers == {HUNG_UP, 503, 200}


@pytest.mark.parametrize("path", [MESSENGER, HARASOCIAL])
async def test_a_webhook_that_takes_too_long_is_503_and_counts_once(
    door: Door, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.begin()
    monkeypatch.setattr(webhooks, "COMMIT_S", 0.05)
    door.proxy.delay_s = 0.2
    assert await door.post(path) == 503
    door.proxy.delay_s = 0
    monkeypatch.undo()
    await door.expect_at_rest()
    await door.expect_all_taken_in(path)


@pytest.mark.parametrize("bytes_sent", [0, 1, None], ids=["the head", "a byte", "all"])
async def test_whoever_hangs_up_gives_back_their_place(door: Door, bytes_sent: int | None) -> None:
    await door.begin()
    door.proxy.delay_s = 1
    sent = [await door.send(bytes_sent) for _ in range(20)]
    await eventually(lambda: (door.intake.requests if bytes_sent is None else door.intake.arriving) == len(sent))
    for each in sent:
        each.transport.abort()
    await door.expect_at_rest()
    door.proxy.delay_s = 0
    await door.expect_all_taken_in(MESSENGER)
