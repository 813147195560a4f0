"""What the API says, as structs: they make the JSON, and the OpenAPI document is made from them.

Every time is Unix milliseconds (UTC), beside it the same as ISO 8601 with the ending `_utc`.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from rules.catalogue import DeliveryCode, Language, ReasonCode
from rules.events import EventName
from rules.facts import Fact
from rules.orders import CompletePaymentOn

TikTokName: TypeAlias = Literal["Conversation", "Valid Conversation", "Initiate Order", "Shopping"]
TIKTOK_NAMES: dict[EventName, TikTokName] = {
    "Conversation": "Conversation",
    "ValidConversation": "Valid Conversation",
    "InitiateCheckout": "Initiate Order",
    "CompletePayment": "Shopping",
}
"""What TikTok Ads Manager calls each event."""


class Words(Struct, frozen=True):
    """The same in Vietnamese and in English."""

    vi: str
    en: str

    def say(self, language: Language) -> str:
        """Return it in the language asked for."""
        return self.vi if language == "vi" else self.en


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). `field`: what to mend in the request. `reason`: why it is refused, also in words."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    reason: ReasonCode | None = None
    sentence: Words | None = None


class Explained(Struct, frozen=True, kw_only=True):
    """A reason: its stable code, the numbers it was decided on, a sentence, and what to do (empty: nothing to do)."""

    reason: ReasonCode
    numbers: dict[str, int]
    sentence: Words
    remedy: Words


class ChoiceShape(Struct, frozen=True, kw_only=True):
    """When the page wants `CompletePayment`, and since when; the first choice holds since ever (0)."""

    since: int
    since_utc: str
    complete_payment_on: CompletePaymentOn


class ConnectionShape(Struct, frozen=True, kw_only=True):
    """How a page is connected; its token is never shown. `choices`: all that were made, oldest first."""

    page_id: str
    store_id: str
    advertiser_id: str
    event_set_id: str
    complete_payment_on: CompletePaymentOn
    paused: bool
    authorised: Annotated[bool, Meta(description="False: TikTok refused the token; events wait for a new one.")]
    time_zone: Annotated[str, Meta(description="The shop's (IANA name), in which people are told of times.")]
    choices: tuple[ChoiceShape, ...]


class DeliveryShape(Explained, frozen=True, kw_only=True):
    """What became of a fired event on its way to TikTok, with TikTok's last answer."""

    status: DeliveryCode
    attempts: int
    next_attempt_at: int | None
    next_attempt_at_utc: str | None
    settled_at: int | None
    settled_at_utc: str | None
    code: int | None
    message: str | None
    request_id: str | None


class StandingShape(Explained, frozen=True, kw_only=True):
    """One event of a click or an order: that it fired, or why not, and until when it still can."""

    event: EventName
    tiktok_name: TikTokName
    fired: bool
    event_id: str | None
    click_at: int | None
    click_at_utc: str | None
    order_id: str | None
    order_number: str | None
    until: int | None
    until_utc: str | None
    event_at: Annotated[int | None, Meta(description="The trigger time, which TikTok gets in whole seconds.")]
    event_at_utc: str | None
    fired_at: Annotated[int | None, Meta(description="When this service learned of it.")]
    fired_at_utc: str | None
    delivery: DeliveryShape | None

    @property
    def possible(self) -> bool:
        """Whether it has not fired but still can: before there is a click, one may come at any time."""
        lost = self.click_at is not None or self.reason == "click_expired"
        return not self.fired and (self.until is not None or not lost)


class ClickShape(Struct, frozen=True, kw_only=True):
    """A TikTok click and what has been counted for it."""

    at: int
    at_utc: str
    ref: str
    tracking_id: str
    lives_until: int
    lives_until_utc: str
    alive: bool
    messages_from_customer: int
    messages_from_page: int
    get_started_before: bool
    fired: tuple[EventName, ...]


