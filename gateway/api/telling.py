"""From what is stored to what the API says of one conversation. Pure, so that terminal and pages can say the same."""

from typing import Any

from msgspec import structs

from actors.connection import Connection, page_trouble
from actors.timeline import Delivered, Entry, Happened
from actors.views import EventRow
from gateway.api.happened import happened
from gateway.api.shapes import (
    TIKTOK_NAMES,
    AttemptedShape,
    ClickShape,
    ConversationShape,
    Counters,
    DecisionShape,
    DeliveryShape,
    EntryShape,
    Explained,
    OrderShape,
    StandingShape,
    UnrecognisedShape,
    Words,
)
from rules.catalogue import NEVER_KNOWN, PageCode, ReasonCode
from rules.facts import ConversationId
from rules.reasons import Answer
from rules.standing import Standing, standings
from rules.state import CLICK_LIVES_MS, Click, Conversation, Order
from rules.times import utc


def iso(at: int | None) -> str | None:
    """Return the ISO twin of a time that may be absent."""
    return None if at is None else utc(at)


def order_name(order_id: str, order_number: str | None) -> str:
    """Name an order as people do, by its number, and beside it as systems do, by its id."""
    return f"{order_number} ({order_id})" if order_number and order_number != order_id else order_id


def explain(answer: Answer) -> dict[str, Any]:
    """Return the fields of `Explained` for an answer."""
    return {
        "reason": answer.reason,
        "numbers": answer.numbers,
        "sentence": Words(answer.sentence("vi"), answer.sentence("en")),
        "remedy": Words(answer.remedy("vi"), answer.remedy("en")),
    }


def tell_conversation(
    conversation: ConversationId,
    state: Conversation,
    connection: Connection | None,
    deliveries: dict[str, EventRow],
    now: int,
) -> ConversationShape:
    """Tell where a conversation stands at `now` (ms, UTC). `deliveries` has its fired events' rows, by event id."""
    trouble = page_trouble(connection)
    newest = state.clicks[-1] if state.clicks else None
    return ConversationShape(
        page_id=conversation.page_id,
        psid=conversation.psid,
        state="no_click" if newest is None else "click_alive" if newest.lives_at(now) else "click_expired",
        page=Explained(**explain(Answer(None, trouble))) if trouble else None,
        counters=_counters(state),
        clicks=tuple(_click(click, now) for click in reversed(state.clicks)),
        orders=tuple(_order(order) for order in reversed(state.orders)),
        unrecognised_ref=_unrecognised(state),
        events=tuple(
            _standing(standing, deliveries.get(standing.event_id or ""), trouble)
            for standing in standings(conversation, state, connection.terms if connection else None, now)
        ),
    )


def tell_delivery(row: EventRow, trouble: PageCode | None) -> DeliveryShape:
    """Tell what became of a fired event. What a page's trouble holds back says so, before any sender has noticed."""
    reason = trouble if trouble is not None and row.settled_at is None else row.reason
    return DeliveryShape(
        **_explain_delivery(Answer(row.event, reason), ended=row.settled_at is not None),
        status=row.status,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        next_attempt_at_utc=iso(row.next_attempt_at),
        settled_at=row.settled_at,
        settled_at_utc=iso(row.settled_at),
        code=row.code,
        message=row.message,
        request_id=row.request_id,
    )


def tell_entry(entry_id: str, entry: Entry) -> EntryShape:
    """Tell one entry of the timeline."""
    if isinstance(entry, Happened):
        return EntryShape(
            id=entry_id,
            at=entry.at,
            at_utc=utc(entry.at),
            happened=happened(entry),
            decisions=tuple(_decision(answer) for answer in entry.answers),
            fact=entry.fact,
            delivery=None,
        )
    attempted = AttemptedShape(
        event_id=entry.event_id,
        order_id=entry.order_id,
        order_number=entry.order_number,
        click_at=entry.click_at,
        click_at_utc=iso(entry.click_at),
        status=entry.status,
        attempt=entry.attempt,
        given_up=entry.has_ended,
        code=entry.code,
        message=entry.message,
        request_id=entry.request_id,
    )
    return EntryShape(
        id=entry_id,
        at=entry.at,
        at_utc=entry.at_utc,
        happened=happened(entry),
        decisions=(_delivery_decision(entry),),
        fact=None,
        delivery=attempted,
    )


