"""The outbox: fired events that TikTok has not acknowledged yet, what is claimed of them, and what became of that."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from actors.connection import Connection
from rules.catalogue import DeliveryCode, ReasonCode
from rules.delivery import Reply
from rules.events import Event, EventName
from rules.facts import ConversationId, Purchase

Place: TypeAlias = Literal["sent", "waiting", "dead"]

MOST_DIGITS: Final = 40
"""Before or behind the point, of an amount of money. ``1e-999999`` is short, but written out it has a million."""

_Moment: TypeAlias = Annotated[int, Meta(ge=0, lt=4_102_444_800_000)]
"""A time that has a date: before the year 2100 (ms, UTC)."""

_purchases = msgspec.json.Decoder(Purchase)


class OutboxEntry(Struct, frozen=True):
    """One unsent event. `unconfirmed_since` is when the first attempt of unknown outcome was made (ms), if any.

    `problem` names how it failed last (`rules.codes`); empty while it has not.
    """

    conversation: ConversationId
    event: Event
    attempts: int = 0
    unconfirmed_since: int | None = None
    status: DeliveryCode = "queued"
    fired_at: int = 0
    problem: str = ""


class Claim(Struct, frozen=True):
    """Events of one page that this sender alone may send until `ends_at` (Redis's time, ms).

    `connection` is how the page was connected at that moment; None: not at all, or, if `damaged`, nobody can read how.
    """

    page_id: str
    lease: str
    ends_at: int
    entries: tuple[OutboxEntry, ...]
    connection: Connection | None = None
    damaged: bool = False


class Settlement(Struct, frozen=True):
    """What becomes of a claimed event. `reply` is what TikTok said, None when no attempt was made.

    Waiting without `next_attempt_at` (ms) means as before the claim. `unconfirmed`: TikTok may have recorded it.
    `problem` names why no attempt could be made (`rules.codes`), if that is one.
    """

    entry: OutboxEntry
    place: Place
    status: DeliveryCode
    reason: ReasonCode
    next_attempt_at: int | None = None
    unconfirmed: bool = False
    reply: Reply | None = None
    problem: str = ""


class Rest(Struct, frozen=True):
    """How long (ms) a page is left alone. With `until_mended` only while its connection may not send."""

    ms: int = 0
    until_mended: bool = False


class _Row(Struct):
    """The fields of a row that a sender needs, with their types."""

    event: EventName
    event_id: str
    page_id: str
    psid: str
    tracking_id: str
    click_at: int
    event_at: _Moment
    fired_at: _Moment
    status: DeliveryCode
    attempts: int = 0
    order_id: str | None = None
    order_number: str | None = None
    purchase: str | None = None
    unconfirmed_since: int | None = None
    problem: str = ""


def read_entry(row: Sequence[bytes], claimed_at: int | None = None) -> OutboxEntry | None:
    """Read an event's row (field, value, ...), None when it cannot be read.

    An attempt opened at `claimed_at` is this claim's own and does not count as unconfirmed yet.
    """
    try:
        text = [each.decode() for each in row]
        read = msgspec.convert(dict(zip(text[::2], text[1::2], strict=True)), _Row, strict=False)
        purchase = None if read.purchase is None else _purchase(read.purchase)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return OutboxEntry(
        conversation=ConversationId(read.page_id, read.psid),
        event=Event(
            name=read.event,
            event_id=read.event_id,
            at=read.event_at,
            click_at=read.click_at,
            tracking_id=read.tracking_id,
            order_id=read.order_id,
            purchase=purchase,
            order_number=read.order_number,
        ),
        attempts=read.attempts,
        unconfirmed_since=None if read.unconfirmed_since == claimed_at else read.unconfirmed_since,
        status=read.status,
        fired_at=read.fired_at,
        problem=read.problem,
    )


def _purchase(text: str) -> Purchase:
    """Read a purchase. Raises msgspec.DecodeError, also when an amount of money in it is none."""
    purchase = _purchases.decode(text)
    if not all(map(_is_money, (purchase.value, *(item.price for item in purchase.items)))):
        raise msgspec.DecodeError("an amount of money is none")
    return purchase


def _is_money(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and abs(number.adjusted()) < MOST_DIGITS