class OrderShape(Struct, frozen=True, kw_only=True):
    """An order of the conversation, and the click that it belongs to."""

    order_id: str
    order_number: str
    created_at: int
    created_at_utc: str
    confirmed_at: int | None
    confirmed_at_utc: str | None
    shipped_at: int | None
    shipped_at_utc: str | None
    cancelled: bool
    returned: bool
    click_at: int | None
    click_at_utc: str | None
    fired: tuple[EventName, ...]


class Counters(Struct, frozen=True, kw_only=True):
    """How much of what is remembered. `messages_waiting`: counted by no click, but one may still be delivered."""

    clicks: int
    orders: int
    messages_from_customer: int
    messages_from_page: int
    messages_waiting: int
    events_fired: int


class UnrecognisedShape(Struct, frozen=True, kw_only=True):
    """The last link the customer came through that was not a TikTok click."""

    at: int
    at_utc: str
    ref: str | None
    source: str | None


class ConversationShape(Struct, frozen=True, kw_only=True):
    """One conversation: where it stands, and for every event whether it fired or why not, newest first.

    `state` is that of the newest click: none, alive, or over its 7 days. `page` is what keeps the whole page's events
    from being recorded or sent, if anything does.
    """

    page_id: str
    psid: str
    state: Literal["no_click", "click_alive", "click_expired"]
    page: Explained | None
    counters: Counters
    clicks: tuple[ClickShape, ...]
    orders: tuple[OrderShape, ...]
    unrecognised_ref: UnrecognisedShape | None
    events: tuple[StandingShape, ...]


class DecisionShape(Explained, frozen=True, kw_only=True):
    """What the rules answered. `event` is null where the reason concerns what happened, not one event."""

    event: EventName | None
    tiktok_name: TikTokName | None
    fired: bool


class AttemptedShape(Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event, or the end of trying. `click_at` is told of events that are of no order."""

    event_id: str
    order_id: str | None
    order_number: str | None
    click_at: int | None
    click_at_utc: str | None
    status: DeliveryCode
    attempt: int
    given_up: Annotated[bool, Meta(description="True: the event is not sent again by itself.")]
    code: int | None
    message: str
    request_id: str | None


class EntryShape(Struct, frozen=True, kw_only=True):
    """One thing that happened, in words, with every decision it led to. `fact` or `delivery` has the particulars."""

    id: str
    at: int
    at_utc: str
    happened: Words
    decisions: tuple[DecisionShape, ...]
    fact: Fact | None
    delivery: AttemptedShape | None


class TimelineShape(Struct, frozen=True, kw_only=True):
    """Entries, newest first. `next` is the `before` of the following page, null at the end."""

    entries: tuple[EntryShape, ...]
    next: str | None


class AttemptShape(Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event, and what TikTok or the network answered."""

    at: int
    at_utc: str
    attempt: int
    status: str
    kind: str
    code: int | None
    http_status: int | None
    message: str
    request_id: str | None


class EventShape(DeliveryShape, frozen=True, kw_only=True):
    """One event of the delivery log. `attempt_log` has the last twenty attempts, oldest first."""

    event: EventName
    tiktok_name: TikTokName
    event_id: str
    page_id: str
    psid: str
    order_id: str | None
    order_number: str | None
    tracking_id: str
    click_at: int
    click_at_utc: str
    event_time: Annotated[int, Meta(description="Unix seconds, as TikTok gets it.")]
    event_at: int
    event_at_utc: str
    fired_at: int
    fired_at_utc: str
    attempt_log: tuple[AttemptShape, ...]


class EventsShape(Struct, frozen=True, kw_only=True):
    """Events, newest first. `next` is the `after` of the following page, null at the end."""

    events: tuple[EventShape, ...]
    next: str | None


class RetoldShape(Struct, frozen=True, kw_only=True):
    """What became of facts that were set aside: how many are stored now, how many still cannot be, and why."""

    stored: int
    aside: int
    error: str | None
