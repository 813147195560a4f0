"""Reading what happened: one conversation's story, the delivery log of a page. Changes nothing."""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from actors import keys
from actors.asking import replies_of, reply_of
from actors.commits import Unreadable, read_snapshot
from actors.connect import store_errors
from actors.errors import StoredDamage
from actors.outbox import OutboxEntry, read_entry
from actors.scripts import Script, Store
from actors.timeline import StreamEntries, TimelinePage, read_page
from rules.catalogue import DeliveryCode, ReasonCode
from rules.days import start_of
from rules.events import EventName
from rules.facts import ConversationId
from rules.state import Conversation
from rules.times import DAY_MS, HOUR_MS

log = structlog.get_logger()

PAGE = 50
"""Entries on one page of a timeline or delivery log, unless asked otherwise."""

LATE_MS = 3 * DAY_MS
"""Messenger and HaraSocial deliver for at most 36 hours; with some room."""

MOST_SCANNED = 5_000
"""Most events looked at for one page of a filtered delivery log."""

MATCHED_AT_ONCE = 500
"""Events of which Redis says in one go which are among those asked for."""


class Attempt(Struct, frozen=True, omit_defaults=True):
    """One attempt to deliver an event, and what TikTok answered."""

    at: int
    at_utc: str
    attempt: int
    status: str
    kind: str = ""
    code: int | None = None
    http_status: int | None = None
    message: str = ""
    request_id: str | None = None


class EventRow(Struct, frozen=True, omit_defaults=True):
    """One fired event and what became of it, as its hash in Redis says (ms, UTC, with twins)."""

    event: EventName
    event_id: str
    page_id: str
    psid: str
    event_at: int
    event_at_utc: str
    fired_at: int
    fired_at_utc: str
    click_at: int
    click_at_utc: str
    tracking_id: str
    status: DeliveryCode
    reason: ReasonCode
    attempts: int
    order_id: str | None = None
    order_number: str | None = None
    next_attempt_at: int | None = None
    next_attempt_at_utc: str | None = None
    settled_at: int | None = None
    settled_at_utc: str | None = None
    unconfirmed_since: int | None = None
    code: int | None = None
    message: str | None = None
    request_id: str | None = None
    problem: str | None = None


