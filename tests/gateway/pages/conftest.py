"""The whole application with a loopback TikTok to authorise at."""

from collections.abc import AsyncIterator

import pytest

from gateway.sandbox import AUTH_PATH, Consent, Sandbox
from tests.gateway.pages.connecting import ADVERTISER, Seller
from tests.gateway.service import serve


@pytest.fixture(params=["embedded", "redis"])
async def seller(request: pytest.FixtureRequest, tiktok_url: str, sandbox: Sandbox) -> AsyncIterator[Seller]:
    """Give a seller who has come in, and who has one ad account at TikTok. On Redis nobody sends."""
    sandbox.directory.consent = Consent({ADVERTISER: "Đầm xinh Ads"})
    url = request.getfixturevalue("real_redis_url") if request.param == "redis" else ""
    auth_url = tiktok_url.partition("/open_api")[0] + AUTH_PATH
    settings = {"TIKTOK_API_URL": tiktok_url, "TIKTOK_AUTH_URL": auth_url}
    async with serve(
        **settings, REDIS_URL=url, REDIS_ALLOW_EVICTION="yes", GRAPH_API_URL="http://127.0.0.1:9"
    ) as running:
        seller = Seller(running)
        await seller.come_in()
        yield seller
