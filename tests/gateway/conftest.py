"""A loopback TikTok for the tests of this package."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from gateway.sandbox import API_PATH, Account, Sandbox, make_sandbox
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
