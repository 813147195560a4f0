"""The real outbox, driven step by step, and beside it what is known of it for sure."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Literal, TypeAlias, TypeVar

from msgspec.structs import replace

from actors import keys
from actors.bucket import Limiter
from actors.claims import FARTHEST_MS, NO_REST, Claims
from actors.commits import Commit, Committed, Conflicted, Result, Snapshot
from actors.committer import Committer
from actors.connections import Connections
from actors.delivery_turn import HELD, DeliveryTurn, Tools
from actors.outbox import Claim, Place, Rest, Settlement
from actors.resend import Resender
from actors.store_clock import StoreClock
from rules.catalogue import DeliveryCode, ReasonCode
from rules.delivery import Reply
from rules.events import Event
from rules.facts import ConversationId
from rules.state import Conversation
from rules.times import DAY_MS, HOUR_MS, SECOND_MS
from tests.actors.conversing import CONNECTION
from tests.actors.delivering import BAD_ITEM, BROKEN, FAST, OK, everything, row
from tests.models.stores import FakeStore, RealStore
from tests.models.tiktok import Behaviour, Died, Entries, TikTok

PAGE = "900"
NEIGHBOUR = next(str(n) for n in range(901, 9_000) if keys.partition(str(n)) == keys.partition(PAGE))
PAGES = (PAGE, NEIGHBOUR)
"""Two pages that share their partition, so also their due index."""

Ending: TypeAlias = Literal["sent", "retry", "later", "bury", "hold", "give_back"]
Returned = TypeVar("Returned")


class DrivenOutbox:
    """Every method does one thing with the real scripts, and checks what must come of it."""

    def __init__(self, at: FakeStore | RealStore) -> None:
        self.at = at
        self.store = at.redis
        self.tiktok = TikTok(self._look_at)
        self.fired: dict[str, Event] = {}
        self.sent: set[str] = set()
        self.rests_until: defaultdict[str, int] = defaultdict(int)
        self._loop = asyncio.new_event_loop()
        self._committer = Committer(self.store)
        self._commits = 0
        self._holder: dict[str, str] = {}
        self._free_at: dict[str, int] = {}
        self._paused: set[str] = set()
        self._turn_at = 0

    def run(self, work: Coroutine[Any, Any, Returned]) -> Returned:
        """Run something of the product to its end."""
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """Let go of the store and the loop."""
        self.run(self.store.aclose())
        self._loop.close()
        self.at.close()

    def now(self) -> int:
        """Return Redis's time (ms)."""
        seconds, microseconds = self.run(self.store.time())
        return int(seconds * SECOND_MS + microseconds // 1_000)

    def fire(self, page_id: str, age_ms: int) -> Commit:
        """Let a new customer's conversation fire an event that happened so long ago."""
        self._commits += 1
        at, number = self.now(), self._commits
        event = Event("Conversation", f"e-{number}", at - age_ms, at - age_ms, "tt-1")
        conversation = ConversationId(page_id, f"psid-{number}")
        commit = Commit(conversation, Snapshot(), f"c-{number}", Conversation(), (event,), (), at)
        self.commit(commit)
        self.fired[event.event_id] = event
        self.rests_until[page_id] = 0
        return commit

    def commit(self, commit: Commit) -> None:
        """Commit on top of nothing: that holds if nothing is stored, or this very commit."""
        stored = self.run(self.store.hget(keys.conversation(commit.conversation), "commit"))
        result = self.run(self._committed(commit))
        assert isinstance(result, Committed if stored in (None, commit.commit_id.encode()) else Conflicted)

    async def _committed(self, commit: Commit) -> Result:
        return await self._committer.commit(commit)

    def decide_again(self, commit: Commit) -> None:
        """Let the conversation expire or be forgotten, and the same events be decided in another life of it."""
        self.run(self.store.delete(keys.conversation(commit.conversation)))
        self._commits += 1
        self.commit(replace(commit, commit_id=f"c-{self._commits}"))

    def claim(self, page_id: str, most: int = 100) -> Claim:
        """Claim, and see that nothing is taken from anybody whose lease lasts."""
        claim = self.run(self._tools().claims.claim(page_id, most))
        claimed_at, places = claim.ends_at - self.at.lease_ms, self.places(page_id)
        for entry in claim.entries:
            event_id = entry.event.event_id
            held_until = self._free_at.get(event_id, 0)
            impossible = held_until > claimed_at + FARTHEST_MS
            assert held_until <= claimed_at or impossible, "an event is claimed that another holds"
            assert places[event_id] == "waiting"
            self._holder[event_id], self._free_at[event_id] = claim.lease, claim.ends_at
        if claim.entries:
            self.rests_until[page_id] = 0
        return claim

    def settle(self, claim: Claim, ending: Ending) -> None:
        """Settle a claim of whatever age, twice, and see that only the holder changes anything, and once."""
        mine = tuple(each for each in claim.entries if self._holder.get(each.event.event_id) == claim.lease)
        if ending == "sent":
            self.tiktok.record(mine)
        before = self.run(everything(self.store))
        self._settle(claim, ending)
        after = self.run(everything(self.store))
        assert mine or after == before, "whoever lost the lease has changed something"
        self._settle(claim, ending)
        assert self.run(everything(self.store)) == after, "a settlement whose reply was lost has counted twice"
        if mine and (ending == "later" or (ending == "hold" and not self._may_send(claim.page_id))):
            self.rests_until[claim.page_id] = self.now() + HOUR_MS
        places = self.places(claim.page_id)
        for entry in mine:
            self._release(entry.event.event_id)
            assert places[entry.event.event_id] == {"sent": "sent", "bury": "dead"}.get(ending, "waiting")

    def turn(self, page_id: str, acts: list[Behaviour]) -> None:
        """Take a sender's whole turn with a page, which TikTok or a SIGKILL may spoil."""
        self.tiktok.behaviours = [*acts]
        claim = self.claim(page_id)
        with suppress(Died):
            self.run(DeliveryTurn(self._tools(), claim, lambda: False).run())
        if claim.entries and not self._may_send(page_id):
            self.rests_until[page_id] = self.now() + HOUR_MS
        for entry in claim.entries:
            found = self.run(row(self.store, entry.event.event_id, page_id))
            assert "lease" not in found or "unconfirmed_since" in found, "nobody knows that it may have been sent"
            if "lease" not in found:
                self._release(entry.event.event_id)

    def switch(self, page_id: str, *, paused: bool, by_switch: bool = False) -> None:
        """Pause a page or end its pause, by the switch or by putting its connection anew."""
        connections = Connections(self.store)
        if by_switch:
            self.run((connections.pause if paused else connections.resume)(page_id, self.now()))
        else:
            self.run(connections.put(replace(CONNECTION, page_id=page_id, paused=paused), self.now()))
        (self._paused.add if paused else self._paused.discard)(page_id)
        if self._may_send(page_id):
            self.rests_until[page_id] = 0

    def resend(self, page_id: str, event_id: str) -> None:
        """Ask to send an event again, which only helps a dead one."""
        place = self.places(page_id)[event_id]
        said = self.run(Resender(self.store, StoreClock(self.store)).resend(page_id, event_id))
        assert said != "requeued" or place == "dead"
        if said == "requeued":
            self.rests_until[page_id] = 0

    def due_pages(self) -> list[str]:
        """Return the pages that a sender would look at now."""
        return self.run(self._tools().claims.due_pages(len(PAGES)))

    def make_everything_due(self) -> None:
        """Bring all that waits forward to now, which is what hours would do."""
        now = self.now()
        for page_id in PAGES:
            if waiting := self.run(self.store.zrange(keys.outbox(page_id), 0, -1)):
                self.run(self.store.zadd(keys.outbox(page_id), dict.fromkeys(waiting, now)))
                self.run(self.store.zadd(keys.due(keys.partition(page_id)), {page_id: now}, xx=True))
        self._free_at.clear()

    def places(self, page_id: str) -> dict[str, str]:
        """Say where every event of a page is, and that it is nowhere else."""
        return self.run(self._places(page_id))

    async def _places(self, page_id: str) -> dict[str, str]:
        pipeline = self.store.pipeline(transaction=False)
        pipeline.zrange(keys.outbox(page_id), 0, -1)
        pipeline.zrange(keys.dead(page_id), 0, -1)
        for event_id in self.fired:
            pipeline.hget(keys.event(page_id, event_id), "status")
        waiting, dead, *statuses = await pipeline.execute()
        found = [(each.decode(), place) for place, ids in (("waiting", waiting), ("dead", dead)) for each in ids]
        found += [(each, "sent") for each, status in zip(self.fired, statuses, strict=True) if status == b"sent"]
        assert len(found) == len(dict(found)), "an event is in two places"
        return dict(found)

    def _look_at(self, entries: Entries) -> None:
        for entry in entries:
            assert entry.event.event_id not in self.sent, "what was sent is posted again"
            assert entry.conversation.page_id not in self._paused, "a paused page's event is posted"
            assert self._turn_at - entry.event.at <= 7 * DAY_MS, "an event older than seven days is posted"

    def _release(self, event_id: str) -> None:
        self._holder.pop(event_id, None)
        self._free_at.pop(event_id, None)

    def _may_send(self, page_id: str) -> bool:
        connection = self.run(Connections(self.store).read(page_id))
        assert connection is not None
        return connection.authorised and not connection.paused

    def _tools(self) -> Tools:
        clock = StoreClock(self.store)
        self._turn_at = self.run(clock.refresh())
        return Tools(
            claims=Claims(self.store, clock, lease_ms=self.at.lease_ms),
            clock=clock,
            channel=self.tiktok,
            limiter=Limiter(self.store, FAST, FAST),
            jitter=lambda: 0.5,
        )

    def _settle(self, claim: Claim, ending: Ending) -> None:
        soon = self.now() + 4
        how: dict[Ending, tuple[Place, DeliveryCode | None, ReasonCode, int | None, Reply | None, Rest]] = {
            "sent": ("sent", "sent", "sent", None, OK, NO_REST),
            "retry": ("waiting", "retrying", "retrying", soon, BROKEN, NO_REST),
            "later": ("waiting", "rate_limited", "rate_limited", soon, None, Rest(HOUR_MS)),
            "bury": ("dead", "rejected", "rejected", None, BAD_ITEM, NO_REST),
            "hold": ("waiting", None, "page_paused", None, None, HELD),
            "give_back": ("waiting", None, "queued", None, None, NO_REST),
        }
        place, status, reason, at, reply, rest = how[ending]
        found = [
            Settlement(entry, place, status or entry.status, reason, next_attempt_at=at, reply=reply)
            for entry in claim.entries
        ]
        self.run(self._tools().claims.settle(claim, found, rest))
