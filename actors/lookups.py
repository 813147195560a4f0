"""Look-ups: what one turn changes in the small indexes by which support finds a conversation. Pure.

The index holds what the state remembers and no more, so that whoever forgets the state knows what to take out of it.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from rules.facts import ConversationId
from rules.state import CLICK_LIVES_MS, Click, Conversation, Order, find_fired

By: TypeAlias = Literal["psid", "order_id", "order_number", "event_id", "request_id", "tracking_id", "ref"]
"""The kinds of values that can be looked up."""

Index: TypeAlias = dict[tuple[str, By], int]
"""When each value was last met (ms, UTC): the time of its click, order or event."""

LONGEST_VALUE = 512
"""Characters of the longest value that can be looked up; a longer one is a forgery that would only fill the store."""


class Member(Struct, frozen=True, omit_defaults=True):
    """Where a value leads: the conversation, whose state says what kind of value it is there.

    Redis keeps a set whose members take at most 64 bytes in a fraction of the space. Members of earlier versions said
    more (`by`) and named the event, and are read as well.
    """

    page_id: str
    psid: str
    event_id: str = ""

    @property
    def conversation(self) -> ConversationId:
        """The conversation it leads to."""
        return ConversationId(self.page_id, self.psid)


class Lookups(Struct, frozen=True):
    """What a turn changes. None as a time: the value leaves the index, the order waits no more.

    `last_click` (ms, UTC) is None when it is as before. `waiting` says until when orders can still fire (ms, UTC).
    """

    index: dict[tuple[str, By], int | None] = {}
    last_click: int | None = None
    waiting: dict[str, int | None] = {}


NOTHING = Lookups()
"""Nothing changes: what most turns come to."""

_decoder = msgspec.json.Decoder(Member)


def lookups(conversation: ConversationId, before: Conversation, after: Conversation) -> Lookups:
    """Return what a turn changes, by the states before and after it. Without a click that is nothing.

    A newer click lengthens the conversation's life, so then every value is written again to live as long.
    """
    # Most turns only count a message: they must cost no more than this line.
    if after.orders is before.orders and _reach(after.clicks) == _reach(before.clicks):
        return NOTHING
    then, now = index(conversation, before), index(conversation, after)
    # A value may be known as several things, of which only one goes.
    known = {value for value, _ in now}
    waited, waits = _waiting(before), _waiting(after)
    newer = bool(after.clicks) and (not before.clicks or after.clicks[-1].place != before.clicks[-1].place)
    return Lookups(
        index={
            **{place: None for place in then if place[0] not in known},
            **{place: at for place, at in now.items() if newer or then.get(place) != at},
        },
        last_click=after.clicks[-1].at if newer else None,
        waiting={
            **{order_id: None for order_id in waited if order_id not in waits},
            **{order_id: until for order_id, until in waits.items() if waited.get(order_id) != until},
        },
    )


def index(conversation: ConversationId, state: Conversation) -> Index:
    """Return all values by which a conversation can be looked up: none before its first click."""
    if not state.clicks:
        return {}
    found: Index = {(conversation.psid, "psid"): state.clicks[-1].at}
    for click in state.clicks:
        found[(click.tracking_id.strip(), "tracking_id")] = click.at
        if click.ref != click.tracking_id:
            found[(click.ref.strip(), "ref")] = click.at
    for order in state.orders:
        found[(order.order_id.strip(), "order_id")] = order.created_at
        if order.order_number != order.order_id:
            found[(order.order_number.strip(), "order_number")] = order.created_at
    return {(value, by): at for (value, by), at in found.items() if 0 < len(value) <= LONGEST_VALUE}


def member(conversation: ConversationId) -> bytes:
    """Write where a value leads, as it stands in the index; only a request leads to the ids of its events instead."""
    return msgspec.json.encode(Member(conversation.page_id, conversation.psid))


def read_member(text: bytes) -> Member | None:
    """Read where a value leads back; None when it is damaged, or leads to an event."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        return None


def read_event_id(text: bytes) -> str | None:
    """Read back to which event a request leads, which is a value of the index itself; None for all other members."""
    return None if text.startswith(b"{") else text.decode(errors="replace")


def waiting_member(conversation: ConversationId, order_id: str) -> bytes:
    """Write a waiting order as it stands in the store."""
    return msgspec.json.encode((conversation.page_id, conversation.psid, order_id))


def _reach(clicks: tuple[Click, ...]) -> tuple[object, ...]:
    # A click that is added makes them more, or pushes out the oldest, or is the newest.
    return (len(clicks), clicks[0].place, clicks[-1].place) if clicks else ()


def _waiting(state: Conversation) -> dict[str, int]:
    return {order.order_id: until for order in state.orders if (until := _waits_until(order)) is not None}


def _waits_until(order: Order) -> int | None:
    if order.click_at is None or order.cancelled or find_fired(order.fired, "CompletePayment"):
        return None
    return order.click_at + CLICK_LIVES_MS
