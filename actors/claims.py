"""Claims: how senders take events from the outbox, and settle what they have taken.

Everything that waits is a time in the future: a retry, a lease, a hold, a dead sender's work. `lua/claim.lua` and
`lua/settle.lua` say what each step guarantees.
"""

import secrets
from collections.abc import Sequence

import structlog

from actors import keys, metrics
from actors.asking import ask_all, reply_of
from actors.connection import Connection, readable_connection
from actors.errors import StoredDamage
from actors.outbox import Claim, OutboxEntry, Rest, Settlement, read_entry
from actors.pulse import Pulse
from actors.scripts import Argument, Script, Store
from actors.settlements import event_keys, report, row_keys, script_arguments
from actors.store_clock import StoreClock
from actors.together import Together
from rules.facts import ConversationId
from rules.times import HOUR_MS, SECOND_MS

CLAIMED_AT_ONCE = 100
"""Most events of one claim; TikTok takes a thousand in a request, and a script must be short."""

LEASE_MS = 30 * SECOND_MS
"""How long a claim holds; far longer than a request to TikTok may last."""

FARTHEST_MS = 2 * HOUR_MS
"""Nothing legal lies further ahead than this; what does was written before Redis's clock stepped back."""

NO_REST = Rest()

log = structlog.get_logger()


class Claims:
    """All pages' outboxes. Every method raises StoreUnavailable when Redis is away."""

    def __init__(
        self, store: Store, clock: StoreClock, *, lease_ms: int = LEASE_MS, pulse: Pulse | None = None
    ) -> None:
        """Bind to a store. `pulse`: where acceptances are counted."""
        self._store = store
        self._clock = clock
        self._lease_ms = lease_ms
        self._pulse = pulse or Pulse()
        self._damaged: set[int] = set()
        self._together = Together(store)
        self._claim = Script(store, "claim", self._together)
        self._settle = Script(store, "settle", self._together)
        self._withdraw = Script(store, "withdraw")

    async def due_pages(self, per_partition: int) -> list[str]:
        """Return pages that have something due, the longest waiting few of each partition, partition by partition."""
        now = await self._clock.refresh()
        heads: list[list[tuple[bytes, float]] | None] = await ask_all(
            self._store,
            lambda pipeline, number: pipeline.zrange(keys.due(number), 0, per_partition - 1, withscores=True),
        )
        self._tell_damaged({number for number, head in enumerate(heads) if head is None})
        return [page.decode() for head in heads for page, at in head or () if at <= now or at > now + FARTHEST_MS]

    async def claim(self, page_id: str, most: int = CLAIMED_AT_ONCE) -> Claim:
        """Claim up to `most` of a page's due events; none when another sender was faster.

        Raises StoredDamage, and changes nothing, when a key of the page is of a wrong type.
        """
        event_ids = [event_id.decode() for event_id in await self._waiting(keys.outbox(page_id), most)]
        lease = secrets.token_hex(8)
        found = await self._claim(
            [*_page_keys(page_id), *(keys.event(page_id, event_id) for event_id in event_ids)],
            [page_id, lease, self._lease_ms, *event_ids],
        )
        if found[0] != b"claimed":
            raise StoredDamage(found[1].decode(errors="replace"))
        claimed_at, poisoned = int(found[1]), int(found[2])
        if poisoned:
            metrics.POISONED.inc(poisoned)
            log.error("events.poisoned", page_id=page_id, count=poisoned)
        metrics.CLAIMS.inc()
        connected = dict(zip(found[3][::2], found[3][1::2], strict=True))
        # Nothing may be raised from here on for what is damaged: the attempts are open.
        connection = readable_connection(connected, page_id)
        damaged = bool(connected) and connection is None
        rows = {event_id.decode(): row for event_id, row in found[4:]}
        entries = await self._readable(page_id, lease, claimed_at, rows)
        return Claim(page_id, lease, claimed_at + self._lease_ms, entries, connection, damaged)

    async def settle(self, claim: Claim, settlements: Sequence[Settlement], rest: Rest = NO_REST) -> None:
        """Store what became of claimed events, each with its attempt. What somebody else holds by now stays."""
        if not settlements:
            return
        now = self._clock.now()
        all_keys: list[str] = []
        arguments: list[Argument] = []
        for settlement in settlements:
            all_keys += event_keys(settlement)
            arguments += script_arguments(settlement, now)
        results = await self._run_settle(claim.page_id, claim.lease, rest, all_keys, [len(settlements), *arguments])
        for settlement, result in zip(settlements, results, strict=True):
            report(settlement, result, now, self._pulse)

    async def withdraw(self, connection: Connection) -> None:
        """Mark a connection as not authorised, unless it has got another token since."""
        page_id = connection.page_id
        touched = [keys.connection(page_id), keys.connections_changed(keys.partition(page_id))]
        if await self._withdraw(touched, [connection.access_token]):
            log.warning("connection.authorisation_withdrawn", page_id=page_id)

    async def _waiting(self, outbox: str, most: int) -> list[bytes]:
        waiting: list[bytes] | None = await reply_of(self._together.execute(outbox, "ZRANGE", outbox, 0, most - 1))
        if waiting is None:
            raise StoredDamage(f"{outbox} cannot be read; repair it")
        return waiting

    def _tell_damaged(self, numbers: set[int]) -> None:
        # Told when it is found, not at every look: there are ten of them in a second.
        for number in sorted(numbers - self._damaged):
            log.error("due.unreadable", redis_key=keys.due(number))
        self._damaged = numbers

    async def _readable(
        self, page_id: str, lease: str, claimed_at: int, rows: dict[str, list[bytes]]
    ) -> tuple[OutboxEntry, ...]:
        """Read rows, and give up those that cannot be read, so that the rest goes on."""
        entries: list[OutboxEntry] = []
        for event_id, row in rows.items():
            entry = read_entry(row, claimed_at)
            if entry is not None and (entry.conversation.page_id, entry.event.event_id) == (page_id, event_id):
                entries.append(entry)
            else:
                await self._give_up(page_id, lease, claimed_at, event_id)
        return tuple(entries)

    async def _give_up(self, page_id: str, lease: str, claimed_at: int, event_id: str) -> None:
        """Settle an event as dead, its row as it is, for an operator to look at."""
        metrics.POISONED.inc()
        log.error("event.unreadable", page_id=page_id, event_id=event_id)
        nothing_else: list[Argument] = ["", "", "", "", "", "", 0, 0]
        its_keys = row_keys(ConversationId(page_id, ""), event_id, claimed_at)
        await self._run_settle(page_id, lease, NO_REST, its_keys, [1, event_id, "dead", 0, *nothing_else])

    async def _run_settle(
        self, page_id: str, lease: str, rest: Rest, of_events: list[str], arguments: Sequence[Argument]
    ) -> list[str]:
        found = await self._settle(
            [*_page_keys(page_id), keys.problems(keys.partition(page_id)), *of_events],
            [page_id, lease, rest.ms, int(rest.until_mended), *arguments],
        )
        if found[0] == b"failed":
            log.error("settle.failed", page_id=page_id, error=found[1].decode(errors="replace"))
            return ["failed"] * int(arguments[0])
        return [word.decode() for word in found]


def _page_keys(page_id: str) -> list[str]:
    number = keys.partition(page_id)
    return [
        keys.due(number),
        keys.outbox(page_id),
        keys.dead(page_id),
        keys.buried(number),
        keys.connection(page_id),
    ]
