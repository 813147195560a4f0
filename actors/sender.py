"""The sender: takes pages in turn and lets each claim be delivered, at most so many at once. Any number may run.

It may be killed at any time: what it had claimed is due again when the lease ends.
"""

import asyncio
from collections import Counter

import structlog
from msgspec import Struct

from actors.background import until
from actors.delivery_turn import DeliveryTurn, Tools
from actors.errors import StoredDamage, StoreUnavailable
from actors.outbox import Claim

MOST_LEFT_OUT = 1_000
"""Most pages that are left out at once."""

log = structlog.get_logger()


class Pace(Struct, frozen=True):
    """How much a sender does at once, and how long it waits: in seconds.

    `breath_s` lies between two rounds, so that a round finds several workers free and claims for all of them together.
    `idle_s` is how often it looks when there is nothing to do, and how long what a look has found is believed.
    `left_out_s` is for how long a page that cannot be claimed, because what is stored of it is damaged, is passed over.
    """

    workers: int = 64
    workers_per_page: int = 4
    breath_s: float = 0.005
    idle_s: float = 0.1
    longest_backoff_s: float = 5.0
    drain_s: float = 8.0
    left_out_s: float = 60.0


class Sender:
    """The loop of one process. `run` returns after `stop`, once what was under way has ended."""

    def __init__(self, tools: Tools, pace: Pace = Pace()) -> None:  # noqa: B008  frozen
        """Bind to what it works with. Nothing happens before `run`."""
        self._tools = tools
        self._pace = pace
        self._stopping = asyncio.Event()
        self._wanted = asyncio.Event()
        self._turns: dict[asyncio.Task[None], str] = {}
        self._found: list[str] = []
        self._looked_at = 0.0
        self._left_out: dict[str, float] = {}
        self._failures = 0

    def stop(self) -> None:
        """Claim nothing more, and let what is under way come to its end."""
        self._stopping.set()
        self._wanted.set()

    async def run(self) -> None:
        """Deliver until `stop`. Outages of Redis are waited out."""
        try:
            while not self._stopping.is_set():
                self._wanted.clear()
                started = await self._try_round()
                await self._pause(started)
        finally:
            await self._drain()

    async def _try_round(self) -> int:
        try:
            started = await self._round()
        except StoreUnavailable as error:
            self._failures += 1
            if self._failures == 1:
                log.warning("sender.store_unavailable", error=str(error))
            return 0
        if self._failures:
            log.info("sender.store_back", failures=self._failures)
            self._failures = 0
        return started

    async def _round(self) -> int:
        """Claim from as many due pages as there are free workers; return how many claims took something."""
        free = min(self._pace.workers - len(self._turns), self._tools.limiter.room)
        if not free:
            return 0
        if not self._found or asyncio.get_running_loop().time() - self._looked_at > self._pace.idle_s:
            await self._look()
        at_work = Counter(self._turns.values())
        pages, self._found = self._found[:free], self._found[free:]
        pages = [page for page in pages if at_work[page] < self._pace.workers_per_page]
        return sum(await asyncio.gather(*(self._start(page) for page in pages)))

    async def _look(self) -> None:
        now = self._looked_at = asyncio.get_running_loop().time()
        self._left_out = {page: until for page, until in self._left_out.items() if until > now}
        # One more than can keep all workers busy, so that a page beyond those, and those left out, is always seen.
        most = self._pace.workers // self._pace.workers_per_page + 1 + len(self._left_out)
        self._found = [page for page in await self._tools.claims.due_pages(most) if page not in self._left_out]
        # Shuffled, so that several senders do not all go for the same pages.
        self._found.sort(key=lambda _: self._tools.jitter())

    async def _start(self, page_id: str) -> bool:
        claim = await self._claim(page_id)
        if claim is None or not claim.entries:
            return False
        turn = asyncio.create_task(self._deliver(claim), name="sender.turn")
        self._turns[turn] = page_id
        turn.add_done_callback(self._ended)
        return True

    async def _claim(self, page_id: str) -> Claim | None:
        try:
            return await self._tools.claims.claim(page_id)
        except StoreUnavailable as error:
            # One page's trouble is not an outage; if it is one, the next round notices.
            log.warning("claim.failed", page_id=page_id, error=str(error))
        except StoredDamage as error:
            log.error("claim.failed", page_id=page_id, error=str(error))  # noqa: TRY400  where it was found says nothing
            self._leave_out(page_id)
        except Exception:  # loop top: one page's damage keeps no other waiting
            log.exception("claim.failed", page_id=page_id)
            self._leave_out(page_id)
        return None

    def _leave_out(self, page_id: str) -> None:
        if len(self._left_out) < MOST_LEFT_OUT:
            self._left_out[page_id] = asyncio.get_running_loop().time() + self._pace.left_out_s

    def _ended(self, turn: asyncio.Task[None]) -> None:
        # Only an end that makes room where there was none is worth a round of its own.
        at_work = list(self._turns.values())
        if len(at_work) == self._pace.workers or at_work.count(self._turns[turn]) == self._pace.workers_per_page:
            self._wanted.set()
        del self._turns[turn]

    async def _deliver(self, claim: Claim) -> None:
        try:
            with self._tools.limiter.expecting(claim.lease):
                await DeliveryTurn(self._tools, claim, self._stopping.is_set).run()
        except StoreUnavailable as error:
            log.warning("turn.interrupted", page_id=claim.page_id, error=str(error))
        except Exception:  # loop top: the lease ends, and the events are claimed again
            log.exception("turn.failed", page_id=claim.page_id)

    async def _pause(self, started: int) -> None:
        """Wait until workers may be free, something may be due, Redis may be back, or the end has come."""
        if self._failures:
            longest = min(self._pace.longest_backoff_s, self._pace.idle_s * 2 ** min(self._failures, 10))
            await until(self._stopping, longest * (1 + self._tools.jitter()) / 2)
        elif started or (self._found and len(self._turns) < self._pace.workers):
            await asyncio.sleep(self._pace.breath_s)
        else:
            await until(self._wanted, self._pace.idle_s)

    async def _drain(self) -> None:
        if not self._turns:
            return
        _, left = await asyncio.wait(set(self._turns), timeout=self._pace.drain_s)
        if left:
            log.warning("sender.turns_abandoned", count=len(left))
        for turn in left:
            turn.cancel()
