"""Somebody of support at a browser, over real HTTP; and what the audit streams say of them."""

from typing import Any

from aiohttp.web import AbstractRoute

from actors.audit import AuditEntry
from tests.gateway.pages.visiting import link
from tests.gateway.service import Service

ROOT = "/support"
SUPPORT: dict[str, Any] = {"sub": "linh", "role": "support", "store_id": None, "pages": None}
"""What HaraSocial says of somebody of support, beside the rest."""


async def come_in(service: Service, **changes: Any) -> str:  # noqa: ANN401  claims may be anything
    """Open support's pages by a fresh link, and return the page with the search box."""
    async with service.client.get(ROOT, params={"session": link(**SUPPORT | changes)}) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def see(service: Service, path: str, status: int = 200) -> str:
    """Return a page's HTML."""
    async with service.client.get(ROOT + path) as response:
        assert response.status == status, await response.text()
        return await response.text()


async def led_to(service: Service, path: str, **query: str) -> str:
    """Return where a page leads to at once."""
    async with service.client.get(ROOT + path, params=query, allow_redirects=False) as response:
        assert response.status == 303, await response.text()
        return response.headers["Location"]


def routes(service: Service, root: str = ROOT) -> list[AbstractRoute]:
    """Return every route below an address, of whichever module: new ones too."""
    assert service.client.app is not None
    found = service.client.app.router.routes()
    return [each for each in found if each.resource and f"{each.resource.canonical}/".startswith(f"{root}/")]


async def audit(service: Service) -> tuple[AuditEntry, ...]:
    """Return what support saw and did, newest first."""
    return await service.parts.audit.newest(1_000)


async def refusals(service: Service) -> tuple[AuditEntry, ...]:
    """Return who was not let in, newest first."""
    return await service.parts.audit.refused(1_000)
