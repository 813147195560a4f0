"""Orders: what a push teaches, whose click it is, `InitiateCheckout` and `CompletePayment` (rules 4, 9, 10, 11)."""

from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from rules.clicks import live_click, newest_click
from rules.events import Event, EventName, order_event_id
from rules.facts import ConversationId, OrderSeen, Purchase
from rules.reasons import Answer
from rules.state import CLICK_LIVES_MS, MAX_ORDERS, OVERTAKING_MS, Click, Conversation, Fired, Order, find_fired
from rules.times import utc

CompletePaymentOn: TypeAlias = Literal["order_confirmed", "order_shipped"]

NEVER: Final = 0
"""When no push has said yet whether an order is cancelled."""


class Choice(Struct, frozen=True):
    """When the page's seller wants `CompletePayment`, and since when (ms, UTC). The first choice holds since 0."""

    since: int
    complete_payment_on: CompletePaymentOn


class Terms(Struct, frozen=True):
    """What the rules need to know of a connected page: its choices, oldest first, at least one (rule 11)."""

    choices: tuple[Choice, ...]

    def as_of(self, at: int) -> "Terms":
        """Return the terms as they were when something happened."""
        return Terms(tuple(choice for choice in self.choices if choice.since <= at) or self.choices[:1])

    @property
    def choice(self) -> CompletePaymentOn:
        """The choice in force now."""
        return self.choices[-1].complete_payment_on


MOST_CHOOSE: Final = Terms((Choice(0, "order_confirmed"),))
"""Stands in where nobody knows what a page has chosen."""


class Judged(Struct, frozen=True):
    """An order after the rules have looked at it, and what that fired."""

    order: Order
    events: tuple[Event, ...]
    answers: tuple[Answer, ...]


def learn(known: Order | None, push: OrderSeen) -> Order:
    """Merge a push into what is known. An older push arriving late never undoes a newer state (rule 10).

    When the order first reached a state is a fact that no later push takes back, so those times only get earlier;
    whether it is cancelled is what the newest push says that says anything of it: until then the order is still "known
    to be cancelled" (rule 9), or not. Hence neither the order of arrival nor repeats matter.
    """
    confirmed_at = (push.confirmed_at or push.updated_at) if push.confirmed else None
    if known is None:
        return Order(
            order_id=push.order_id,
            created_at=push.created_at,
            updated_at=push.updated_at,
            received_at=push.received_at,
            org_id=push.org_id,
            order_number=push.order_number,
            confirmed_at=confirmed_at,
            shipped_at=push.shipped_at,
            cancelled=push.cancelled,
            cancellation_told_at=None if push.tells_cancellation else NEVER,
            returned=push.returned,
            purchase=push.purchase,
        )
    newer = push.updated_at > known.updated_at
    updated_at = max(known.updated_at, push.updated_at)
    cancelled, told_at = _cancellation(known, push)
    return replace(
        known,
        updated_at=updated_at,
        received_at=push.received_at,
        order_number=push.order_number if newer and push.order_number else known.order_number,
        confirmed_at=_earliest(known.confirmed_at, confirmed_at),
        shipped_at=_earliest(known.shipped_at, push.shipped_at),
        cancelled=cancelled,
        cancellation_told_at=None if told_at == updated_at else told_at,
        returned=known.returned or push.returned,
        purchase=_purchase(known, push),
    )


def judge(conversation: ConversationId, state: Conversation, order: Order, terms: Terms) -> Judged:
    """Bind the order to its click if it has none yet, and decide both of its events."""
    if order.click_at is None and (click := live_click(state.clicks, order.created_at)) is not None:
        order = replace(order, click_at=click.at, tracking_id=click.tracking_id)
    due: dict[EventName, int] = {}
    checkout = _initiate_checkout(state.clicks, order)
    payment = _complete_payment(state.clicks, order, terms)
    if checkout.reason == "fired":
        due["InitiateCheckout"] = order.created_at
    if payment.reason == "fired" and (at := payment_trigger(order, terms)) is not None:
        due["CompletePayment"] = at
    after = replace(order, fired=(*order.fired, *(Fired(name, at, utc(at)) for name, at in due.items())))
    if order.click_at is not None or order.cancelled:
        # Until a click claims the order, all of it is needed for the events that may still fire. A push that takes a
        # cancellation back brings its own.
        after = _without_buyer(after)
    events = tuple(_event(conversation, order, name, at) for name, at in due.items())
    return Judged(after, events, (checkout, payment))


def order_answers(clicks: tuple[Click, ...], order: Order, terms: Terms) -> tuple[Answer, ...]:
    """Say where both events of an order stand."""
    return (_initiate_checkout(clicks, order), _complete_payment(clicks, order, terms))