def why_not_resent(reason: ReasonCode) -> Words:
    """Say why an event is not sent again: of one whose outcome is unknown nobody will know it any more."""
    sentence: Words = _explain_delivery(Answer(None, reason), ended=True)["sentence"]
    return sentence


def _explain_delivery(answer: Answer, *, ended: bool) -> dict[str, Any]:
    told = explain(answer)
    if ended and answer.reason == "outcome_unknown":
        vi, en = NEVER_KNOWN.vi, NEVER_KNOWN.en
        told |= {"sentence": Words(vi.sentence, en.sentence), "remedy": Words(vi.remedy, en.remedy)}
    return told


def _decision(answer: Answer) -> DecisionShape:
    name = TIKTOK_NAMES[answer.event] if answer.event else None
    return DecisionShape(**explain(answer), event=answer.event, tiktok_name=name, fired=answer.reason == "fired")


def _delivery_decision(entry: Delivered) -> DecisionShape:
    told = _explain_delivery(Answer(entry.event, entry.reason), ended=entry.has_ended)
    return DecisionShape(**told, event=entry.event, tiktok_name=TIKTOK_NAMES[entry.event], fired=False)


def _standing(standing: Standing, row: EventRow | None, trouble: PageCode | None) -> StandingShape:
    event_at = standing.fired.at if standing.fired else None
    fired_at = row.fired_at if row else None
    return StandingShape(
        **explain(standing.answer),
        event=standing.event,
        tiktok_name=TIKTOK_NAMES[standing.event],
        fired=standing.fired is not None,
        event_id=standing.event_id,
        click_at=standing.click_at,
        click_at_utc=iso(standing.click_at),
        order_id=standing.order_id,
        order_number=standing.order_number,
        until=standing.until,
        until_utc=iso(standing.until),
        event_at=event_at,
        event_at_utc=iso(event_at),
        fired_at=fired_at,
        fired_at_utc=iso(fired_at),
        delivery=tell_delivery(row, trouble) if row else None,
    )


def _counters(state: Conversation) -> Counters:
    fired = [*(click.fired for click in state.clicks), *(order.fired for order in state.orders)]
    return Counters(
        clicks=len(state.clicks),
        orders=len(state.orders),
        messages_from_customer=sum(click.from_customer for click in state.clicks),
        messages_from_page=sum(click.from_page for click in state.clicks),
        messages_waiting=sum(each.via != "get_started" for each in state.waiting),
        events_fired=sum(map(len, fired)),
    )


def _click(click: Click, now: int) -> ClickShape:
    lives_until = click.at + CLICK_LIVES_MS
    return ClickShape(
        at=click.at,
        at_utc=utc(click.at),
        ref=click.ref,
        tracking_id=click.tracking_id,
        lives_until=lives_until,
        lives_until_utc=utc(lives_until),
        alive=click.lives_at(now),
        messages_from_customer=click.from_customer,
        messages_from_page=click.from_page,
        get_started_before=click.get_started_before,
        fired=tuple(each.event for each in click.fired),
    )


def _order(order: Order) -> OrderShape:
    return OrderShape(
        order_id=order.order_id,
        order_number=order.order_number,
        created_at=order.created_at,
        created_at_utc=utc(order.created_at),
        confirmed_at=order.confirmed_at,
        confirmed_at_utc=iso(order.confirmed_at),
        shipped_at=order.shipped_at,
        shipped_at_utc=iso(order.shipped_at),
        cancelled=order.cancelled,
        returned=order.returned,
        click_at=order.click_at,
        click_at_utc=iso(order.click_at),
        fired=tuple(each.event for each in order.fired),
    )


def _unrecognised(state: Conversation) -> UnrecognisedShape | None:
    ref = state.unrecognised_ref
    return UnrecognisedShape(at_utc=utc(ref.at), **structs.asdict(ref)) if ref else None
