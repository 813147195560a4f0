"""Resending many: all given-up events that match, first only looked at, then put back into the outbox.

Safe to repeat and to run twice at once: each event is requeued by the script that `Resender` calls, under its own id,
and only while it is still given up.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from actors import keys
from actors.connect import store_errors
from actors.problems import Problems
from actors.resend import Resender, Resent
from actors.scripts import Store
from actors.store_clock import StoreClock
from actors.views import EventRow, Views
from rules.catalogue import DeliveryCode
from rules.days import day
from rules.delivery import may_send
from rules.events import EventName

MOST = 5_000
"""Most events that are sent again at a time."""

MOST_LOOKED_AT = 50_000
"""Most given-up events that are looked at for it, those given up last first."""

READ_AT_ONCE = 100
"""Events that are read together, in one pipeline."""

RESENT_AT_ONCE = 16
"""Events that are sent again together; each takes a connection, and webhooks need some of the same few (64)."""


class Selection(Struct, frozen=True, kw_only=True):
    """Which given-up events: those of a page, of a problem, or of a page's problem; all of what is not None.

    `day` is the day in Vietnam (YYYY-MM-DD) on which the event happened. Neither page nor problem: none.
    """

    page_id: str | None = None
    problem: str | None = None
    status: DeliveryCode | None = None
    event: EventName | None = None
    day: str | None = None

    def matches(self, row: EventRow) -> bool:
        """Tell whether an event is given up and among those selected."""
        return (
            row.settled_at is not None
            and row.status != "sent"
            and self.status in {None, row.status}
            and self.event in {None, row.event}
            and self.day in {None, day(row.event_at)}
        )


class Estimate(Struct, frozen=True):
    """How many match, how many of them can be sent again, and how many are refused, by reason. `more`: not all fit."""

    matching: int
    resendable: int
    refused: dict[Resent, int]
    more: bool = False


class BulkResend:
    """Estimates, and does it. Every method raises StoreUnavailable when Redis is away; repeating is safe."""

    def __init__(self, store: Store, clock: StoreClock) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._clock = clock
        self._views = Views(store)
        self._problems = Problems(store)
        self._resender = Resender(store, clock)

    async def estimate(self, selection: Selection) -> Estimate:
        """Say what `resend` would do now. Changes nothing."""
        chosen, refused, more = await self._choose(selection)
        return _tell(refused, resendable=len(chosen), more=more)

    async def resend(self, selection: Selection) -> Estimate:
        """Send again what can be, `MOST` at a time, and say what was done."""
        chosen, done, more = await self._choose(selection)
        for start in range(0, len(chosen), RESENT_AT_ONCE):
            some = chosen[start : start + RESENT_AT_ONCE]
            done.update(await asyncio.gather(*(self._resender.resend(row.page_id, row.event_id) for row in some)))
        return _tell(done, resendable=done.pop("requeued", 0), more=more)

    async def _choose(self, selection: Selection) -> tuple[list[EventRow], Counter[Resent], bool]:
        """Return what can be sent again, `MOST` at most, how many cannot and why, and whether not all fitted."""
        now, chosen, refused = await self._clock.refresh(), list[EventRow](), Counter[Resent]()
        async for row in self._matching(selection):
            too_late = may_send(now=now, event_at=row.event_at, unconfirmed_since=row.unconfirmed_since)
            if too_late:
                refused[too_late] += 1
            elif len(chosen) == MOST:
                return chosen, refused, True
            else:
                chosen.append(row)
        return chosen, refused, False

    async def _matching(self, selection: Selection) -> AsyncIterator[EventRow]:
        for page_id, key in await self._sources(selection):
            with store_errors():
                ids: list[bytes] = await self._store.zrevrange(key, 0, MOST_LOOKED_AT - 1)
            for start in range(0, len(ids), READ_AT_ONCE):
                some = [event_id.decode() for event_id in ids[start : start + READ_AT_ONCE]]
                for row in await self._views.rows(page_id, some):
                    if row is not None and selection.matches(row):
                        yield row

    async def _sources(self, selection: Selection) -> list[tuple[str, str]]:
        page_id, problem = selection.page_id, selection.problem
        if problem is None:
            return [] if page_id is None else [(page_id, keys.dead(page_id))]
        if page_id is not None:
            return [(page_id, keys.problem(page_id, problem))]
        pages = (each.pages for each in await self._problems.all() if each.name == problem)
        return [(page.page_id, keys.problem(page.page_id, problem)) for some in pages for page in some]


def _tell(refused: Counter[Resent], *, resendable: int, more: bool) -> Estimate:
    return Estimate(resendable + refused.total(), resendable, dict(refused), more)
