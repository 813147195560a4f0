"""Deciding: one fact, one conversation, and what follows from it. The whole rule book is reachable from here."""

from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from rules import clicks, messages, orders
from rules.clicks import Policy
from rules.events import Event
from rules.facts import ConversationId, Fact, Message, OrderSeen, Referral
from rules.orders import Terms
from rules.reasons import Answer
from rules.state import CLICK_LIVES_MS, OVERTAKING_MS, Click, Conversation, Kept, Order, UnrecognisedRef
from rules.times import utc


class Told(Struct, frozen=True):
    """A fact with the answers it got: one entry of the conversation's timeline."""

    fact: Fact
    answers: tuple[Answer, ...]


class Outcome(Struct, frozen=True):
    """What a fact led to: the new state, the events that fired, and every answer with its reason."""

    state: Conversation
    events: tuple[Event, ...]
    told: tuple[Told, ...]


class Rulebook(Struct, frozen=True):
    """What deciding depends on besides the state and the fact: the operator's policy and the page's terms."""

    policy: Policy
    terms: Terms


def decide(conversation: ConversationId, state: Conversation, fact: Fact, book: Rulebook) -> Outcome:
    """Apply one fact. The same input always gives the same outcome; a fact that was applied before changes nothing."""
    if state.orders:
        state = orders.without_stale_purchases(state, fact.received_at)
    match fact:
        case Referral():
            return _on_referral(conversation, state, fact, book)
        case Message():
            return _on_message(conversation, state, fact, book.policy)
        case OrderSeen():
            return _on_order(conversation, state, fact, book.terms)


def _on_referral(conversation: ConversationId, state: Conversation, referral: Referral, book: Rulebook) -> Outcome:
    tracking_id = clicks.recognise(referral.ref, referral.source, book.policy)
    if tracking_id is None or referral.ref is None:
        ignored = UnrecognisedRef(referral.at, referral.ref, referral.source)
        return _unfired(replace(state, unrecognised_ref=ignored), referral, Answer(None, "ref_not_tiktok"))
    click = Click(referral.at, utc(referral.at), referral.ref, tracking_id)
    if any(known.place == click.place for known in state.clicks):
        return _unfired(state, referral, Answer(None, "duplicate"))
    state = clicks.with_click(state, click, referral.received_at)
    if click not in state.clicks:
        return _unfired(state, referral, _why_let_go(state, referral))
    overtook = _count_overtaking_messages(conversation, state, click, referral)
    bound = _bind_overtaking_orders(conversation, overtook.state, referral, book.terms)
    return Outcome(bound.state, (*overtook.events, *bound.events), (*overtook.told, *bound.told))


def _why_let_go(state: Conversation, referral: Referral) -> Answer:
    age = min(state.clicks[-1].at, referral.received_at) - referral.at
    if age > CLICK_LIVES_MS:
        return Answer(None, "click_expired", {"click_age_ms": age})
    return Answer(None, "too_many_clicks", {"clicks": len(state.clicks)})


def _count_overtaking_messages(
    conversation: ConversationId, state: Conversation, click: Click, referral: Referral
) -> Outcome:
    """Count for a new click what was delivered up to ten minutes before it (rule 7), but no Get Started (rule 6).

    The click is told first, as it stands before it has counted anything: what fires is told where it is due.
    """
    events: list[Event] = []
    young = messages.young_enough(state.waiting, referral.received_at)
    presses = [each for each in young if each.via == "get_started"]
    mine = [each for each in young if each not in presses and clicks.live_click(state.clicks, each.at) == click]
    click = replace(click, get_started_before=bool(presses))
    too_early = Answer("Conversation", "get_started_before_click")
    told = [Told(referral, messages.click_answers(click)), *(Told(retold(press), (too_early,)) for press in presses)]
    for message in mine:
        counted = messages.count(conversation, click, message)
        click = counted.click
        events.extend(counted.events)
        told.append(Told(retold(message), counted.answers))
    left = tuple(each for each in young if each not in presses and each not in mine)
    state = replace(clicks.with_click(state, click, referral.received_at), waiting=left)
    return Outcome(state, tuple(events), tuple(told))


def _bind_overtaking_orders(
    conversation: ConversationId, state: Conversation, referral: Referral, terms: Terms
) -> Outcome:
    """Judge again the orders that no click had claimed, if they were delivered up to ten minutes before it (rule 7)."""
    events: list[Event] = []
    told: list[Told] = []
    for order in state.orders:
        if order.click_at is not None or referral.received_at - order.received_at > OVERTAKING_MS:
            continue
        judged = orders.judge(conversation, state, order, terms)
        if judged.order.click_at is not None:
            state = orders.with_order(state, judged.order)
            events.extend(judged.events)
            told.append(Told(order_retold(judged.order), judged.answers))
    return Outcome(state, tuple(events), tuple(told))


def _on_message(conversation: ConversationId, state: Conversation, message: Message, policy: Policy) -> Outcome:
    if message.via == "postback" and not policy.count_postbacks:
        return _unfired(state, message, Answer(None, "not_a_message"))
    shortened = messages.digest(message.mid)
    if shortened in state.seen:
        return _unfired(state, message, Answer(None, "duplicate"))
    state = messages.with_seen(state, shortened)
    click = clicks.live_click(state.clicks, message.at)
    if click is None:
        state = messages.with_waiting(state, message)
        return _unfired(state, message, _why_nobody_counts(state, message))
    counted = messages.count(conversation, click, messages.keep(message))
    state = clicks.with_click(state, counted.click, message.received_at)
    return Outcome(state, counted.events, (Told(message, counted.answers),))


def _why_nobody_counts(state: Conversation, message: Message) -> Answer:
    if (click := clicks.newest_click(state.clicks, message.at)) is not None:
        return Answer(None, "click_expired", {"click_age_ms": message.at - click.at})
    return Answer(None, "get_started_before_click" if message.via == "get_started" else "no_click")


def _on_order(conversation: ConversationId, state: Conversation, push: OrderSeen, terms: Terms) -> Outcome:
    known = next((order for order in state.orders if order.order_id == push.order_id), None)
    learned = reduce(orders.learn, push.earlier, known)
    judged = orders.judge(conversation, state, orders.learn(learned, push), terms)
    if known is not None and known == replace(judged.order, received_at=known.received_at, purchase=known.purchase):
        # While no click has claimed the order, each delivery opens its ten minutes anew (rule 7).
        kept = state if known.click_at is not None else orders.with_order(state, judged.order)
        return _unfired(kept, push, Answer(None, "duplicate"))
    return Outcome(orders.with_order(state, judged.order), judged.events, (Told(push, judged.answers),))


def _unfired(state: Conversation, fact: Fact, answer: Answer) -> Outcome:
    return Outcome(state, (), (Told(fact, (answer,)),))


def retold(message: Kept) -> Message:
    """Return a message that was kept as the fact that it was."""
    return Message(message.at, message.received_at, message.mid, message.author, message.via)


def order_retold(order: Order) -> OrderSeen:
    """Return an order as one push that shows all that is known of it."""
    return OrderSeen(
        at=order.updated_at,
        received_at=order.received_at,
        order_id=order.order_id,
        created_at=order.created_at,
        updated_at=order.updated_at,
        org_id=order.org_id,
        order_number=order.order_number,
        confirmed=order.confirmed_at is not None,
        confirmed_at=order.confirmed_at,
        cancelled=order.cancelled,
        returned=order.returned,
        shipped_at=order.shipped_at,
    )
