"""What the API takes: bodies and queries. What does not fit is refused, and so is what nobody knows."""

from datetime import date
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from rules.catalogue import DeliveryCode
from rules.events import EventName
from rules.orders import CompletePaymentOn

# A pattern says what may not occur anywhere: "$" would let a line feed pass at the end, and the token becomes a header.
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^(?![\s\S]*\s)")]
Token: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^(?![\s\S]*[^!-~])")]
Limit: TypeAlias = Annotated[int, Meta(ge=1, le=200, description="Most rows on a page.")]
EntryId: TypeAlias = Annotated[str, Meta(pattern=r"^(?![\s\S]*\s)(?!0+-0+$)[0-9]{1,19}-[0-9]{1,19}$")]
"""Of a stream entry in Redis; nothing is before the zeroth, and Redis takes the question for an error."""
EventPlace: TypeAlias = Annotated[
    str, Meta(pattern=r"^(?![\s\S]*[^!-~])[0-9]{1,15}-.{1,128}$", description="The `next` of the page before.")
]
"""The time at which an event fired, and its id: the place stays when the event is gone."""
Day: TypeAlias = Annotated[date, Meta(description="UTC date, YYYY-MM-DD.")]


class ConnectionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a page shall be connected.

    `access_token` and `time_zone` may be left out when it is connected already: the old ones stay.
    """

    store_id: Text
    advertiser_id: Text
    event_set_id: Text
    complete_payment_on: CompletePaymentOn
    access_token: Token | None = None
    time_zone: Annotated[Text, Meta(description="IANA name; Asia/Ho_Chi_Minh unless told.")] | None = None
    paused: bool = False


class EventQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events to list."""

    status: DeliveryCode | None = None
    name: EventName | None = None
    order_id: str | None = None
    psid: str | None = None
    day: Day | None = None
    limit: Limit = 50
    after: EventPlace | None = None


class TimelineQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries to list: `before` continues with older ones."""

    limit: Limit = 50
    before: EntryId | None = None


def is_entry_id(text: str) -> bool:
    """Tell whether a text is an `EntryId`, for those to whom it does not come in a query."""
    return _is(text, EntryId)


def is_event_place(text: str) -> bool:
    """Tell whether a text is an `EventPlace`, for the same."""
    return _is(text, EventPlace)


def _is(text: str, wanted: object) -> bool:
    try:
        msgspec.convert(text, wanted)
    except msgspec.ValidationError:
        return False
    return True
