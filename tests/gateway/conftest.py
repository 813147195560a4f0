"""A loopback TikTok for the tests of this package."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from gateway.sandbox import API_PATH, Account, Sandbox, make_sandbox
from tests.gateway.service import Service, serve
from tests.gateway.wire import EVENT_SET, TOKEN


@pytest.fixture
def sandbox() -> Sandbox:
    """Make a TikTok that knows one token, which may write to one event set."""
    return Sandbox(Account(TOKEN, ("7000000000000000001",), (EVENT_SET,)))


@pytest.fixture
async def tiktok_url(sandbox: Sandbox) -> AsyncIterator[str]:
    """Serve `sandbox` over real HTTP, and give its base URL."""
    async with TestServer(make_sandbox(sandbox)) as server:
        yield str(server.make_url(API_PATH))


@pytest.fixture(params=["embedded", "redis"])
async def service(request: pytest.FixtureRequest, tiktok_url: str) -> AsyncIterator[Service]:
    """Serve the whole application, which sends to `sandbox` where its store is embedded; on Redis nobody sends."""
    url = request.getfixturevalue("real_redis_url") if request.param == "redis" else ""
    async with serve(TIKTOK_API_URL=tiktok_url, REDIS_URL=url, REDIS_ALLOW_EVICTION="yes") as running:
        yield running


@pytest.fixture
async def sending(tiktok_url: str) -> AsyncIterator[Service]:
    """Serve the whole application, which sends to `sandbox`."""
    async with serve(TIKTOK_API_URL=tiktok_url) as running:
        yield running
