"""A seller's browser, over real HTTP: comes in by HaraSocial's link, keeps its cookies, sends forms as they stand."""

import re
import secrets
import time
from typing import Any

from aiohttp import ClientResponse
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.gateway.service import Service
from tests.gateway.web import ENVIRONMENT, PAGE

ROOT = "/settings/integrations/tiktok"
STORE = "1000"
SECRET = ENVIRONMENT["HARASOCIAL_SESSION_SECRET"]
PAGES: list[dict[str, Any]] = [
    {"id": PAGE, "name": "Đầm xinh Sài Gòn", "picture": "https://example.com/p.jpg"},
    {"id": "901", "name": "Giày da Hà Nội", "picture": "https://example.com/q.jpg"},
]


def claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  claims may be anything
    """What HaraSocial says of an owner, but for these; None leaves a claim out."""
    told = {
        "sub": "user-1",
        "store_id": STORE,
        "role": "owner",
        "pages": PAGES,
        "lang": "vi",
        "exp": int(time.time()) + 300,
        "jti": secrets.token_hex(8),
    } | changes
    return {name: value for name, value in told.items() if value is not None}


def link(secret: str = SECRET, **changes: Any) -> str:  # noqa: ANN401  claims may be anything
    """Make a signed link's token."""
    return jwt.encode({"alg": "HS256"}, claims(**changes), OctKey.import_key(secret))


async def come_in(service: Service, **changes: Any) -> str:  # noqa: ANN401  claims may be anything
    """Open the pages by a fresh link, and return the overview's HTML."""
    async with service.client.get(ROOT, params={"session": link(**changes)}) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def see(service: Service, path: str, status: int = 200) -> str:
    """Return a page's HTML."""
    async with service.client.get(ROOT + path) as response:
        assert response.status == status, await response.text()
        return await response.text()


async def send(service: Service, path: str, html: str, **fields: str) -> ClientResponse:
    """Send the form that a page shows, without going where it leads."""
    data = {"csrf": csrf_of(html), **fields}
    return await service.client.post(ROOT + path, data=data, allow_redirects=False)


def csrf_of(html: str) -> str:
    """Return the token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None, "the page has no form that changes something"
    return found[1]
