"""One turn of delivery: what a sender does with one claim, from looking at the page to settling every event."""

import random
from collections import deque
from collections.abc import Callable
from itertools import chain
from typing import Literal, TypeAlias

import structlog
from msgspec import Struct, field

from actors import metrics
from actors.bucket import Limiter, Permit
from actors.claims import NO_REST, Claims
from actors.connection import Connection, page_trouble
from actors.outbox import Claim, OutboxEntry, Place, Rest, Settlement
from actors.ports import Channel, Request
from actors.pulse import ATTEMPT, BUCKET_WAIT_MS, POSTPONED, Pulse
from actors.store_clock import StoreClock
from rules.catalogue import PageCode
from rules.codes import UNOPENED
from rules.delivery import Action, AnswerClass, Reply, Step, classify, may_send, next_step
from rules.times import HOUR_MS, MINUTE_MS, SECOND_MS

POST_MS = 6 * SECOND_MS
"""A request to TikTok lasts no longer than this: whoever fills `channel` sees to it."""

SETTLE_MS = 4 * SECOND_MS
"""Left after a request for settling it, with all the repetitions of the Redis client, before the lease ends."""

HOLD_MS = HOUR_MS
"""How often a held page is looked at, for events that have become too old."""

HELD = Rest(HOLD_MS, until_mended=True)

DAMAGED = Rest(MINUTE_MS)
"""Nobody tells when an operator has mended a stored connection, or ENCRYPTION_KEYS, so its page is looked at again."""

LONGEST_POSTPONED_MS = 5 * MINUTE_MS
"""However long a bucket is shut, it is asked again after this."""

Entries: TypeAlias = tuple[OutboxEntry, ...]

_PLACES: dict[Action, Place] = {"sent": "sent", "bury": "dead", "retry": "waiting", "hold": "waiting"}

log = structlog.get_logger()


class Tools(Struct, frozen=True):
    """What a turn works with. `jitter` returns 0 to 1."""

    claims: Claims
    clock: StoreClock
    channel: Channel
    limiter: Limiter
    jitter: Callable[[], float] = random.random
    pulse: Pulse = field(default_factory=Pulse)


