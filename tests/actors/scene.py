"""A store in which something of everything lies, as it was and as it is: what calls that are cut short are made on."""

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

from actors import keys
from actors.audit import Audit, AuditEntry
from actors.bucket import Bucket, Limiter
from actors.bulk_resend import BulkResend
from actors.claims import Claims
from actors.committer import Committer
from actors.connections import Connections
from actors.conversations import Conversations
from actors.makings import Makings
from actors.order_links import OrderLinks
from actors.outbox import Claim
from actors.page_checks import PageCheck, PageChecks
from actors.pulse import IN, Pulse
from actors.resend import Resender
from actors.sender_metrics import SenderMetrics
from actors.sessions import Session, SessionPage, Sessions
from actors.store_clock import StoreClock
from rules.clicks import Policy
from rules.facts import Addressed, ConversationId, Message, OrderSeen, Referral
from rules.times import MINUTE_MS
from tests.actors.delivering import BAD_ITEM, FAST, TikTok, claims_of, connected, fired, now_ms, turn
from tests.stores import Store

Part = TypeVar("Part")

PAGE, CLAIMED_PAGE, DAMAGED_PAGE = "900", "901", "902"
CUSTOMER, DAMAGED = ConversationId(PAGE, "7101"), ConversationId(DAMAGED_PAGE, "7102")
ADVERTISER, MAKER = "7000", "maker-1"
FOUND = PageCheck(1_790_000_000_000, "passed", "failing")

MAY_STAND_TWICE = ("audit", "aside:")
"""Streams in which a repeated entry is allowed, and said to be: rather twice than not at all."""

MAY_DIFFER = ("bucket:", "connections_changed:", "pulse:", "pulse_last:", "senders")
"""What only has to be there: a token taken for a call that was cut short is lost, a count of a chart may be."""

DUPLICATE = b'"fact":"duplicate"'
"""Of a fact that comes again a timeline says so, which is a turn of its own, and changes nothing else."""

SAME_TIME_MS = 10 * MINUTE_MS
"""Times that differ by less than a test may take are one; what is kept for hours, days or weeks is told apart."""


class Process:
    """The parts of one process, each made when it is first asked for."""

    def __init__(self, scene: "Scene") -> None:
        store: Store = scene.store
        self.store, self.scene, self.at = store, scene, scene.at
        self._parts: dict[object, Any] = {}
        self.connections = Connections(store)
        self.committer = Committer(store)
        self.conversations = Conversations(self.committer, self.connections, Policy())
        self.clock = StoreClock(store, time.time)
        self.claims = Claims(store, self.clock)
        self.resender = Resender(store, self.clock)
        self.bulk_resend = BulkResend(store, self.clock)
        self.bucket = Bucket(store, FAST)
        self.limiter = Limiter(store, FAST, FAST)
        self.pulse = Pulse()

    def part(self, kind: Callable[[Store], Part]) -> Part:
        """Return one of the parts that need a store and nothing else."""
        if kind not in self._parts:
            self._parts[kind] = kind(self.store)
        made: Part = self._parts[kind]
        return made