class EventFilter(Struct, frozen=True):
    """Which events of a page to show. `day` is the UTC date on which the event fired, as YYYY-MM-DD.

    `local_day` is the day in Vietnam on which it happened, by which events are counted; what was learned of more than
    `LATE_MS` after it is left out.
    """

    status: str | None = None
    name: str | None = None
    order_id: str | None = None
    psid: str | None = None
    day: str | None = None
    local_day: str | None = None

    @property
    def fired_within(self) -> tuple[float, float]:
        """Between which times (ms, UTC) the events asked for can have fired."""
        if self.local_day is None:
            return (0, math.inf)
        begins = start_of(self.local_day)
        # An event is not learned of before it happened, but for clocks that differ by a little.
        return (begins - HOUR_MS, begins + DAY_MS + LATE_MS)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What a row must have in its fields, as `lua/matching.lua` is told."""
        asked = {"status": self.status, "event": self.name, "order_id": self.order_id, "psid": self.psid}
        alike = [part for name, value in asked.items() if value is not None for part in (name, value, "")]
        if self.local_day is None:
            return tuple(alike)
        begins = start_of(self.local_day)
        return (*alike, "event_at", str(begins), str(begins + DAY_MS))

    def matches(self, row: EventRow) -> bool:
        """Tell whether the event, for which the `conditions` hold, is of the `day` asked for."""
        return self.day is None or row.fired_at_utc.startswith(self.day)


class EventPage(Struct, frozen=True):
    """Events, newest first; `next` is the place at which older ones follow, None at the end."""

    events: tuple[EventRow, ...]
    next: str | None


class Views:
    """Reads over the store. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._match = Script(store, "matching")

    async def conversation(self, conversation: ConversationId) -> Conversation | None:
        """Return a conversation's state, None when nothing is known of it (any more). Raises StoredDamage."""
        key = keys.conversation(conversation)
        row = await reply_of(self._store.hmget(key, ["version", "commit", "state"]))
        if row is None:
            raise _damage(key)
        try:
            known = read_snapshot(*row)
        except Unreadable as error:
            raise _damage(key) from error
        return known.state if known.version else None

    async def conversations(self, wanted: Sequence[ConversationId]) -> dict[ConversationId, Conversation]:
        """Return the states of several conversations. Those of which nothing is known, or readable, are missing."""
        pipeline = self._store.pipeline(transaction=False)
        for conversation in wanted:
            pipeline.hmget(keys.conversation(conversation), ["version", "commit", "state"])
        rows: list[list[bytes | None] | None] = await replies_of(pipeline)
        found: dict[ConversationId, Conversation] = {}
        for conversation, row in zip(wanted, rows, strict=True):
            if row is None:
                continue
            try:
                known = read_snapshot(*row)
            except Unreadable as error:
                # One damaged conversation must not hide its neighbours from support.
                named = {"page_id": conversation.page_id, "psid": conversation.psid}
                log.warning("conversation.unreadable", **named, error=str(error))
                continue
            if known.version:
                found[conversation] = known.state
        return found

    async def timeline(
        self, conversation: ConversationId, before: str | None = None, limit: int = PAGE
    ) -> TimelinePage:
        """Return a page of the timeline, newest first, older than the entry `before`. Raises StoredDamage."""
        newest = f"({before}" if before else "+"
        asked = self._store.xrevrange(keys.timeline(conversation), max=newest, min="-", count=limit + 1)
        return _timeline_page(conversation, await reply_of(asked), limit)

    async def timeline_forwards(
        self, conversation: ConversationId, after: str | None = None, limit: int = PAGE
    ) -> TimelinePage:
        """Return a page of the timeline, oldest first, newer than the entry `after`. Raises StoredDamage."""
        oldest = f"({after}" if after else "-"
        asked = self._store.xrange(keys.timeline(conversation), min=oldest, max="+", count=limit + 1)
        return _timeline_page(conversation, await reply_of(asked), limit)

    async def event(self, page_id: str, event_id: str) -> EventRow | None:
        """Return one event, None when it is not known (any more)."""
        return (await self.rows(page_id, [event_id]))[0]

    async def entry(self, page_id: str, event_id: str) -> OutboxEntry | None:
        """Return one event as a sender takes it, None when it is not known (any more) or cannot be read."""
        with store_errors():
            row: dict[bytes, bytes] = await self._store.hgetall(keys.event(page_id, event_id))
        return read_entry([part for field in row.items() for part in field])

    async def rows(self, page_id: str, event_ids: Sequence[str]) -> list[EventRow | None]:
        """Return several events of a page, None for each that is not known (any more) or readable."""
        return await self.rows_of([(page_id, event_id) for event_id in event_ids])

    async def rows_of(self, wanted: Sequence[tuple[str, str]]) -> list[EventRow | None]:
        """Return several events, by page id and event id, None for each that is not known (any more) or readable."""
        pipeline = self._store.pipeline(transaction=False)
        for page_id, event_id in wanted:
            pipeline.hgetall(keys.event(page_id, event_id))
        rows: list[dict[bytes, bytes] | None] = await replies_of(pipeline)
        return [_event_row(row) for row in rows]

    async def last_events(self, page_ids: Sequence[str]) -> dict[str, int]:
        """Return when each page's newest event fired (ms, UTC); a page without events of late is missing."""
        pipeline = self._store.pipeline(transaction=False)
        for page_id in page_ids:
            pipeline.zrange(keys.events(page_id), -1, -1, withscores=True)
        found: list[list[tuple[bytes, float]] | None] = await replies_of(pipeline)
        return {page_id: int(newest[0][1]) for page_id, newest in zip(page_ids, found, strict=True) if newest}

    async def attempts(self, page_id: str, event_id: str) -> tuple[Attempt, ...]:
        """Return the attempts to deliver an event, oldest first, the last twenty at most, without damaged ones."""
        found: list[bytes] | None = await reply_of(self._store.lrange(keys.attempts(page_id, event_id), 0, -1))
        read = (_attempt(page_id, event_id, text) for text in found or ())
        return tuple(attempt for attempt in read if attempt is not None)

    async def events(self, page_id: str, wanted: EventFilter, after: str | None = None, limit: int = PAGE) -> EventPage:
        """Return a page of a page's delivery log, newest first, continuing at the place `after`."""
        start = await self._rank_after(page_id, wanted, after)
        found: list[EventRow] = []
        ids: list[tuple[bytes, float]] = []
        at_once = MATCHED_AT_ONCE if wanted.conditions else min(max(limit + 1, PAGE), MATCHED_AT_ONCE)
        for offset in range(start, start + MOST_SCANNED, at_once):
            with store_errors():
                ids = await self._store.zrevrange(keys.events(page_id), offset, offset + at_once - 1, withscores=True)
            async for row in self._matching(page_id, [event_id.decode() for event_id, _ in ids], wanted):
                if len(found) == limit:
                    return EventPage(tuple(found), _place(found[-1].fired_at, found[-1].event_id))
                found.append(row)
            if len(ids) < at_once or ids[-1][1] < wanted.fired_within[0]:
                return EventPage(tuple(found), None)
        return EventPage(tuple(found), _place(ids[-1][1], ids[-1][0].decode()))

    async def _matching(self, page_id: str, event_ids: list[str], wanted: EventFilter) -> AsyncIterator[EventRow]:
        if wanted.conditions and event_ids:
            places = await self._match([keys.event(page_id, event_id) for event_id in event_ids], wanted.conditions)
            event_ids = [event_ids[place - 1] for place in places]
        for first in range(0, len(event_ids), PAGE):
            for row in await self.rows(page_id, event_ids[first : first + PAGE]):
                if row is not None and wanted.matches(row):
                    yield row

    async def _rank_after(self, page_id: str, wanted: EventFilter, after: str | None) -> int:
        logged = keys.events(page_id)
        if after is None:
            with store_errors():
                newer: int = await self._store.zcount(logged, f"({wanted.fired_within[1]}", "+inf")
            return newer
        fired_at, _, event_id = after.partition("-")
        pipeline = self._store.pipeline(transaction=False)
        pipeline.zcount(logged, f"({fired_at}", "+inf")
        pipeline.zrangebyscore(logged, fired_at, fired_at)
        with store_errors():
            replies: tuple[int, list[bytes]] = await pipeline.execute()
        newer, of_that_millisecond = replies
        # Redis orders them by their ids. The one that is named may be gone: its customer was forgotten.
        return newer + sum(one >= event_id.encode() for one in of_that_millisecond)


def _place(fired_at: float, event_id: str) -> str:
    return f"{fired_at:.0f}-{event_id}"


def _damage(key: str) -> StoredDamage:
    return StoredDamage(f"{key} cannot be read; mend it, or forget the conversation")


def _timeline_page(conversation: ConversationId, found: StreamEntries | None, limit: int) -> TimelinePage:
    if found is None:
        raise _damage(keys.timeline(conversation))
    return read_page(conversation, found, limit)


def _attempt(page_id: str, event_id: str, text: bytes) -> Attempt | None:
    try:
        return msgspec.json.decode(text, type=Attempt)
    except msgspec.DecodeError as error:
        log.warning("attempt.unreadable", page_id=page_id, event_id=event_id, error=str(error))
        return None


def _event_row(row: dict[bytes, bytes] | None) -> EventRow | None:
    if not row:
        return None
    text = {field.decode(): value.decode(errors="replace") for field, value in row.items()}
    try:
        return msgspec.convert(text, EventRow, strict=False)
    except msgspec.ValidationError as error:
        # One damaged row must not hide its neighbours from support.
        log.warning("event.unreadable", page_id=text.get("page_id"), event_id=text.get("event_id"), error=str(error))
        return None