def payment_trigger(order: Order, terms: Terms) -> int | None:
    """Return when the order first reached the state chosen at that time, or None (rules 9 and 11)."""
    reached = (("order_confirmed", order.confirmed_at), ("order_shipped", order.shipped_at))
    return min((at for choice, at in reached if at is not None and terms.as_of(at).choice == choice), default=None)


def with_order(state: Conversation, order: Order) -> Conversation:
    """Put an order in its place, new or changed. The ones longest unchanged are let go beyond a hundred."""
    others = (each for each in state.orders if each.order_id != order.order_id)
    orders = sorted((*others, order), key=lambda each: (each.updated_at, each.order_id))
    return replace(state, orders=tuple(orders[-MAX_ORDERS:]))


def without_stale_purchases(state: Conversation, now: int) -> Conversation:
    """Let the items and the hashed buyer of orders go whose click can overtake them no more (rule 7)."""
    if not any(_is_stale(order, now) for order in state.orders):
        return state
    orders = (_without_buyer(order) if _is_stale(order, now) else order for order in state.orders)
    return replace(state, orders=tuple(orders))


def _is_stale(order: Order, now: int) -> bool:
    return (
        now - order.received_at > OVERTAKING_MS
        and order.purchase is not None
        and order.purchase != order.purchase.worth
    )


def _without_buyer(order: Order) -> Order:
    # The worth stays: an older push that comes late must not undo it (rule 10).
    return order if order.purchase is None else replace(order, purchase=order.purchase.worth)


def _purchase(known: Order, push: OrderSeen) -> Purchase | None:
    """Return the purchase as the newest push showed it; its buyer, once let go, as an older push shows it."""
    if push.purchase is None or known.purchase is None:
        return push.purchase or known.purchase
    if push.updated_at >= known.updated_at:
        return push.purchase
    if known.purchase != known.purchase.worth:
        return known.purchase
    buyer = push.purchase
    return replace(known.purchase, phone_sha256=buyer.phone_sha256, email_sha256=buyer.email_sha256)


def _cancellation(known: Order, push: OrderSeen) -> tuple[bool, int]:
    """Return whether the order is cancelled, and when the push was of that says so."""
    told_at = known.updated_at if known.cancellation_told_at is None else known.cancellation_told_at
    if not push.tells_cancellation or push.updated_at < told_at:
        return known.cancelled, told_at
    if push.updated_at == told_at:
        return known.cancelled or push.cancelled, told_at
    return push.cancelled, push.updated_at


def _earliest(known: int | None, pushed: int | None) -> int | None:
    return min((at for at in (known, pushed) if at is not None), default=None)


def _initiate_checkout(clicks: tuple[Click, ...], order: Order) -> Answer:
    name: EventName = "InitiateCheckout"
    return _obstacle(clicks, order, name) or Answer(name, "fired")


def _complete_payment(clicks: tuple[Click, ...], order: Order, terms: Terms) -> Answer:
    name: EventName = "CompletePayment"
    if (obstacle := _obstacle(clicks, order, name)) is not None:
        return obstacle
    at = payment_trigger(order, terms)
    if at is not None and order.click_at is not None:
        click_age = at - order.click_at
        return Answer(name, "fired") if click_age <= CLICK_LIVES_MS else _expired(name, click_age)
    reached = order.confirmed_at if terms.choice == "order_confirmed" else order.shipped_at
    if reached is not None:
        return Answer(name, "before_choice")
    return Answer(name, "awaiting_confirmation" if terms.choice == "order_confirmed" else "awaiting_shipment")


def _obstacle(clicks: tuple[Click, ...], order: Order, name: EventName) -> Answer | None:
    if find_fired(order.fired, name):
        return Answer(name, "reversed_after_firing" if order.cancelled or order.returned else "already_fired")
    if order.click_at is None:
        return _why_nobody_claims(clicks, order, name)
    return Answer(name, "order_cancelled") if order.cancelled else None


def _why_nobody_claims(clicks: tuple[Click, ...], order: Order, name: EventName) -> Answer:
    click = newest_click(clicks, order.created_at)
    if click is None:
        return Answer(name, "order_before_click" if clicks else "no_click")
    if click.lives_at(order.created_at):
        return Answer(name, "order_delivered_too_early")
    return _expired(name, order.created_at - click.at)


def _expired(name: EventName, click_age: int) -> Answer:
    return Answer(name, "click_expired", {"click_age_ms": click_age})


def _event(conversation: ConversationId, order: Order, name: EventName, at: int) -> Event:
    return Event(
        name,
        order_event_id(conversation, name, order.order_id),
        at,
        order.click_at or 0,
        order.tracking_id,
        order.order_id,
        order.purchase,
        order.order_number or None,
    )
