"""Resending by hand: an event that was given up goes back into the outbox, if it can still count."""

import secrets
from typing import Any, Literal, TypeAlias

import structlog

from actors import keys
from actors.connect import store_errors
from actors.connection import page_trouble
from actors.connections import Connections
from actors.errors import StoredDamage
from actors.outbox import read_entry
from actors.scripts import Script, Store
from actors.settlements import counter
from actors.store_clock import StoreClock
from rules.catalogue import PageCode
from rules.days import day
from rules.delivery import may_send

Resent: TypeAlias = (
    Literal["requeued", "not_found", "unreadable", "sent", "queued", "expired_unsent", "outcome_unknown"] | PageCode
)

log = structlog.get_logger()


class Resender:
    """Puts events back into the outbox."""

    def __init__(self, store: Store, clock: StoreClock) -> None:
        """Bind to a store."""
        self._store = store
        self._clock = clock
        self._connections = Connections(store)
        self._resend = Script(store, "resend")

    async def resend(self, page_id: str, event_id: str) -> Resent:
        """Queue an event again, under its id; its attempts go on counting.

        Anything but `requeued` is a refusal: it was sent, it waits already (for what holds its page back, or only for
        its turn), TikTok may have it (47 hours, rule of delivery), it is older than 7 days, or there is no such row
        that can be read.

        Raises StoreUnavailable or StoredDamage.
        """
        with store_errors():
            row: dict[Any, Any] = await self._store.hgetall(keys.event(page_id, event_id))
        if not row:
            return "not_found"
        entry = read_entry([part for field in row.items() for part in field])
        if entry is None:
            return "unreadable"
        if entry.status == "sent":
            return "sent"
        now = await self._clock.refresh()
        too_late = may_send(now=now, event_at=entry.event.at, unconfirmed_since=entry.unconfirmed_since)
        if too_late:
            return too_late
        touched = [
            keys.event(page_id, event_id),
            keys.outbox(page_id),
            keys.due(keys.partition(page_id)),
            keys.dead(page_id),
            keys.counts(page_id, day(entry.event.at)),
        ]
        given_up = counter(entry.status, entry.event.name)
        answer: bytes = await self._resend(touched, [page_id, event_id, entry.status, secrets.token_hex(8), given_up])
        if answer == b"failed":
            raise StoredDamage(f"{keys.outbox(page_id)}, or what belongs to it, cannot be read; repair it")
        if answer == b"refused":
            return page_trouble(await self._connections.readable(page_id)) or "queued"
        log.info("event.requeued", page_id=page_id, psid=entry.conversation.psid, event_id=event_id)
        return "requeued"