class Scene:
    """The store, and what a test must know of what lies in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = now_ms()
        self.rejected = ""
        self.claim: Claim
        self._dumps: list[tuple[bytes, bytes, int]] = []

    async def build(self) -> None:
        """Let something of everything happen, and remember the outcome."""
        store, at = self.store, self.at
        for page_id in (PAGE, CLAIMED_PAGE, DAMAGED_PAGE):
            await connected(store, page_id)
        process = Process(self)
        await process.conversations.tell(
            Addressed(CUSTOMER, fact) for fact in (clicked(at), wrote(at, "m-1"), ordered(at, "51"))
        )
        await turn(store, TikTok(BAD_ITEM))
        self.rejected = (await store.zrange(keys.dead(PAGE), 0, 0))[0].decode()
        await fired(store, 3)
        await store.set(keys.conversation(DAMAGED), "something else", px=SAME_TIME_MS)
        await self._build_pages_and_orders(process)
        process.pulse.count(PAGE, at, IN)
        process.pulse.hear(PAGE, "messages", at)
        await process.pulse.write(store)
        await SenderMetrics(store).publish(at)
        await process.part(Audit).write(AuditEntry(at=at, who="linh", action="home"))
        await fired(store, 2, page_id=CLAIMED_PAGE, first=10)
        self.claim = await (await claims_of(store)).claim(CLAIMED_PAGE)
        self._dumps = await self._dump()

    async def _build_pages_and_orders(self, process: Process) -> None:
        checks, links = process.part(PageChecks), process.part(OrderLinks)
        await checks.note(PAGE, FOUND, "token")
        await self.store.zadd(keys.checks(keys.partition(PAGE)), {PAGE: self.at})
        await links.link(ordered(self.at, "51"), CUSTOMER)
        await links.find_or_park(ordered(self.at, "52"))
        await process.part(Makings).begin(PAGE, ADVERTISER, MAKER, self.at)
        await process.part(Sessions).open(session(self.at, "s-1"), "link-1", 300)
        await process.part(Sessions).keep("s-1", "draft", b"note")

    async def restore(self) -> None:
        """Make everything as it was built."""
        pipeline = self.store.pipeline(transaction=False)
        pipeline.flushall()
        for key, value, ttl_ms in self._dumps:
            pipeline.restore(key, max(0, ttl_ms), value)
        await pipeline.execute()

    async def stored(self) -> dict[str, str]:
        """Return everything that is stored, made plain, and what of it lives for ever."""
        names = sorted(await self.store.keys())
        pipeline = self.store.pipeline(transaction=False)
        for name in names:
            pipeline.type(name)
            pipeline.ttl(name)
        told = await pipeline.execute()
        kinds = list(zip(names, told[::2], told[1::2], strict=True))
        for name, kind, _ in kinds:
            _READ[kind](pipeline, name)
        values = await pipeline.execute()
        return {
            name.decode(): self.plain(_shown(name.decode(), value, ttl))
            for (name, _, ttl), value in zip(kinds, values, strict=True)
        }

    def plain(self, told: object) -> str:
        """Write out what was told or stored, times as distances from the scene's and random names without their own."""
        text = re.sub(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z", "UTC", repr(told))
        text = re.sub(r"\b[0-9a-f]{16}\b|\b[0-9a-f]{12}-\d+\b", "RANDOM", text)
        return re.sub(r"\b\d{13}(-\d+)?\b", self._distance, text)

    def _distance(self, found: re.Match[str]) -> str:
        distance = int(found[0].partition("-")[0]) - self.at + SAME_TIME_MS // 2
        return f"{distance // SAME_TIME_MS:+}"

    async def _dump(self) -> list[tuple[bytes, bytes, int]]:
        names = await self.store.keys()
        pipeline = self.store.pipeline(transaction=False)
        for name in names:
            pipeline.dump(name)
            pipeline.pttl(name)
        told = await pipeline.execute()
        return list(zip(names, told[::2], told[1::2], strict=True))


_READ: dict[bytes, Callable[[Any, bytes], object]] = {
    b"string": lambda pipeline, name: pipeline.get(name),
    b"hash": lambda pipeline, name: pipeline.hgetall(name),
    b"list": lambda pipeline, name: pipeline.lrange(name, 0, -1),
    b"set": lambda pipeline, name: pipeline.smembers(name),
    b"zset": lambda pipeline, name: pipeline.zrange(name, 0, -1, withscores=True),
    b"stream": lambda pipeline, name: pipeline.xrange(name),
}


def _shown(name: str, value: Any, ttl: int) -> tuple[str, object]:  # noqa: ANN401  replies of all shapes
    lives = "for ever" if ttl == -1 else "for a while"
    if name.startswith(MAY_DIFFER):
        return lives, "something"
    if name.startswith(MAY_STAND_TWICE):
        return lives, sorted({repr(fields) for _, fields in value})
    if name.startswith("timeline:"):
        return lives, [fields for _, fields in value if DUPLICATE not in fields[b"entry"]]
    if name.startswith("conversation:"):
        return lives, value[b"state"] if isinstance(value, dict) else value
    if isinstance(value, dict):
        return lives, sorted(value.items())
    # What stands in a sorted set in which order depends on milliseconds.
    return lives, value if name.startswith("unlinked:") or isinstance(value, bytes) else sorted(value)


def clicked(at: int) -> Referral:
    """The customer came through the ad a minute ago."""
    return Referral(at - MINUTE_MS, at - MINUTE_MS, "tt-1", "SHORTLINK")


def wrote(at: int, mid: str) -> Message:
    """The customer wrote half a minute ago."""
    return Message(at - MINUTE_MS // 2, at - MINUTE_MS // 2, mid, "customer")


def ordered(at: int, order_id: str) -> OrderSeen:
    """A push shows an order of now."""
    return OrderSeen(at, at, order_id, at, at, org_id="2", order_number=f"#{order_id}")


def session(at: int, session_id: str) -> Session:
    """A seller's session."""
    pages = (SessionPage(PAGE, "Đầm xinh"),)
    return Session(
        id=session_id, sub="u-1", store_id="1000", role="owner", lang="vi", csrf="csrf", pages=pages, began_at=at
    )
