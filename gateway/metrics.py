"""What the web process counts. Labels come from closed sets only: no page, no customer, no vendor text."""

from itertools import product
from typing import Final, Literal, TypeAlias, get_args

from prometheus_client import Counter, Gauge

from gateway.messenger import IgnoredKind, WebhookField

Source: TypeAlias = Literal["messenger", "harasocial"]
HeardField: TypeAlias = WebhookField | Literal["orders"]
Handled: TypeAlias = Literal["committed", "nothing", "page_not_connected", "unreadable", "test", "unlinked"]

WEBHOOKS: Final = Counter("webhooks_total", "Webhooks answered 200, by what became of them", ["source", "outcome"])
REFUSALS: Final = Counter("webhook_refusals_total", "Webhooks not answered 200, by reason", ["source", "reason"])
IGNORED: Final = Counter("webhook_ignored_items_total", "Items of webhooks that are no facts", ["kind"])
LAST_WEBHOOK: Final = Gauge(
    "webhook_last_received_timestamp_seconds", "When a webhook field last brought something, Unix time", ["field"]
)
IN_FLIGHT: Final = Gauge("webhooks_in_flight", "Webhooks being worked on")
ARRIVING: Final = Gauge("webhooks_arriving", "Webhooks whose bodies have not wholly arrived yet")
ASYNCIO_TASKS: Final = Gauge("asyncio_tasks", "Tasks of the event loop that have not ended")
OUTBOX_WAITING: Final = Gauge("outbox_waiting_events", "Fired events that TikTok has not acknowledged yet")
OUTBOX_OLDEST: Final = Gauge("outbox_oldest_age_seconds", "How long ago the oldest waiting event fired")
OUTBOX_DEAD: Final = Gauge("outbox_dead_events", "Events that were given up")
ORDERS_LOST_SOON: Final = Gauge(
    "orders_about_to_be_lost", "Orders that still wait and whose click runs out within 24 hours"
)

# Bound once: finding a child by its labels costs as much as the rest of a count.
WEBHOOKS_OF: Final = {
    (source, outcome): WEBHOOKS.labels(source, outcome)
    for source, outcome in product(get_args(Source), get_args(Handled))
}
BUSY_OF: Final = {source: REFUSALS.labels(source, "busy") for source in get_args(Source)}
HEARD_FIELDS: Final[tuple[HeardField, ...]] = (*get_args(WebhookField), "orders")
LAST_OF: Final = {field: LAST_WEBHOOK.labels(field) for field in HEARD_FIELDS}
IGNORED_OF: Final = {kind: IGNORED.labels(kind) for kind in get_args(IgnoredKind)}