class DeliveryTurn:
    """One claim on its way to TikTok. Raises StoreUnavailable when Redis is away; then the lease ends by itself."""

    def __init__(self, tools: Tools, claim: Claim, stopping: Callable[[], bool]) -> None:
        """Bind the claim to the tools. `stopping` tells that no other request may begin."""
        self._tools = tools
        self._stopping = stopping
        self._claim = claim

    async def run(self) -> None:
        """Send what may be sent, and settle everything."""
        entries = await self._bury_what_is_too_late(self._claim.entries)
        connection = self._claim.connection
        reason = page_trouble(connection)
        if connection is None or reason:
            rest = DAMAGED if self._claim.damaged else HELD
            await self._hold(entries, reason or "page_not_connected", rest)
        else:
            await self._send(connection, entries)

    async def _bury_what_is_too_late(self, entries: Entries) -> Entries:
        now = self._tools.clock.now()
        in_time: list[OutboxEntry] = []
        late: list[Settlement] = []
        for entry in entries:
            too_late = may_send(now=now, event_at=entry.event.at, unconfirmed_since=entry.unconfirmed_since)
            if too_late:
                late.append(Settlement(entry, "dead", too_late, too_late))
            else:
                in_time.append(entry)
        await self._tools.claims.settle(self._claim, late)
        return tuple(in_time)

    async def _send(self, connection: Connection, entries: Entries) -> None:
        """Send one batch. One that is too large, or that TikTok refuses for a bad item, is halved, and so on."""
        parts = deque([entries] if entries else [])
        while parts:
            request = self._tools.channel.prepare(connection, parts[0], self._tools.clock.now())
            if request == "too_large":
                parts.extendleft(_halves(parts.popleft()))
                continue
            if request == "token_unreadable":
                await self._hold_for_its_token(tuple(chain.from_iterable(parts)))
                return
            permit = await self._tools.limiter.permit(connection.advertiser_id, self._claim.lease)
            self._count(BUCKET_WAIT_MS, permit.wait_ms if permit.granted else 0)
            unsent = tuple(chain.from_iterable(parts))
            if self._must_end():
                await self._give_back(unsent)
                return
            if not permit.granted:
                await self._postpone(unsent, permit.wait_ms)
                return
            part = parts.popleft()
            answer = await self._post(connection, part, permit, request)
            if answer == "unauthorised":
                await self._hold(tuple(chain.from_iterable(parts)), "authorisation_needed")
                return
            if answer == "split":
                parts.extendleft(_halves(part))

    def _count(self, what: str, amount: int = 1) -> None:
        if amount:
            self._tools.pulse.count(self._claim.page_id, self._tools.clock.now(), what, amount)

    def _must_end(self) -> bool:
        # The lease must outlast a request and its settling, or another sender might send the same events meanwhile.
        return self._stopping() or self._tools.clock.now() > self._claim.ends_at - POST_MS - SETTLE_MS

    async def _post(
        self, connection: Connection, part: Entries, permit: Permit, request: Request
    ) -> AnswerClass | Literal["split"]:
        reply = await request()
        answer = classify(reply)
        now = self._tools.clock.now()
        metrics.ATTEMPTS_OF[answer].inc()
        self._count(ATTEMPT[answer])
        if answer == "unauthorised":
            await self._tools.claims.withdraw(connection)
        steps = [self._step(entry, reply, len(part), now) for entry in part]
        if steps[0].action == "split":
            return "split"
        settlements = [_settlement(entry, reply, step) for entry, step in zip(part, steps, strict=True)]
        await self._tools.claims.settle(self._claim, settlements, HELD if answer == "unauthorised" else NO_REST)
        await self._tools.limiter.heed(answer, connection.advertiser_id, permit, now)
        return answer

    def _step(self, entry: OutboxEntry, reply: Reply, batch_size: int, now: int) -> Step:
        return next_step(
            reply,
            now=now,
            event_at=entry.event.at,
            attempts=entry.attempts + 1,
            unconfirmed_since=entry.unconfirmed_since,
            batch_size=batch_size,
            jitter=self._tools.jitter(),
        )

    async def _hold_for_its_token(self, entries: Entries) -> None:
        log.error("connection.token_unreadable", page_id=self._claim.page_id)
        await self._hold(entries, "authorisation_needed", DAMAGED, UNOPENED)

    async def _hold(self, entries: Entries, reason: PageCode, rest: Rest = HELD, problem: str = "") -> None:
        if entries:
            log.info("events.held", page_id=self._claim.page_id, reason=reason, count=len(entries))
        held = [Settlement(entry, "waiting", entry.status, reason, problem=problem) for entry in entries]
        await self._tools.claims.settle(self._claim, held, rest)

    async def _postpone(self, entries: Entries, wait_ms: int) -> None:
        self._count(POSTPONED, len(entries))
        # Spread over a tenth more, so that not all senders come back in the same millisecond.
        wait = min(wait_ms, LONGEST_POSTPONED_MS)
        wait += int(wait * self._tools.jitter() / 10)
        again_at = self._tools.clock.now() + wait
        postponed = [
            Settlement(
                entry,
                "waiting",
                "rate_limited" if entry.unconfirmed_since is None else entry.status,
                "rate_limited",
                again_at,
            )
            for entry in entries
        ]
        await self._tools.claims.settle(self._claim, postponed, Rest(wait))

    async def _give_back(self, entries: Entries) -> None:
        # Interrupted work does not use up an attempt.
        given = [Settlement(entry, "waiting", entry.status, entry.status) for entry in entries]
        await self._tools.claims.settle(self._claim, given)


def _halves(part: Entries) -> tuple[Entries, Entries]:
    """Halve a part, in the order in which a deque is extended to the left."""
    half = len(part) // 2
    return part[half:], part[:half]


def _settlement(entry: OutboxEntry, reply: Reply, step: Step) -> Settlement:
    return Settlement(
        entry=entry,
        place=_PLACES[step.action],
        status=step.status,
        reason=step.reason,
        next_attempt_at=step.next_attempt_at,
        unconfirmed=step.unconfirmed,
        reply=reply,
    )
