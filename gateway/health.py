"""Alive, ready, measured: what supervisors, load balancers and Prometheus ask. Tells nothing of pages or customers."""

import asyncio
import time
from math import nan
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from actors.errors import StoreUnavailable
from actors.sender_metrics import Measured
from actors.server import SAFE_POLICY, probe
from gateway import metrics
from gateway.clock import now_ms
from gateway.exposition import expose
from gateway.intake import Intake
from gateway.parts import Parts
from rules.times import SECOND_MS

ASK_S: Final = 1.0
FULL: Final = 0.85
"""Share of Redis' memory limit above which no more work is wanted: at 1.0 it refuses every commit."""


class Health:
    """The routes, and whether this process is shutting down."""

    def __init__(self, parts: Parts, intake: Intake) -> None:
        """Look at these parts."""
        self._parts = parts
        self._intake = intake
        self._closing = False

    def add_routes(self, app: web.Application) -> None:
        """Add the three paths; readiness turns red as soon as the shutdown begins."""
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.measure)
        app.on_shutdown.append(self._close)

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer 200 as long as the event loop turns."""
        return web.Response(text="alive")

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 when a commit would succeed now, 503 with the reason otherwise. Writes to Redis for real."""
        reason = "shutting down" if self._closing else await self._why_not()
        answer = {"ready": reason is None} | ({"reason": reason} if reason else {})
        return web.Response(
            body=msgspec.json.encode(answer), status=503 if reason else 200, content_type="application/json"
        )

    async def measure(self, _request: web.Request) -> web.Response:
        """Answer with all metrics of this process, and with the outbox as it is in Redis now (NaN when it is away)."""
        metrics.IN_FLIGHT.set(self._intake.requests)
        await self._measure_outbox()
        return web.Response(body=expose(await self._senders()), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _why_not(self) -> str | None:
        try:
            async with asyncio.timeout(ASK_S):
                memories = await probe(self._parts.store)
        except TimeoutError:
            return f"Redis did not answer within {ASK_S:g} s"
        except StoreUnavailable as error:
            return f"Redis: {error}"
        evicting = {memory.policy for memory in memories} - {SAFE_POLICY, None}
        if evicting and not self._parts.settings.allow_eviction:
            return f"Redis has got another maxmemory-policy since the start: {', '.join(map(str, evicting))}"
        used = max(memory.share for memory in memories)
        return f"Redis uses {used:.0%} of its memory limit" if used >= FULL else None

    async def _senders(self) -> dict[str, tuple[Measured, ...]]:
        try:
            async with asyncio.timeout(ASK_S):
                return await self._parts.sender_metrics.published(now_ms())
        except (TimeoutError, StoreUnavailable):
            return {}

    async def _measure_outbox(self) -> None:
        waiting = oldest = dead = nan
        try:
            async with asyncio.timeout(ASK_S):
                pages = await self._parts.depths.all_pages()
        except (TimeoutError, StoreUnavailable):
            pass
        else:
            now = time.time()
            waiting, dead = sum(page.waiting for page in pages), sum(page.dead for page in pages)
            fired = [page.oldest_fired_at for page in pages if page.oldest_fired_at is not None]
            oldest = max(0.0, now - min(fired) / SECOND_MS) if fired else 0.0
        metrics.OUTBOX_WAITING.set(waiting)
        metrics.OUTBOX_OLDEST.set(oldest)
        metrics.OUTBOX_DEAD.set(dead)

    async def _close(self, _app: web.Application) -> None:
        self._closing = True
