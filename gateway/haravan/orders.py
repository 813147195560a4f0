"""A Haravan order as one push shows it.

State is read from the body, in either spelling, not guessed from the topic. One topic is the exception: `orders/delete`
may come with little more than an id, and what is deleted counts as cancelled.
"""

from msgspec import Struct

from gateway.haravan.fields import BadPush, Fields, as_status, as_text, objects, read_id
from gateway.haravan.purchases import read_purchase
from gateway.timestamps import read_time
from rules.facts import OrderSeen

_DEAD_FULFILLMENTS = {"cancelled", "canceled", "failure", "failed", "error"}
_LONGEST_ORDER_NUMBER = 64
_DELETED = "orders/delete"


class Circumstances(Struct, frozen=True):
    """How an order arrived. Times are Unix ms, UTC; `occurred_at` is the sender's own, where it tells."""

    topic: str
    org_id: str
    occurred_at: int | None
    received_at: int


def read_order(order: Fields, pushed: Circumstances) -> OrderSeen:
    """Read an order. Raises `BadPush` when it has no id or nothing says when it was created.

    Times are Unix ms, UTC. Where it is not said when the order was updated, it was when the push occurred, or else when
    it was received. A `confirmed_at` or `cancelled_at` that cannot be read counts as absent.
    """
    order_id = read_id(order.get("id"), "order.id")
    if order_id is None:
        raise BadPush("order.id", "is required")
    updated_at = read_time(order.get("updated_at")) or pushed.occurred_at or pushed.received_at
    confirmed_at = read_time(order.get("confirmed_at"))
    return OrderSeen(
        at=updated_at,
        received_at=pushed.received_at,
        order_id=order_id,
        created_at=_created_at(order, pushed),
        updated_at=updated_at,
        org_id=pushed.org_id,
        order_number=(as_text(order.get("order_number")) or as_text(order.get("name")) or "")[:_LONGEST_ORDER_NUMBER],
        confirmed=as_status(order.get("confirmed_status")) == "confirmed" or confirmed_at is not None,
        confirmed_at=confirmed_at,
        cancelled=pushed.topic == _DELETED or _is_cancelled(order),
        tells_cancellation=pushed.topic == _DELETED or _tells_cancellation(order),
        returned=_is_returned(order),
        shipped_at=_shipped_at(order, updated_at),
        purchase=read_purchase(order),
    )


def _created_at(order: Fields, pushed: Circumstances) -> int:
    if (at := read_time(order.get("created_at"))) is not None:
        return at
    if pushed.topic == _DELETED:
        # A deleted order may be no more than its id, and when it was created no longer matters.
        return pushed.occurred_at or pushed.received_at
    if pushed.topic == "orders/create" and pushed.occurred_at is not None:
        return pushed.occurred_at
    raise BadPush("order.created_at", "must be a time, for example 2026-01-05T03:04:05.678Z")


def _is_cancelled(order: Fields) -> bool:
    status = as_status(order.get("cancelled_status"))
    return status in {"cancelled", "canceled"} or read_time(order.get("cancelled_at")) is not None


def _tells_cancellation(order: Fields) -> bool:
    # A `cancelled_at` that is null says that there was none.
    return bool(as_status(order.get("cancelled_status"))) or "cancelled_at" in order


def _is_returned(order: Fields) -> bool:
    refunded = as_status(order.get("financial_status")) == "refunded"
    return refunded or any(read_time(each.get("return_date")) for each in objects(order.get("fulfillments")))


def _shipped_at(order: Fields, updated_at: int) -> int | None:
    """Return when the first live fulfilment was created (rule 9). One that does not say counts from the push."""
    live = (each for each in objects(order.get("fulfillments")) if _is_live(each))
    return min((read_time(each.get("created_at")) or updated_at for each in live), default=None)


def _is_live(fulfillment: Fields) -> bool:
    dead = as_status(fulfillment.get("status")) in _DEAD_FULFILLMENTS
    return not dead and read_time(fulfillment.get("cancel_date")) is None
