"""What if: where a conversation, or a page's conversations, would stand under other rules, as structs. Pure."""

from typing import Annotated

from msgspec import Meta, Struct, structs

from gateway.api.shapes import TIKTOK_NAMES, Explained, TikTokName
from gateway.api.telling import explain, iso
from rules.events import EventName
from rules.orders import CompletePaymentOn
from rules.replay import Difference, Effect, Recognition
from rules.standing import Standing
from rules.times import utc

MOST_CHANGED = 100
"""Most changed conversations that are told one by one."""


class AlternativeShape(Struct, frozen=True, kw_only=True):
    """What is tried. Null: as it is; both null: the rules as they are now, over what was decided by older ones."""

    complete_payment_on: CompletePaymentOn | None
    ref_pattern: str | None


class StandShape(Explained, frozen=True, kw_only=True):
    """Where one event stands: that it fired (`event_at` is its trigger time), or why not, and until when it can."""

    fired: bool
    event_at: int | None
    event_at_utc: str | None
    until: int | None
    until_utc: str | None


class DifferenceShape(Struct, frozen=True, kw_only=True):
    """One event as it was and as it would be. Null: there is, or would be, no such click or order.

    `effect`: `same`; `gained`, it would fire; `lost`, it would not (yet); `moved`, at another time; `reason`, it does
    not fire for another reason.
    """

    effect: Effect
    event: EventName
    tiktok_name: TikTokName
    event_id: str | None
    click_at: int | None
    click_at_utc: str | None
    order_id: str | None
    order_number: str | None
    was: StandShape | None
    would_be: StandShape | None


class RecognitionShape(Struct, frozen=True, kw_only=True):
    """A ref that would be read otherwise. `was` and `would_be` are tracking ids; null: no TikTok click."""

    at: int
    at_utc: str
    ref: str
    was: str | None
    would_be: str | None


class WhatIfShape(Struct, frozen=True, kw_only=True):
    """One conversation under other rules. Nothing was changed.

    `facts` is how many were replayed. `cut`: the timeline holds no more, so that the beginning is missing and the
    result may differ from what would have been.
    """

    page_id: str
    psid: str
    alternative: AlternativeShape
    facts: int
    cut: bool
    changed: bool
    clicks: tuple[RecognitionShape, ...]
    events: tuple[DifferenceShape, ...]


class EventSumShape(Struct, frozen=True, kw_only=True):
    """One kind of event over all conversations: how many fired, how many would."""

    event: EventName
    tiktok_name: TikTokName
    was: int
    would_be: int
    gained: int
    lost: int
    moved: int


class PageWhatIfShape(Struct, frozen=True, kw_only=True):
    """A page's conversations under other rules: those with a TikTok click since `since`. Nothing was changed.

    `cut`: how many were replayed without their beginning; `unreadable`: how many could not be replayed.
    `conversations` are those that would stand otherwise, the first hundred of `changed`.
    """

    page_id: str
    alternative: AlternativeShape
    since: int
    since_utc: str
    replayed: int
    changed: int
    cut: int
    unreadable: Annotated[int, Meta(description="Their stored state or timeline is damaged.")]
    clicks_gained: int
    clicks_lost: int
    clicks_renamed: Annotated[int, Meta(description="Clicks that would carry another tracking id.")]
    events: tuple[EventSumShape, ...]
    conversations: tuple[WhatIfShape, ...]


def tell_difference(difference: Difference) -> DifferenceShape:
    """Tell one event as it was and as it would be."""
    named = difference.would_be or difference.was
    if difference.would_be and difference.was and difference.would_be.event_id is None:
        named = difference.was
    return DifferenceShape(
        effect=difference.effect,
        event=difference.event,
        tiktok_name=TIKTOK_NAMES[difference.event],
        event_id=named.event_id if named else None,
        click_at=named.click_at if named else None,
        click_at_utc=iso(named.click_at) if named else None,
        order_id=named.order_id if named else None,
        order_number=named.order_number if named else None,
        was=_stand(difference.was),
        would_be=_stand(difference.would_be),
    )


def tell_recognition(recognition: Recognition) -> RecognitionShape:
    """Tell a ref that would be read otherwise."""
    return RecognitionShape(at_utc=utc(recognition.at), **structs.asdict(recognition))


def _stand(standing: Standing | None) -> StandShape | None:
    if standing is None:
        return None
    event_at = standing.fired.at if standing.fired else None
    return StandShape(
        **explain(standing.answer),
        fired=standing.fired is not None,
        event_at=event_at,
        event_at_utc=iso(event_at),
        until=standing.until,
        until_utc=iso(standing.until),
    )
