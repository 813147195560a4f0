"""What the delivery tests start from: pages with waiting events, a TikTok that answers as told, a sender's tools."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec.structs import replace

from actors import keys
from actors.bucket import Limiter, Rate
from actors.claims import Claims
from actors.commits import event_row
from actors.connection import Connection
from actors.connections import Connections
from actors.delivery_turn import DeliveryTurn, Tools
from actors.lookups import member
from actors.outbox import Claim, OutboxEntry
from actors.ports import Request, Unsendable
from actors.store_clock import StoreClock
from rules.delivery import Reply
from rules.events import Event
from rules.facts import ConversationId, Purchase
from rules.times import DAY_MS
from tests.actors.conversing import CONNECTION
from tests.stores import Store
from tests.waiting import eventually

PAGE = "900"
PSID = "500"
FAST = Rate(per_second=100_000, burst=100_000)
KEPT_MS = 37 * DAY_MS

OK = Reply("code", code=0, http_status=200, request_id="r-1")
BAD_ITEM = Reply("code", code=40002, http_status=200, message="Batch.0: not a valid string", request_id="r-2")
BROKEN = Reply("code", code=50000, http_status=200)
TIMED_OUT = Reply("timeout")
REFUSED = Reply("not_sent")
NO_PERMISSION = Reply("code", code=40105, http_status=200)
THROTTLED = Reply("code", code=40100, http_status=200)
ADVERTISER_THROTTLED = Reply("code", code=40133, http_status=200)

Answer = Callable[[tuple[OutboxEntry, ...]], Reply | Awaitable[Reply]]


def now_ms() -> int:
    """Return the time now, which is Redis's too (ms)."""
    return int(time.time() * 1000)


class TikTok:
    """A channel: remembers every request, and answers as told; accepts by default."""

    def __init__(self, answer: Answer | Reply = OK) -> None:
        self.answer = answer
        self.unsendable: Callable[[tuple[OutboxEntry, ...]], Unsendable | None] = lambda _: None
        self.requests: list[tuple[str, ...]] = []
        self.times: list[int] = []
        self.tokens: list[str] = []
        self.accepted: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.overlaps = 0

    def prepare(self, connection: Connection, entries: tuple[OutboxEntry, ...], now: int) -> Request | Unsendable:
        """Prepare one request, unless told that there can be none."""
        self.times.append(now)
        return self.unsendable(entries) or partial(self._post, connection, entries)

    async def _post(self, connection: Connection, entries: tuple[OutboxEntry, ...]) -> Reply:
        event_ids = tuple(entry.event.event_id for entry in entries)
        self.requests.append(event_ids)
        self.tokens.append(connection.access_token)
        self.overlaps += sum(self.in_flight[event_id] for event_id in event_ids)
        self.in_flight.update(event_ids)
        await asyncio.sleep(0)
        answer = self.answer if isinstance(self.answer, Reply) else self.answer(entries)
        reply = answer if isinstance(answer, Reply) else await answer
        self.in_flight.subtract(event_ids)
        if reply.code == 0:
            self.accepted.update(event_ids)
        return reply


async def fired(
    store: Store, count: int = 1, *, page_id: str = PAGE, first: int = 0, ago_ms: int = 0, event_ago_ms: int = 0
) -> list[str]:
    """Put events into a page's outbox as a commit does, and return their ids: e-0, e-1, ..."""
    event_ids = [f"e-{number}" for number in range(first, first + count)]
    at, number = now_ms() - ago_ms, keys.partition(page_id)
    pipeline = store.pipeline(transaction=False)
    for event_id in event_ids:
        purchase = Purchase(value="120000", currency="VND", phone_sha256="ab" * 32)
        event = Event("CompletePayment", event_id, at - event_ago_ms, at - event_ago_ms, "t-1", "o-1", purchase)
        conversation = ConversationId(page_id, PSID)
        row = event_row(conversation, event, at)
        pipeline.hset(keys.event(page_id, event_id), mapping=row)
        pipeline.pexpire(keys.event(page_id, event_id), KEPT_MS)
        pipeline.zadd(keys.index(number, event_id), {member(conversation): event.at})
        pipeline.pexpire(keys.index(number, event_id), KEPT_MS)
    pipeline.zadd(keys.outbox(page_id), dict.fromkeys(event_ids, at), nx=True)
    pipeline.pexpire(keys.outbox(page_id), KEPT_MS)
    pipeline.zadd(keys.due(number), {page_id: at}, lt=True)
    pipeline.pexpire(keys.due(number), KEPT_MS)
    await pipeline.execute()
    return event_ids


async def connected(store: Store, page_id: str = PAGE, **changes: bool | str) -> Connections:
    """Connect a page, and return what a fresh process sees of the connections."""
    await Connections(store).put(replace(CONNECTION, page_id=page_id, **changes), now_ms())
    return Connections(store)


def tools(store: Store, channel: TikTok, limiter: Limiter | None = None) -> Tools:
    """Return what one sender process works with."""
    clock = StoreClock(store, time.time)
    return Tools(
        claims=Claims(store, clock),
        clock=clock,
        channel=channel,
        limiter=limiter or Limiter(store, FAST, FAST),
        jitter=lambda: 0.5,
    )


async def claims_of(store: Store) -> Claims:
    """Return one sender's claims, its clock set."""
    clock = StoreClock(store, time.time)
    await clock.refresh()
    return Claims(store, clock)


async def turn(store: Store, channel: TikTok, *, page_id: str = PAGE, limiter: Limiter | None = None) -> Claim:
    """Let one sender take one turn with a page."""
    with_them = tools(store, channel, limiter)
    await with_them.clock.refresh()
    claim = await with_them.claims.claim(page_id)
    await DeliveryTurn(with_them, claim, lambda: False).run()
    return claim


async def row(store: Store, event_id: str, page_id: str = PAGE) -> dict[str, str]:
    """Return an event's row as text."""
    found = await store.hgetall(keys.event(page_id, event_id))
    return {field.decode(): value.decode() for field, value in found.items()}


async def everything(store: Store) -> dict[bytes, object]:
    """Return all that is stored, to see that nothing changed."""
    found: dict[bytes, object] = {}
    async for key in store.scan_iter():
        match await store.type(key):
            case b"zset":
                found[key] = await store.zrange(key, 0, -1, withscores=True)
            case b"hash":
                found[key] = await store.hgetall(key)
            case b"list":
                found[key] = await store.lrange(key, 0, -1)
            case b"set":
                found[key] = await store.smembers(key)
            case _:
                found[key] = await store.get(key)
    return found


async def lease_ends(store: Store, *event_ids: str, page_id: str = PAGE) -> None:
    """Let the leases of events, and the page's turn, come to their end now."""
    past = now_ms()
    await eventually(lambda: now_ms() > past)
    await store.zadd(keys.outbox(page_id), dict.fromkeys(event_ids, past))
    await store.zadd(keys.due(keys.partition(page_id)), {page_id: past})


async def due_in_ms(store: Store, page_id: str = PAGE) -> float:
    """Return how far ahead the page's next look lies (ms)."""
    at = await store.zscore(keys.due(keys.partition(page_id)), page_id)
    assert at is not None
    return float(at) - now_ms()
