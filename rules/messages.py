"""Messages: counting them for a click, `Conversation` and `ValidConversation` (rules 4, 6, 7 and 8)."""

import hashlib
from base64 import urlsafe_b64encode
from bisect import insort
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from rules.events import CLICK_EVENTS, Event, EventName, click_event_id
from rules.facts import ConversationId, Message
from rules.reasons import Answer
from rules.state import (
    MAX_SEEN,
    MAX_WAITING,
    MESSAGES_BEFORE_VALID,
    OVERTAKING_MS,
    Click,
    Conversation,
    Fired,
    Kept,
    find_fired,
)
from rules.times import utc


class Counted(Struct, frozen=True):
    """A click after it has counted a message, and what that fired."""

    click: Click
    events: tuple[Event, ...]
    answers: tuple[Answer, ...]


def count(conversation: ConversationId, click: Click, message: Kept) -> Counted:
    """Count a message that belongs to the click and is in time."""
    due: list[Event] = []
    if message.author == "customer" and not find_fired(click.fired, "Conversation"):
        due.append(_event(conversation, click, "Conversation", message.at))
    earliest = click.earliest
    if not find_fired(click.fired, "ValidConversation"):
        earliest, decisive = _place(click.earliest, message)
        # What falls out of the first five has five messages before it; the customer's fires, the page's never matters.
        if decisive is not None and decisive.author == "customer":
            due.append(_event(conversation, click, "ValidConversation", decisive.at))
            earliest = ()
    after = replace(
        click,
        from_customer=click.from_customer + (message.author == "customer"),
        from_page=click.from_page + (message.author == "page"),
        earliest=earliest,
        fired=(*click.fired, *(Fired(event.name, event.at, utc(event.at)) for event in due)),
    )
    return Counted(after, tuple(due), click_answers(after, due))


def click_answers(click: Click, fired_now: Sequence[Event] = ()) -> tuple[Answer, ...]:
    """Say where both events of a live click stand: fired just now or before, or the one thing that is missing."""
    conversation, valid_conversation = CLICK_EVENTS
    standing = (_standing(click, conversation), _standing(click, valid_conversation))
    if not fired_now:
        return standing
    names = [event.name for event in fired_now]
    return tuple(Answer(each.event, "fired") if each.event in names else each for each in standing)


def keep(message: Message) -> Kept:
    """Reduce a message to what may still decide something."""
    late_ms = message.received_at - message.at
    return Kept(message.at, utc(message.at), message.mid, message.author, message.via, late_ms)


def digest(mid: str) -> str:
    """Shorten a message id for the list of those seen: 48 bits, within one conversation."""
    return urlsafe_b64encode(hashlib.sha256(mid.encode()).digest()[:6]).decode()


def with_seen(state: Conversation, shortened: str) -> Conversation:
    """Remember by its digest that a message has been seen (rule 12). The oldest ids go first."""
    return replace(state, seen=(*state.seen, shortened)[-MAX_SEEN:])


def with_waiting(state: Conversation, message: Message) -> Conversation:
    """Keep a message that no click counts, for the ten minutes in which its click may still be delivered (rule 7)."""
    waiting = list(young_enough(state.waiting, message.received_at))
    insort(waiting, keep(message), key=_place_of)
    if len(waiting) > MAX_WAITING:
        # In a burst one in the middle goes: the first decide for a click before all of them, the last for one just now.
        # But never the customer's newest: without it nothing could fire.
        newest = max((each.place for each in waiting if each.author == "customer"), default=None)
        waiting.remove(next(each for each in waiting[MAX_WAITING // 2 :] if each.place != newest))
    return replace(state, waiting=tuple(waiting))


def young_enough(waiting: tuple[Kept, ...], received_at: int) -> tuple[Kept, ...]:
    """Return the messages delivered at most ten minutes before `received_at` (rule 7)."""
    oldest = received_at - OVERTAKING_MS
    return tuple([each for each in waiting if each.at + each.late_ms >= oldest])  # in the way of every message


def _place_of(message: Kept) -> tuple[int, str]:
    return message.place


def _place(earliest: tuple[Kept, ...], message: Kept) -> tuple[tuple[Kept, ...], Kept | None]:
    if any(each.place == message.place for each in earliest):  # a repeat whose id is no longer remembered (rule 12)
        return earliest, None
    in_order = tuple(sorted((*earliest, replace(message, late_ms=0)), key=_place_of))
    if len(in_order) <= MESSAGES_BEFORE_VALID:
        return in_order, None
    return in_order[:MESSAGES_BEFORE_VALID], in_order[MESSAGES_BEFORE_VALID]


def _event(conversation: ConversationId, click: Click, name: EventName, at: int) -> Event:
    return Event(name, click_event_id(conversation, name, click.at, click.ref), at, click.at, click.tracking_id)


def _standing(click: Click, name: EventName) -> Answer:
    if find_fired(click.fired, name):
        return Answer(name, "already_fired")
    if name == "Conversation":
        return Answer(name, "get_started_before_click" if click.get_started_before else "awaiting_customer_message")
    counted = len(click.earliest)
    if counted >= MESSAGES_BEFORE_VALID:
        return Answer(name, "awaiting_customer_after_five", {"needed": MESSAGES_BEFORE_VALID})
    return Answer(name, "awaiting_messages", {"messages": counted, "needed": MESSAGES_BEFORE_VALID})
