"""Alive, ready, measured: what supervisors, load balancers and Prometheus ask. Tells nothing of pages or customers."""

import asyncio
from collections.abc import Awaitable
from math import nan
from typing import Final, TypeVar

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from actors.errors import StoreUnavailable
from actors.server import SAFE_POLICY, probe
from actors.together import WAIT_FOR_REPLICA_MS
from gateway import metrics
from gateway.clock import now_ms
from gateway.draining import Draining
from gateway.exposition import expose
from gateway.intake import Intake
from gateway.parts import Parts
from rules.times import DAY_MS, SECOND_MS

ASK_S: Final = 1.0
FULL: Final = 0.85
"""Share of Redis' memory limit above which no more work is wanted: at 1.0 it refuses every commit."""

Answer = TypeVar("Answer")


class Health:
    """The routes."""

    def __init__(self, parts: Parts, intake: Intake, draining: Draining) -> None:
        """Look at these parts."""
        self._parts = parts
        self._intake = intake
        self._draining = draining

    def add_routes(self, app: web.Application) -> None:
        """Add the three paths; readiness turns red as soon as the process is about to end."""
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.measure)

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer 200 as long as the event loop turns."""
        return web.Response(text="alive")

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 when a commit would succeed now, 503 with the reason otherwise. Writes to Redis for real."""
        reason = "shutting down" if self._draining.begun else await self._why_not()
        answer = {"ready": reason is None} | ({"reason": reason} if reason else {})
        return web.Response(
            body=msgspec.json.encode(answer), status=503 if reason else 200, content_type="application/json"
        )

    async def measure(self, _request: web.Request) -> web.Response:
        """Answer with all metrics of this process, and with what is in Redis now (NaN when it is away)."""
        metrics.IN_FLIGHT.set(self._intake.requests)
        metrics.ARRIVING.set(self._intake.arriving)
        metrics.ASYNCIO_TASKS.set(len(asyncio.all_tasks()))
        senders, *_ = await asyncio.gather(
            _in_time(self._parts.sender_metrics.published(now_ms())),
            self._measure_outbox(),
            self._measure_orders(),
            self._measure_last(),
        )
        return web.Response(body=expose(senders or {}), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _why_not(self) -> str | None:
        durable = self._parts.settings.durable_on_replica
        within_s = ASK_S + WAIT_FOR_REPLICA_MS / SECOND_MS if durable else ASK_S
        try:
            async with asyncio.timeout(within_s):
                memories = await probe(self._parts.store, durable_on_replica=durable)
        except TimeoutError:
            return f"Redis did not answer within {within_s:g} s"
        except StoreUnavailable as error:
            return f"Redis: {error}"
        evicting = {memory.policy for memory in memories} - {SAFE_POLICY, None}
        if evicting and not self._parts.settings.allow_eviction:
            return f"Redis has got another maxmemory-policy since the start: {', '.join(map(str, evicting))}"
        used = max(memory.share for memory in memories)
        return f"Redis uses {used:.0%} of its memory limit" if used >= FULL else None

    async def _measure_outbox(self) -> None:
        waiting = oldest = dead = nan
        pages = await _in_time(self._parts.depths.all_pages())
        if pages is not None:
            waiting, dead = sum(page.waiting for page in pages), sum(page.dead for page in pages)
            fired = [page.oldest_fired_at for page in pages if page.oldest_fired_at is not None]
            oldest = max(0.0, (now_ms() - min(fired)) / SECOND_MS) if fired else 0.0
        metrics.OUTBOX_WAITING.set(waiting)
        metrics.OUTBOX_OLDEST.set(oldest)
        metrics.OUTBOX_DEAD.set(dead)

    async def _measure_orders(self) -> None:
        orders = await _in_time(self._parts.waiting_orders.count(now_ms(), DAY_MS))
        metrics.ORDERS_LOST_SOON.set(nan if orders is None else orders)

    async def _measure_last(self) -> None:
        # From Redis: what this process has not seen itself, another has, or it has before its last start.
        last = await _in_time(self._parts.pulse_reader.last_of_all()) or {}
        for field, child in metrics.LAST_OF.items():
            if field in last:
                child.set(last[field] / SECOND_MS)


async def _in_time(answer: Awaitable[Answer]) -> Answer | None:
    try:
        async with asyncio.timeout(ASK_S):
            return await answer
    except (TimeoutError, StoreUnavailable):
        return None
