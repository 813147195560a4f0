"""Tallies: what one decided fact adds to the numbers of its page, each on the day on which it happened.

A tally is derived from the states before and after the fact, so that one that changed nothing adds nothing. Orders are
counted as they stand: what an older push corrects is taken back and counted anew, so the order of arrival does not
matter. Fired events are not here: the store counts them with their row, which is made once.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from rules.catalogue import ReasonCode
from rules.decide import Outcome, Told
from rules.facts import Message, OrderSeen, Referral
from rules.orders import Terms, order_answers
from rules.state import CLICK_LIVES_MS, Conversation, Order

Counter: TypeAlias = Literal[
    "clicks",
    "messages",
    "orders",
    "orders_confirmed_in_time",
    "orders_confirmed_late",
    "orders_shipped_in_time",
    "orders_shipped_late",
]

OBSTACLES: frozenset[ReasonCode] = frozenset(
    {
        "ref_not_tiktok",
        "get_started_before_click",
        "click_expired",
        "order_before_click",
        "order_delivered_too_early",
        "order_cancelled",
        "before_choice",
    }
)
"""Reasons that are counted: what happened has not fired and will not by itself. What only waits is no loss yet.

An order counts once for a reason, whether it stopped one of its events or both.
"""


class Tally(Struct, frozen=True):
    """One more (or one less) of something that happened at `at` (ms, UTC). The field is a counter or `reason:CODE`."""

    at: int
    field: str
    amount: int = 1


def tallies(before: Conversation, outcome: Outcome, terms: Terms) -> tuple[Tally, ...]:
    """Return what a fact adds. A conversation without a click adds nothing but links that are no TikTok clicks."""
    after = outcome.state
    if after == before:
        return ()
    if not after.clicks:
        return tuple(_counted(outcome.told[0], "clicks")) if after.unrecognised_ref != before.unrecognised_ref else ()
    found: list[Tally] = []
    for told in outcome.told:
        match told.fact:
            case Referral():
                found += _counted(told, "clicks")
            case Message():
                found += _counted(told, "messages")
            case OrderSeen():
                found += _of_order(told.fact, before, after, terms)
    return tuple(found)


def _counted(told: Told, counter: Counter) -> Iterator[Tally]:
    # A click, and a message that counts for one, is told where the click's `ValidConversation` stands.
    if any(answer.event == "ValidConversation" for answer in told.answers):
        yield Tally(told.fact.at, counter)
    else:
        yield from (_reason(told.fact.at, answer.reason) for answer in told.answers if answer.reason in OBSTACLES)


def _of_order(push: OrderSeen, before: Conversation, after: Conversation, terms: Terms) -> Iterator[Tally]:
    known, order = _find(before, push.order_id), _find(after, push.order_id)
    then, now = _marks(known), _marks(order)
    yield from (Tally(at, field) for field, at in now.items() if then.get(field) != at)
    yield from (Tally(at, field, -1) for field, at in then.items() if now.get(field) != at)
    # By the terms of then, so that a changed choice is noticed.
    told_before = _obstacles(known, before, terms.as_of(known.received_at)) if known is not None else frozenset()
    # Once an order, not once for each of its two events: people count orders.
    yield from (_reason(push.at, reason) for reason in sorted(_obstacles(order, after, terms) - told_before))


def _marks(order: Order | None) -> dict[Counter, int]:
    """Return what an order of a click counts as, each with when it happened."""
    if order is None or order.click_at is None:
        return {}
    marks: dict[Counter, int] = {"orders": order.created_at}
    last = order.click_at + CLICK_LIVES_MS
    if order.confirmed_at is not None:
        marks["orders_confirmed_in_time" if order.confirmed_at <= last else "orders_confirmed_late"] = (
            order.confirmed_at
        )
    if order.shipped_at is not None:
        marks["orders_shipped_in_time" if order.shipped_at <= last else "orders_shipped_late"] = order.shipped_at
    return marks


def _obstacles(order: Order | None, state: Conversation, terms: Terms) -> frozenset[ReasonCode]:
    if order is None:
        return frozenset()
    return OBSTACLES.intersection(answer.reason for answer in order_answers(state.clicks, order, terms))


def _find(state: Conversation, order_id: str) -> Order | None:
    return next((order for order in state.orders if order.order_id == order_id), None)


def _reason(at: int, reason: ReasonCode) -> Tally:
    return Tally(at, f"reason:{reason}")
