"""TikTok's Events API 2.0: events out, answers back. Pure functions on top, the channel that posts at the bottom.

``POST <base>/event/track/``, with the slash: https://business-api.tiktok.com/portal/docs?id=1771101303285761.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Final

import msgspec
from aiohttp import ClientSession
from cryptography.fernet import InvalidToken

from actors.connection import Connection
from actors.outbox import OutboxEntry
from actors.ports import Request, Unsendable
from gateway.hashing import external_id_sha256
from gateway.tiktok_api import TikTokApi
from gateway.wire_profile import WireProfile
from rules.delivery import Reply
from rules.facts import Item, Purchase
from rules.times import SECOND_MS

BATCH_EVENTS: Final = 100
BATCH_BYTES: Final = 256 * 1024
"""A batch above either is not sent, but split. TikTok publishes no limit in bytes, so a lone event goes at any size."""


def build_request(profile: WireProfile, event_set_id: str, entries: tuple[OutboxEntry, ...], now_s: int) -> bytes:
    """Write the body of one request. `now_s` (Unix seconds) bounds the event times: none lies in the future."""
    return msgspec.json.encode(
        {
            "event_source": profile.event_source,
            "event_source_id": event_set_id,
            "data": [_item(profile, entry, now_s) for entry in entries],
        }
    )


class TikTokChannel:
    """Fills the port `actors.ports.Channel` over HTTP. Logs nothing: the sender does, from redacted replies."""

    def __init__(
        self,
        session: ClientSession,
        profile: WireProfile,
        *,
        api_url: str,
        decrypt: Callable[[str], str],
        timeout_s: float,
    ) -> None:
        """Take an open session, which stays the caller's, and `decrypt`, which makes a stored token usable."""
        self._api = TikTokApi(session, api_url, timeout_s=timeout_s)
        self._profile = profile
        self._decrypt = decrypt

    def prepare(self, connection: Connection, entries: tuple[OutboxEntry, ...], now: int) -> Request | Unsendable:
        """Write one request, of which nothing that TikTok or the network does raises, if it is one that can be made."""
        body = build_request(self._profile, connection.event_set_id, entries, now // SECOND_MS)
        if len(entries) > 1 and (len(entries) > BATCH_EVENTS or len(body) > BATCH_BYTES):
            return "too_large"
        token = self._open(connection.access_token)
        if token is None:
            return "token_unreadable"
        return partial(self._send, token, body)

    def _open(self, stored: str) -> str | None:
        try:
            token = self._decrypt(stored)
        except (InvalidToken, UnicodeError):
            return None
        # What no header may hold is no token, whoever stored it: aiohttp would refuse it.
        return token if token.isascii() and token.isprintable() else None

    async def _send(self, token: str, body: bytes) -> Reply:
        reply, _ = await self._api.call("POST", "/event/track/", token, body=body)
        return reply


def _item(profile: WireProfile, entry: OutboxEntry, now_s: int) -> dict[str, Any]:
    event = entry.event
    item: dict[str, Any] = {
        "event": profile.event_names[event.name],
        "event_time": min(event.event_time, now_s),
        "event_id": event.event_id,
        "user": _user(profile, entry),
    }
    if event.order_id is not None:
        item["properties"] = _properties(event.order_id, event.purchase)
    for path in profile.tracking_id_paths:
        *parents, last = path.split(".")
        place = item
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = event.tracking_id
    return item


def _user(profile: WireProfile, entry: OutboxEntry) -> dict[str, Any]:
    purchase = entry.event.purchase
    known = {
        "external_id": external_id_sha256(entry.conversation.psid) if profile.send_external_id else None,
        "phone": purchase.phone_sha256 if purchase else None,
        "email": purchase.email_sha256 if purchase else None,
    }
    return {field: [digest] for field, digest in known.items() if digest}


def _properties(order_id: str, purchase: Purchase | None) -> dict[str, Any]:
    properties: dict[str, Any] = {"order_id": order_id, "content_type": "product"}
    if purchase:
        properties |= {"currency": purchase.currency, "value": _number(purchase.value)}
        if purchase.items:
            properties["contents"] = [_content(item) for item in purchase.items]
    return properties


def _content(item: Item) -> dict[str, Any]:
    return {
        "content_id": item.content_id,
        "content_name": item.name,
        "quantity": item.quantity,
        "price": _number(item.price),
    }


def _number(decimal_text: str) -> msgspec.Raw:
    """Keep every digit: as a float, money would not survive."""
    return msgspec.Raw(f"{Decimal(decimal_text).normalize():f}".encode())
