"""Standing: where every event of a conversation stands now, for whoever asks why it fired or did not."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from rules.catalogue import ReasonCode
from rules.events import CLICK_EVENTS, ORDER_EVENTS, EventName, click_event_id, order_event_id
from rules.facts import ConversationId
from rules.messages import click_answers
from rules.orders import MOST_CHOOSE, Terms, order_answers
from rules.reasons import Answer
from rules.state import CLICK_LIVES_MS, Conversation, Fired, Order, find_fired


class Standing(Struct, frozen=True, omit_defaults=True):
    """One event of a click or an order: that it fired, or the one thing that is missing.

    `until` is when it can happen at the latest (ms, UTC); None once it has fired or no longer can.
    """

    event: EventName
    answer: Answer
    click_at: int | None = None
    order_id: str | None = None
    event_id: str | None = None
    fired: Fired | None = None
    until: int | None = None
    order_number: str | None = None


def standings(conversation: ConversationId, state: Conversation, terms: Terms | None, now: int) -> tuple[Standing, ...]:
    """Say where the events of every click and order stand, newest first. No terms: the page is not connected."""
    found = (
        *_of_clicks(conversation, state, now),
        *_of_orders(conversation, state, terms or MOST_CHOOSE, now),
    )
    if terms is None:
        return tuple(each if each.fired else _missing(each, "page_not_connected") for each in found)
    return found


def _of_clicks(conversation: ConversationId, state: Conversation, now: int) -> Iterator[Standing]:
    if not state.clicks:
        for name in CLICK_EVENTS:
            yield Standing(name, Answer(name, _why_no_click(state)))
    for click in reversed(state.clicks):
        for name, answer in zip(CLICK_EVENTS, click_answers(click), strict=True):
            event_id = click_event_id(conversation, name, click.at, click.ref)
            standing = Standing(name, answer, click.at, event_id=event_id, fired=find_fired(click.fired, name))
            yield _as_of(standing, click.at, now)


def _of_orders(conversation: ConversationId, state: Conversation, terms: Terms, now: int) -> Iterator[Standing]:
    if not state.orders:
        for name in ORDER_EVENTS:
            reason: ReasonCode = "awaiting_order" if state.clicks else _why_no_click(state)
            standing = Standing(name, Answer(name, reason))
            yield _as_of(standing, state.clicks[-1].at, now) if state.clicks else standing
    for order in reversed(state.orders):
        for name, answer in zip(ORDER_EVENTS, order_answers(state.clicks, order, terms), strict=True):
            yield _of_order(conversation, order, answer, name, now)


def _of_order(conversation: ConversationId, order: Order, answer: Answer, name: EventName, now: int) -> Standing:
    event_id = order_event_id(conversation, name, order.order_id)
    fired = find_fired(order.fired, name)
    if answer.reason == "fired":
        # It would fire if it were pushed again: what it waited for was reached before it was what is waited for.
        answer = Answer(name, "before_choice")
    number = order.order_number or None
    standing = Standing(name, answer, order.click_at, order.order_id, event_id, fired, order_number=number)
    hopeless = order.click_at is None or answer.reason in {"order_cancelled", "click_expired", "before_choice"}
    return standing if hopeless or order.click_at is None else _as_of(standing, order.click_at, now)


def _as_of(standing: Standing, click_at: int, now: int) -> Standing:
    """Add until when it can still happen, or that the click has run out (rule 5)."""
    if standing.fired:
        return _missing(standing, "fired") if standing.answer.reason == "already_fired" else standing
    if now - click_at > CLICK_LIVES_MS:
        return _missing(standing, "click_expired", {"click_age_ms": now - click_at})
    return replace(standing, until=click_at + CLICK_LIVES_MS)


def _missing(standing: Standing, reason: ReasonCode, numbers: dict[str, int] | None = None) -> Standing:
    return replace(standing, answer=Answer(standing.event, reason, numbers or {}), until=None)


def _why_no_click(state: Conversation) -> ReasonCode:
    return "ref_not_tiktok" if state.unrecognised_ref is not None else "no_click"
