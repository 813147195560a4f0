"""The whole web application over real HTTP, as the outside world uses it: customers, orders, the operator."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypedDict, Unpack

from aiohttp import ClientResponse

from gateway.app import make_app
from gateway.parts import Parts, compose
from rules.times import utc
from tests.gateway import web
from tests.gateway.web import ADMIN_TOKEN, PAGE, PSID, Client, messenger_signature, order_headers
from tests.gateway.web import now_ms as now
from tests.gateway.wire import EVENT_SET, TOKEN
from tests.waiting import eventually

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
CONNECTION: dict[str, object] = {
    "store_id": "1000",
    "advertiser_id": "7000000000000000001",
    "event_set_id": EVENT_SET,
    "access_token": TOKEN,
    "complete_payment_on": "order_confirmed",
    "paused": False,
}


class Options(TypedDict, total=False):
    """What a request may have besides its path."""

    headers: Mapping[str, str]
    json: object
    data: object


class Service:
    """A running application, as the outside world knows it."""

    def __init__(self, client: Client, parts: Parts) -> None:
        self.client = client
        self.parts = parts

    async def api(self, method: str, path: str, **options: Unpack[Options]) -> ClientResponse:
        """Ask the API, as the operator."""
        options["headers"] = {**ADMIN, **options.get("headers", {})}
        return await self.client.request(method, f"/api{path}", **options)

    async def connect(self, page_id: str = PAGE, **changes: object) -> ClientResponse:
        """Connect a page."""
        return await self.api("PUT", f"/pages/{page_id}/connection", json=CONNECTION | changes)

    async def messenger(self, at: int, *contents: dict[str, Any], page_id: str = PAGE, psid: str = PSID) -> None:
        """Deliver what the customer does, or the page (an echo): one POST, one item a content, a second apart."""
        items = []
        for number, content in enumerate(contents):
            people = ({"id": psid}, {"id": page_id})
            if content.get("message", {}).get("is_echo"):
                people = people[::-1]
            items.append({"sender": people[0], "recipient": people[1], "timestamp": at + 1000 * number, **content})
        body = json.dumps({"object": "page", "entry": [{"id": page_id, "time": at, "messaging": items}]}).encode()
        async with self.client.post("/webhooks/messenger", data=body, headers=messenger_signature(body)) as response:
            assert (response.status, await response.text()) == (200, "EVENT_RECEIVED")

    async def order(self, order: dict[str, object], page_id: str = PAGE, psid: str = PSID) -> None:
        """Push an order."""
        conversation = {"channel": "messenger", "page_id": page_id, "psid": psid}
        body = json.dumps({"event_id": "e", "conversation": conversation, "order": order}).encode()
        async with self.client.post("/webhooks/harasocial", data=body, headers=order_headers(body)) as response:
            assert response.status == 200, await response.text()

    async def whole_story(self, order_id: int = 1225410593, psid: str = PSID) -> None:
        """Let a customer click, talk and buy, so that all four events fire."""
        start = now() - 60_000
        await self.messenger(start, click(), *(said(f"m{n}", echo=n % 2 == 1) for n in range(7)), psid=psid)
        await self.order(order(order_id, start + 20_000), psid=psid)
        await self.order(order(order_id, start + 20_000, confirmed_at=start + 30_000), psid=psid)

    async def sent(self, number: int) -> None:
        """Wait until so many events of the page are sent."""

        async def are_sent() -> bool:
            async with await self.api("GET", f"/pages/{PAGE}/events?status=sent") as response:
                return len((await response.json())["events"]) == number

        await eventually(are_sent)


def click(ref: str = "tt-abc_1") -> dict[str, Any]:
    """The customer comes through the ad."""
    return {"referral": {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}}


def said(mid: str, *, echo: bool = False) -> dict[str, Any]:
    """Somebody writes; an echo is the page's."""
    return {"message": {"mid": mid, "text": "Chào shop", **({"is_echo": True} if echo else {})}}


def order(order_id: int, created_at: int, confirmed_at: int | None = None) -> dict[str, object]:
    """An order as HaraSocial pushes it."""
    return {
        "id": order_id,
        "order_number": f"#{order_id % 1_000_000:06d}",
        "created_at": utc(created_at),
        "updated_at": utc(confirmed_at or created_at),
        "confirmed_status": "confirmed" if confirmed_at else "unconfirmed",
        "confirmed_at": utc(confirmed_at) if confirmed_at else None,
        "cancelled_status": "uncancelled",
        "fulfillments": [],
        "currency": "VND",
        "total_price": 600000.0,
        "line_items": [{"id": 1, "sku": "A", "name": "Đầm", "quantity": 1, "price": 600000.0}],
        "customer": {"id": 5, "phone": "0909090909", "email": "a@b.vn"},
    }


@asynccontextmanager
async def serve(**changes: str) -> AsyncIterator[Service]:
    """Serve the application, with settings that are right but for these."""
    parts = compose(web.settings(**changes))
    async with web.client_of(make_app(parts)) as client:
        yield Service(client, parts)
