"""What the tests of the TikTok side send: outbox entries on our side, requests on TikTok's."""

from typing import Any

from msgspec.structs import replace

from actors.outbox import OutboxEntry
from rules.events import Event, EventName
from rules.facts import ConversationId, Item, Purchase

TOKEN = "3f1c0ab79d5e42688e17b3d2c9640fa5b871e6d0"
EVENT_SET = "7351234567890123456"

# SHA-256 of +84901234567, alice_abc@gmail.com, user_123.
PHONE = "0c450d4175db5d08e888c726767096ac29c6dfa0cc8e755e42af0629a1d7ca4c"
EMAIL = "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"
USER_123 = "80fba0ae1c48e3978e43e4efc365e14e12ea0c830ba8ba5b9a2dafc7e3f2ab8b"
PURCHASE = Purchase("450000.5", "VND", (Item("SKU-1", "Áo thun", 2, "225000.2500"),), PHONE, EMAIL)


def entry(name: EventName = "Conversation", event_id: str = "e-1", **fields: object) -> OutboxEntry:
    """Make an unsent event of the customer ``user_123``."""
    event = Event(name, event_id, at=1_790_000_000_999, click_at=1_789_999_000_000, tracking_id="ad-click-7")
    return OutboxEntry(ConversationId("page", "user_123"), replace(event, **fields))


ORDER = entry("CompletePayment", order_id="100245", purchase=PURCHASE)


def item(**fields: object) -> dict[str, Any]:
    """Make an event that TikTok accepts, but for these fields."""
    return {"event": "CompletePayment", "event_time": 1_790_000_000, "event_id": "e-1", **fields}


def envelope(*items: object, **fields: object) -> dict[str, Any]:
    """Make a request of these events, but for these fields."""
    return {"event_source": "web", "event_source_id": EVENT_SET, "data": list(items), **fields}


def without(whole: dict[str, Any], field: str) -> dict[str, Any]:
    """Leave one field out."""
    return {key: value for key, value in whole.items() if key != field}
