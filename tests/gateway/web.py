"""A web process for tests, in this process but over real HTTP, and signed webhooks to send to it."""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from gateway.app import make_app
from gateway.parts import compose
from gateway.settings import Settings, load_settings

PAGE = "900"
PSID = "7101"
APP_SECRET = "messenger-app-secret"
WEBHOOK_SECRET = "harasocial-webhook-secret"
ADMIN_TOKEN = "admin-token-of-the-tests"

ENVIRONMENT = {
    "MESSENGER_APP_SECRET": f"an-older-secret,{APP_SECRET}",
    "MESSENGER_VERIFY_TOKEN": "messenger-verify-token",
    "HARASOCIAL_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "HARASOCIAL_SESSION_SECRET": "harasocial-session-secret",
    "ADMIN_TOKEN": ADMIN_TOKEN,
    "ENCRYPTION_KEYS": "ZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2U=",
    "TIKTOK_APP_ID": "7000000000000000000",
    "TIKTOK_APP_SECRET": "tiktok-app-secret",
    "TIKTOK_API_URL": "http://127.0.0.1:9",
}
"""Settings that are right, and lead to no TikTok."""

CONNECTION = {
    "store_id": "s-1",
    "advertiser_id": "7000000000000000001",
    "event_set_id": "7351234567890123456",
    "access_token": "token-that-nobody-may-see",
    "complete_payment_on": "order_confirmed",
}

Client = TestClient[Request, Application]


def settings(**changes: str) -> Settings:
    """Make settings, right but for these."""
    return load_settings(ENVIRONMENT | changes)


@asynccontextmanager
async def client_of(app: Application) -> AsyncIterator[Client]:
    """Serve an application on a free port."""
    async with TestClient(TestServer(app)) as client:
        yield client


@asynccontextmanager
async def web(**changes: str) -> AsyncIterator[Client]:
    """Serve the whole application, with `PAGE` connected."""
    async with client_of(make_app(compose(settings(**changes)))) as client:
        await connect(client)
        yield client


async def connect(client: Client, page_id: str = PAGE) -> None:
    """Connect a page."""
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    async with client.put(f"/api/pages/{page_id}/connection", json=CONNECTION, headers=headers) as answer:
        assert answer.ok, await answer.text()


def now_ms() -> int:
    """Return the time (ms, UTC)."""
    return time.time_ns() // 1_000_000


def messenger_item(**fields: object) -> dict[str, object]:
    """Make an item of the customer."""
    return {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": now_ms()} | fields


def click(ref: str = "tt-ad-1") -> dict[str, object]:
    """Make an item in which the customer came through an ad, a minute ago."""
    return messenger_item(
        timestamp=now_ms() - 60_000, referral={"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    )


def message(mid: str) -> dict[str, object]:
    """Make an item in which the customer writes."""
    return messenger_item(message={"mid": mid, "text": "words that nobody may see"})


def messenger_body(*items: dict[str, object], page_id: str = PAGE) -> bytes:
    """Make a POST body of Messenger."""
    return msgspec.json.encode({"object": "page", "entry": [{"id": page_id, "time": now_ms(), "messaging": items}]})


def messenger_signature(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """Make Meta's header for a body."""
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def order_body(order_id: int = 1225410593, *, linked: bool = True, psid: str = PSID, **fields: object) -> bytes:
    """Make HaraSocial's push of an order."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    order = {"id": order_id, "created_at": at, "updated_at": at, "currency": "VND", "total_price": 600000.0, **fields}
    conversation = {"channel": "messenger", "page_id": PAGE, "psid": psid}
    return msgspec.json.encode({"order": order} | ({"conversation": conversation} if linked else {}))


def order_headers(body: bytes, **more: str) -> dict[str, str]:
    """Make HaraSocial's headers for a body."""
    digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).digest()
    return {
        "X-Haravan-HmacSha256": base64.b64encode(digest).decode(),
        "X-Haravan-Topic": "orders/create",
        "X-Haravan-Org-Id": "200000000001",
        **more,
    }


async def post_messenger(client: Client, body: bytes) -> int:
    """Send a signed Messenger webhook and return the status."""
    async with client.post("/webhooks/messenger", data=body, headers=messenger_signature(body)) as answer:
        return answer.status


async def post_order(client: Client, body: bytes) -> int:
    """Send a signed push of an order and return the status."""
    async with client.post("/webhooks/harasocial", data=body, headers=order_headers(body)) as answer:
        return answer.status


async def conversation(client: Client) -> dict[str, Any] | None:
    """Return what the API knows of the customer, None when nothing."""
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    async with client.get(f"/api/conversations/{PAGE}/{PSID}", headers=headers) as answer:
        found: dict[str, Any] = await answer.json()
        return found if answer.ok else None
