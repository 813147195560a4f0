"""Pushes of orders over real HTTP and a real Redis: many at once, and whose order it is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, TCPConnector
from redis.asyncio import Redis

from actors import keys
from tests.gateway import web
from tests.gateway.web import Client

BURST = 400
"""Several times as many as there are connections to Redis in the pool."""


@pytest.fixture
async def client(real_redis_url: str) -> AsyncIterator[Client]:
    """Serve the whole application over the session's redis-server."""
    async with web.web(REDIS_URL=real_redis_url) as client:
        yield client


async def statuses_of(client: Client, bodies: list[bytes]) -> Counter[int]:
    """Push orders at the same moment, each over a connection of its own."""
    async with ClientSession(connector=TCPConnector(limit=0)) as shop:

        async def push(body: bytes) -> int:
            url = client.make_url("/webhooks/harasocial")
            async with shop.post(url, data=body, headers=web.order_headers(body)) as answer:
                return answer.status

        return Counter(await asyncio.gather(*map(push, bodies)))


@pytest.mark.parametrize("linked", [True, False])
async def test_a_burst_of_pushes_is_taken_in(client: Client, *, linked: bool) -> None:
    """Links, parked pushes, those let go and commits share a few connections."""
    for each_linked in (linked, True):
        bodies = [web.order_body(number, linked=each_linked, psid=f"c-{number}") for number in range(BURST)]
        assert await statuses_of(client, bodies) == {200: BURST}


async def test_an_order_pushed_with_two_conversations_fires_once_in_the_first(
    client: Client, real_redis_url: str
) -> None:
    """Once per order, whoever is said to have bought; later news of it goes to the first one, too."""
    for psid in ("A", "B"):
        item = web.click() | {"sender": {"id": psid}}
        assert await web.post_messenger(client, web.messenger_body(item)) == 200
    for psid, status in (("A", "unconfirmed"), ("B", "unconfirmed"), ("B", "confirmed")):
        assert await web.post_order(client, web.order_body(7, psid=psid, confirmed_status=status)) == 200
    async with Redis.from_url(real_redis_url, decode_responses=True) as redis:
        rows = [await redis.hmget(key, ["event", "psid"]) for key in await redis.keys("event:*")]
        assert sorted(rows) == [["CompletePayment", "A"], ["InitiateCheckout", "A"]]
        assert await redis.hget(keys.order("200000000001", "7"), "psid") == "A"
