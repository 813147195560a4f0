"""A page's numbers by day, as the commit and the settle script have counted them; nothing is scanned.

A day is Vietnam's (`rules.days`). Clicks, messages and events stand on the day of the act, not of its arrival; whether
an event was sent stands on the day of the event as well, so that the numbers of one day compare.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from msgspec import Struct

from actors import keys
from actors.asking import replies_of
from actors.scripts import Store
from rules.catalogue import DELIVERY_CODES, DeliveryCode, ReasonCode
from rules.days import days_until
from rules.events import EVENT_NAMES, EventName
from rules.tallies import OBSTACLES

KEPT_DAYS = 40
"""How long a day's numbers are kept."""


class DayCounts(Struct, frozen=True, kw_only=True):
    """The numbers of one day, or of several together (then `day` is the first).

    `reasons`: messages, links and events of orders that came to nothing, by reason. `orders`: those that belong to a
    click; confirmed and shipped ones are in time up to 7 days after it, else late.
    """

    day: str
    clicks: int = 0
    messages: int = 0
    orders: int = 0
    orders_confirmed_in_time: int = 0
    orders_confirmed_late: int = 0
    orders_shipped_in_time: int = 0
    orders_shipped_late: int = 0
    fired: dict[EventName, int] = {}
    settled: dict[tuple[DeliveryCode, EventName], int] = {}
    reasons: dict[ReasonCode, int] = {}

    @property
    def events(self) -> int:
        """How many events fired."""
        return sum(self.fired.values())

    def ended(self, status: DeliveryCode) -> int:
        """Return how many events came to this end: sent, rejected, expired_unsent or outcome_unknown."""
        return sum(number for (each, _), number in self.settled.items() if each == status)

    @property
    def given_up(self) -> int:
        """How many events will not be sent any more."""
        return sum(number for (status, _), number in self.settled.items() if status != "sent")


Days: TypeAlias = tuple[DayCounts, ...]


class Counts:
    """Reads the numbers. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store

    async def of_page(self, page_id: str, today: str, days: int = 7) -> Days:
        """Return `days` days of a page, oldest first, up to and with `today` (YYYY-MM-DD, `rules.days.day(now)`)."""
        return (await self.of_pages([page_id], today, days))[page_id]

    async def of_pages(self, page_ids: Iterable[str], today: str, days: int = 7) -> dict[str, Days]:
        """Return the same for many pages, in one round trip."""
        wanted, names = list(page_ids), days_until(today, days)
        pipeline = self._store.pipeline(transaction=False)
        for page_id in wanted:
            for name in names:
                pipeline.hgetall(keys.counts(page_id, name))
        rows: list[dict[bytes, bytes] | None] = await replies_of(pipeline)
        found = iter(row or {} for row in rows)
        return {page_id: tuple(_read(name, next(found)) for name in names) for page_id in wanted}


def total(days: Days) -> DayCounts:
    """Add several days up. Raises IndexError when there is none."""
    return DayCounts(
        day=days[0].day,
        clicks=sum(each.clicks for each in days),
        messages=sum(each.messages for each in days),
        orders=sum(each.orders for each in days),
        orders_confirmed_in_time=sum(each.orders_confirmed_in_time for each in days),
        orders_confirmed_late=sum(each.orders_confirmed_late for each in days),
        orders_shipped_in_time=sum(each.orders_shipped_in_time for each in days),
        orders_shipped_late=sum(each.orders_shipped_late for each in days),
        fired={name: sum(each.fired[name] for each in days) for name in EVENT_NAMES},
        settled={end: sum(each.settled.get(end, 0) for each in days) for end in _ENDS},
        reasons={reason: sum(each.reasons.get(reason, 0) for each in days) for reason in sorted(OBSTACLES)},
    )


_ENDS: tuple[tuple[DeliveryCode, EventName], ...] = tuple(
    (status, name) for status in DELIVERY_CODES for name in EVENT_NAMES
)


def _read(day: str, row: dict[bytes, bytes]) -> DayCounts:
    def number(field: str) -> int:
        # Taking back what an expired day no longer has leaves less than nothing; a damaged count is none.
        text = row.get(field.encode(), b"0")
        return int(text) if text.isdigit() else 0

    return DayCounts(
        day=day,
        clicks=number("clicks"),
        messages=number("messages"),
        orders=number("orders"),
        orders_confirmed_in_time=number("orders_confirmed_in_time"),
        orders_confirmed_late=number("orders_confirmed_late"),
        orders_shipped_in_time=number("orders_shipped_in_time"),
        orders_shipped_late=number("orders_shipped_late"),
        fired={name: number(name) for name in EVENT_NAMES},
        settled={(status, name): found for status, name in _ENDS if (found := number(f"{status}:{name}"))},
        reasons={reason: found for reason in sorted(OBSTACLES) if (found := number(f"reason:{reason}"))},
    )
