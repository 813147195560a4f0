"""The delivery log of a page as its seller reads it: what is asked of it, and each event in words."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, TypeAlias
from urllib.parse import urlencode

from msgspec import Struct

from actors.connection import Connection, page_trouble
from actors.views import EventFilter, EventRow
from gateway.api.requests import is_event_place
from gateway.api.shapes import TIKTOK_NAMES, DeliveryShape, TikTokName
from gateway.api.telling import tell_delivery
from gateway.pages.numbers import PERIODS
from rules.catalogue import DELIVERY_CODES, PAGE_CODES, DeliveryCode, ReasonCode
from rules.events import EVENT_NAMES, EventName

Kind: TypeAlias = Literal["good", "waiting", "paused", "trouble", "off"]

_KINDS: Final[dict[DeliveryCode, Kind]] = {
    "sent": "good",
    "queued": "waiting",
    "rate_limited": "waiting",
    "retrying": "waiting",
    "outcome_unknown": "waiting",
    "rejected": "trouble",
    "expired_unsent": "off",
}


class Asked(Struct, frozen=True, kw_only=True):
    """What the seller wants to see. `day` (YYYY-MM-DD) is Vietnam's; `after` is where the page before ended."""

    period: int = PERIODS[0]
    day: str | None = None
    event: EventName | None = None
    status: DeliveryCode | None = None
    after: str | None = None

    @property
    def filtered(self) -> bool:
        """Whether some events are left out."""
        return any((self.day, self.event, self.status))

    @property
    def filter(self) -> EventFilter:
        """The same for the log."""
        return EventFilter(status=self.status, name=self.event, local_day=self.day)

    def query(self, **changes: object) -> str:
        """Return the address's query for this, but for the changes."""
        fields = {"period": self.period, "day": self.day, "event": self.event, "status": self.status} | changes
        return urlencode({name: value for name, value in fields.items() if value is not None})


class Line(Struct, frozen=True, kw_only=True):
    """One event with what became of it; `kind` is its badge's."""

    row: EventRow
    tiktok_name: TikTokName
    delivery: DeliveryShape
    kind: Kind


def read_asked(query: Mapping[str, str]) -> Asked:
    """Read an address's query. What makes no sense is not asked: an old link must not end in an error."""
    after = query.get("after", "")
    return Asked(
        period=next((period for period in PERIODS if str(period) == query.get("period")), PERIODS[0]),
        day=_day(query.get("day", "")),
        event=next((name for name in EVENT_NAMES if name == query.get("event")), None),
        status=next((code for code in DELIVERY_CODES if code == query.get("status")), None),
        after=after if is_event_place(after) else None,
    )


def tell_line(row: EventRow, connection: Connection | None) -> Line:
    """Put an event into words."""
    delivery = tell_delivery(row, page_trouble(connection))
    kind = badge(delivery.status, delivery.reason, ended=delivery.settled_at is not None)
    return Line(row=row, tiktok_name=TIKTOK_NAMES[row.event], delivery=delivery, kind=kind)


def badge(status: DeliveryCode, reason: ReasonCode, *, ended: bool) -> Kind:
    """Return the kind of a delivery's badge; one that a page's trouble holds back is paused."""
    kind = "paused" if reason in PAGE_CODES else _KINDS[status]
    # Nobody waits for an outcome that is still unknown in the end.
    return "trouble" if ended and kind == "waiting" else kind


def _day(text: str) -> str | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Far enough from the ends of the calendar to reckon with.
    return found.isoformat() if 2000 <= found.year < 2200 else None  # noqa: PLR2004  see above
