"""Making pushes of HaraSocial and Haravan, and reading them."""

import json
from typing import Any

from gateway.haravan import Push, decode_push
from rules.facts import ConversationId, OrderSeen, Purchase

CREATED_AT = 1_767_582_245_100
UPDATED_AT = 1_767_582_245_600
OCCURRED_AT = 1_767_582_245_678
RECEIVED_AT = 1_767_582_250_000

ORDER: dict[str, Any] = {
    "id": 1225410593,
    "order_number": "#100522",
    "source_name": "harasocial",
    "created_at": "2026-01-05T03:04:05.1Z",
    "updated_at": "2026-01-05T03:04:05.6Z",
    "confirmed_status": "unconfirmed",
    "confirmed_at": None,
    "cancelled_status": "uncancelled",
    "financial_status": "pending",
    "fulfillment_status": "notfulfilled",
    "fulfillments": [],
    "currency": "VND",
    "total_price": 600000.0,
    "line_items": [
        {"id": 1, "product_id": 2, "variant_id": 3, "sku": "A", "name": "Dam", "quantity": 1, "price": 600000.0}
    ],
    "customer": {"id": 5, "phone": "0909090909", "email": "a@b.vn"},
}
ENVELOPE: dict[str, Any] = {
    "event_id": "01J9ZC3N7Q",
    "occurred_at": "2026-01-05T03:04:05.678Z",
    "conversation": {"channel": "messenger", "page_id": "900", "psid": "7101"},
    "order": ORDER,
}
CONVERSATION = ConversationId("900", "7101")


def push(value: object, topic: str | None = "orders/updated", org_id: str | None = "200000000001") -> Push:
    """Decode a push of this JSON value."""
    return push_bytes(json.dumps(value).encode(), topic, org_id)


def push_bytes(body: bytes, topic: str | None = "orders/updated", org_id: str | None = "200000000001") -> Push:
    """Decode a push of these bytes."""
    return decode_push(body, org_id_header=org_id, topic_header=topic, received_at=RECEIVED_AT)


def order(topic: str | None = "orders/updated", /, **changes: object) -> OrderSeen:
    """Give the order of a push in which these fields differ."""
    return push({**ORDER, **changes}, topic).order


def purchase(**changes: object) -> Purchase:
    """Give what is bought in such an order."""
    bought = order(**changes).purchase
    assert bought is not None
    return bought


def without(*names: str) -> dict[str, Any]:
    """Give the order without these fields."""
    return {name: value for name, value in ORDER.items() if name not in names}
