"""The four events that can fire, and their identity, which is the same on every attempt, process and replay."""

import hashlib
from typing import Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from rules.facts import ConversationId, Purchase
from rules.times import SECOND_MS

EventName: TypeAlias = Literal["Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"]
EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)
CLICK_EVENTS: tuple[EventName, EventName] = ("Conversation", "ValidConversation")
ORDER_EVENTS: tuple[EventName, EventName] = ("InitiateCheckout", "CompletePayment")


class Event(Struct, frozen=True, omit_defaults=True):
    """An event that is due. `at` is its trigger time in Unix milliseconds; TikTok gets whole seconds.

    `order_number` is what people call the order, if that was known when it fired; TikTok is not told.
    """

    name: EventName
    event_id: str
    at: int
    click_at: int
    tracking_id: str
    order_id: str | None = None
    purchase: Purchase | None = None
    order_number: str | None = None

    @property
    def event_time(self) -> int:
        """The trigger time in whole Unix seconds, as TikTok wants it."""
        return self.at // SECOND_MS


def click_event_id(conversation: ConversationId, name: EventName, click_at: int, ref: str) -> str:
    """Identify an event that fires once per click."""
    return _event_id(conversation, name, str(click_at), ref)


def order_event_id(conversation: ConversationId, name: EventName, order_id: str) -> str:
    """Identify an event that fires once per order."""
    return _event_id(conversation, name, order_id)


def _event_id(conversation: ConversationId, name: EventName, *subject: str) -> str:
    # JSON separates the parts unambiguously, whatever characters the opaque ids hold.
    identity = msgspec.json.encode((conversation.page_id, conversation.psid, name, *subject))
    return f"{name}-{hashlib.sha256(identity).hexdigest()[:32]}"
