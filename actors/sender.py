"""The sender: takes pages in turn and lets each claim be delivered, at most so many at once. Any number may run.

It may be killed at any time: what it had claimed is due again when the lease ends.
"""

import asyncio
from collections import Counter

import structlog
from msgspec import Struct

from actors.delivery_turn import DeliveryTurn, Tools
from actors.errors import StoreUnavailable
from actors.outbox import Claim

log = structlog.get_logger()


class Pace(Struct, frozen=True):
    """How much a sender does at once, and how long it waits: in seconds."""

    workers: int = 16
    workers_per_page: int = 4
    idle_s: float = 0.25
    longest_backoff_s: float = 5.0
    drain_s: float = 8.0


class Sender:
    """The loop of one process. `run` returns after `stop`, once what was under way has ended."""

    def __init__(self, tools: Tools, pace: Pace = Pace()) -> None:  # noqa: B008  frozen
        """Bind to what it works with. Nothing happens before `run`."""
        self._tools = tools
        self._pace = pace
        self._stopping = asyncio.Event()
        self._turns: dict[asyncio.Task[None], str] = {}
        self._failures = 0

    def stop(self) -> None:
        """Claim nothing more, and let what is under way come to its end."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver until `stop`. Outages of Redis are waited out."""
        stopped = asyncio.create_task(self._stopping.wait(), name="sender.stopped")
        try:
            while not self._stopping.is_set():
                started = await self._try_round()
                if not started or len(self._turns) >= self._pace.workers:
                    await self._wait(stopped)
        finally:
            stopped.cancel()
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
        if self._tools.limiter.shut_for_s:
            return 0
        at_work = Counter(self._turns.values())
        # One more than can keep all workers busy, so that a page beyond those is always seen.
        due = await self._tools.claims.due_pages(self._pace.workers // self._pace.workers_per_page + 1)
        pages = [page for page in due if at_work[page] < self._pace.workers_per_page]
        # Shuffled, so that several senders do not all go for the same pages.
        pages.sort(key=lambda _: self._tools.jitter())
        pages = pages[: self._pace.workers - len(self._turns)]
        return sum(await asyncio.gather(*(self._start(page) for page in pages)))

    async def _start(self, page_id: str) -> bool:
        try:
            claim = await self._tools.claims.claim(page_id)
        except StoreUnavailable as error:
            # One page's trouble is not an outage; if it is one, the next round notices.
            log.warning("claim.failed", page_id=page_id, error=str(error))
            return False
        if not claim.entries:
            return False
        turn = asyncio.create_task(self._deliver(claim), name="sender.turn")
        self._turns[turn] = page_id
        turn.add_done_callback(self._turns.pop)
        return True

    async def _deliver(self, claim: Claim) -> None:
        try:
            await DeliveryTurn(self._tools, claim, self._stopping.is_set).run()
        except StoreUnavailable as error:
            log.warning("turn.interrupted", page_id=claim.page_id, error=str(error))
        except Exception:  # loop top: the lease ends, and the events are claimed again
            log.exception("turn.failed", page_id=claim.page_id)

    async def _wait(self, stopped: asyncio.Task[bool]) -> None:
        """Wait until a worker is free, something may be due, Redis may be back, or the end has come."""
        pause = self._pace.idle_s
        if self._failures:
            longest = min(self._pace.longest_backoff_s, pause * 2 ** min(self._failures, 10))
            pause = longest * (1 + self._tools.jitter()) / 2
            await asyncio.wait({stopped}, timeout=pause)
            return
        await asyncio.wait({stopped, *self._turns}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)

    async def _drain(self) -> None:
        if not self._turns:
            return
        _, left = await asyncio.wait(set(self._turns), timeout=self._pace.drain_s)
        if left:
            log.warning("sender.turns_abandoned", count=len(left))
        for turn in left:
            turn.cancel()
