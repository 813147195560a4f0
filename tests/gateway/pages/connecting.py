"""A seller on the way from the page check to a connection, step by step, as a browser without JavaScript would go."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientResponse, ClientSession

from actors.connection import Connection
from tests.gateway.pages.visiting import ROOT, come_in, csrf_of, see, send
from tests.gateway.service import Service
from tests.gateway.web import PAGE

ADVERTISER = "7420000000000000001"
OTHER = "7420000000000000002"
CALLBACK = "/oauth/tiktok/callback"


class Seller:
    """Whoever sits before the browser."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.csrf = ""

    async def come_in(self, **changes: object) -> None:
        """Come from HaraSocial."""
        await come_in(self.service, **changes)
        session = await self.service.parts.sessions.use(self.cookie(), 0)
        assert session is not None
        self.csrf = session.csrf

    def cookie(self) -> str:
        """Return the session's id."""
        cookies = self.service.client.session.cookie_jar.filter_cookies(self.service.client.make_url("/"))
        return cookies["seller"].value

    async def post(self, step: str, page_id: str = PAGE, **fields: str) -> ClientResponse:
        """Send a form of a page, without going where it leads."""
        html = f'name="csrf" value="{self.csrf}"'
        return await send(self.service, f"/pages/{page_id}/{step}", html, **fields)

    async def go(self, step: str, page_id: str = PAGE, **fields: str) -> str:
        """Send a form, and return where it leads: a path, or an address elsewhere."""
        response = await self.post(step, page_id, **fields)
        assert response.status == 303, await response.text()
        return response.headers["Location"]

    async def see(self, step: str, status: int = 200, page_id: str = PAGE) -> str:
        """Return a page's HTML."""
        return await see(self.service, f"/pages/{page_id}/{step}", status)

    async def leave_for_tiktok(self, page_id: str = PAGE) -> str:
        """Press Authorise, and return TikTok's address."""
        return await self.go("authorise", page_id)

    async def at_tiktok(self, address: str, answer: str = "allow") -> dict[str, str]:
        """Answer TikTok's question, and return what it sends back with the seller."""
        async with (
            ClientSession() as http,
            http.post(address, data={"answer": answer}, allow_redirects=False) as response,
        ):
            back = urlsplit(response.headers["Location"])
            assert back.path == CALLBACK
            return {name: values[0] for name, values in parse_qs(back.query).items()}

    async def come_back(self, query: Mapping[str, str]) -> ClientResponse:
        """Return from TikTok, without going where that leads."""
        return await self.service.client.get(f"{CALLBACK}?{urlencode(query)}", allow_redirects=False)

    async def authorise(self, page_id: str = PAGE) -> None:
        """Go to TikTok and come back with its consent."""
        response = await self.come_back(await self.at_tiktok(await self.leave_for_tiktok(page_id)))
        assert response.status == 303, await response.text()
        assert response.headers["Location"] == f"{ROOT}/pages/{page_id}/connect/advertiser"

    async def choose_advertiser(self, advertiser_id: str = ADVERTISER, page_id: str = PAGE) -> str:
        """Authorise, choose an ad account, and return where that leads."""
        await self.authorise(page_id)
        return await self.go("connect/advertiser", page_id, advertiser_id=advertiser_id)

    async def connect(self, choice: str = "order_confirmed", page_id: str = PAGE) -> Connection:
        """Go the whole way, with a new event set."""
        await self.choose_advertiser(page_id=page_id)
        await self.go("connect/event-set", page_id, event_set=await self.first_offer(page_id))
        await self.go("connect/choice", page_id, complete_payment_on=choice)
        return await self.connection(page_id)

    async def first_offer(self, page_id: str = PAGE) -> str:
        """Return what the event-set page has chosen beforehand."""
        html = await self.see("connect/event-set", page_id=page_id)
        assert csrf_of(html) == self.csrf
        return html.partition('name="event_set" value="')[2].partition('"')[0]

    def meanwhile(self, patch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]) -> None:
        """Let something happen just before the next connection is stored."""
        connections = self.service.parts.connections
        put = connections.put

        async def put_later(connection: Connection, now: int, **kept: Any) -> Connection:  # noqa: ANN401  as it is called
            await happens()
            return await put(connection, now, **kept)

        patch.setattr(connections, "put", put_later)

    async def connection(self, page_id: str = PAGE) -> Connection:
        """Return how the page is connected."""
        found = await self.service.parts.connections.read(page_id)
        assert found is not None
        return found
