"""The packet for a ticket at TikTok: one case as one JSON document, without anything personal or secret in it.

The customer and the messages go under pseudonyms, phone and e-mail (hashed as they are) only as "present". Every time
is there three times: in milliseconds, in UTC, and on the shop's clock.
"""

import hashlib
import json
import re
from datetime import datetime, tzinfo
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from actors.connection import DEFAULT_TIME_ZONE, Connection, page_trouble
from actors.connections import Connections
from actors.timeline import LENGTH, Delivered
from actors.views import EventRow, Views
from gateway.api.events import read_event
from gateway.api.reading import read_conversation
from gateway.api.shapes import ConversationShape
from gateway.api.telling import tell_entry
from gateway.tiktok import build_request
from gateway.time_zones import shop_time
from gateway.wire_profile import WireProfile
from rules.facts import ConversationId
from rules.times import SECOND_MS, utc

SOFTWARE: Final = "tiktok-messenger-events"

_ABOUT: Final = "One case, for a ticket at TikTok. Customer and messages are pseudonyms; nothing here is personal data."
_LOST: Final = (
    "What the order was worth and what it held is not kept once TikTok has the event, or it can no more be sent."
)
_PERSONAL: Final = ("external_id", "phone", "email")

Json: TypeAlias = Any

_encoder: Final = msgspec.json.Encoder(decimal_format="number")


class Packet(Struct, frozen=True):
    """A case to be attached to a ticket: a name for its file, and what goes into it."""

    file_name: str
    content: bytes


class Packets:
    """Makes packets. Reads only."""

    def __init__(self, views: Views, connections: Connections, profile: WireProfile) -> None:
        """Take what it reads from, and how events look to TikTok."""
        self._views = views
        self._connections = connections
        self._profile = profile

    async def make(self, conversation: ConversationId, now: int) -> Packet | None:
        """Make the packet of a conversation as of `now` (ms, UTC), None when nothing is known of it.

        Raises StoreUnavailable or StoredDamage.
        """
        told = await read_conversation(self._views, self._connections, conversation, now)
        if told is None:
            return None
        connection = await self._connections.read(conversation.page_id)
        entries = (await self._views.timeline_forwards(conversation, limit=LENGTH)).entries
        delivered = [entry.event_id for _, entry in entries if isinstance(entry, Delivered)]
        document = {
            "about": _ABOUT,
            "made_at": now,
            "made_at_utc": utc(now),
            "time_zone": connection.time_zone if connection else DEFAULT_TIME_ZONE,
            "software": {"name": SOFTWARE, "version": version(SOFTWARE)},
            "wire_profile": {"event_source": self._profile.event_source, "verified": self._profile.verified},
            "page": _page(conversation.page_id, connection),
            "conversation": msgspec.to_builtins(told),
            "events": await self._events(conversation.page_id, connection, [*_fired(told), *delivered], now),
            "timeline": [msgspec.to_builtins(tell_entry(entry_id, entry)) for entry_id, entry in entries],
            "timeline_is_full": len(entries) == LENGTH,
        }
        clean = _clean(document, conversation, shop_time(document["time_zone"]).zone)
        return Packet(_file_name(conversation, now), msgspec.json.format(_encoder.encode(clean), indent=2))

    async def _events(
        self, page_id: str, connection: Connection | None, event_ids: list[str], now: int
    ) -> list[dict[str, Json]]:
        wanted = list(dict.fromkeys(event_ids))
        rows = await self._views.rows(page_id, wanted)
        trouble = page_trouble(connection)
        return [
            {
                **msgspec.to_builtins(await read_event(self._views, row, trouble)),
                "request": await self._request(row, connection, now),
            }
            for row in rows
            if row is not None
        ]

    async def _request(self, row: EventRow, connection: Connection | None, now: int) -> dict[str, Json] | None:
        """Return the request as it is sent, but for the access token and for what is hashed of the customer."""
        entry = await self._views.entry(row.page_id, row.event_id)
        if entry is None or connection is None:
            return None
        body = build_request(self._profile, connection.event_set_id, (entry,), now // SECOND_MS)
        request: dict[str, Json] = json.loads(body, parse_float=Decimal)
        user = request["data"][0]["user"]
        user.update({field: "present" for field in _PERSONAL if field in user})
        gone = entry.event.order_id is not None and entry.event.purchase is None
        return {"path": "/event/track/", "body": request, "note": _LOST if gone else ""}


def pseudonym(conversation: ConversationId) -> str:
    """Return what a customer is called outside: always the same, and nobody can tell whom it means.

    It is short on purpose: a whole digest could be tried against every id there can be, but millions share this one.
    """
    return f"customer-{_digest(conversation.page_id, conversation.psid)[:8]}"


def _page(page_id: str, connection: Connection | None) -> dict[str, Json]:
    if connection is None:
        return {"page_id": page_id, "connected": False}
    return {
        "page_id": page_id,
        "connected": True,
        "advertiser_id": connection.advertiser_id,
        "event_set_id": connection.event_set_id,
        "complete_payment_on": connection.complete_payment_on,
        "paused": connection.paused,
        "authorised": connection.authorised,
    }


def _fired(told: ConversationShape) -> list[str]:
    return [standing.event_id for standing in told.events if standing.fired and standing.event_id]


def _clean(value: Json, conversation: ConversationId, zone: tzinfo) -> Json:
    """Take out what is personal, say everything in English only, and put the shop's time beside each in UTC."""
    if isinstance(value, list | tuple):
        return [_clean(each, conversation, zone) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"vi", "en"}:
        return value["en"]
    clean: dict[str, Json] = {}
    for name, part in value.items():
        match name:
            case "psid":
                clean["customer"] = pseudonym(conversation)
            case "mid":
                clean["message"] = f"message-{_digest(conversation.page_id, part)[:12]}"
            case _:
                clean[name] = _clean(part, conversation, zone)
        if name.endswith("_utc"):
            clean[f"{name.removesuffix('_utc')}_shop"] = _on_clock(part, zone)
        elif re.fullmatch(r"(\w+_)?at", name) and isinstance(part, int) and f"{name}_utc" not in value:
            clean |= {f"{name}_utc": utc(part), f"{name}_shop": _on_clock(utc(part), zone)}
    return clean


def _on_clock(moment: str | None, zone: tzinfo) -> str | None:
    return datetime.fromisoformat(moment).astimezone(zone).isoformat(timespec="milliseconds") if moment else None


def _file_name(conversation: ConversationId, now: int) -> str:
    # Ids are opaque: one with a slash in it must not name a folder.
    page = re.sub(r"[^A-Za-z0-9_-]", "_", conversation.page_id)[:64]
    return f"packet-{page}-{pseudonym(conversation)}-{re.sub('[-:]|[.][0-9]+', '', utc(now))}.json"


def _digest(*parts: str) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
