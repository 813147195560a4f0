"""Pushes of orders over real HTTP and a real Redis: many at once, and whose order it is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, TCPConnector

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
