"""How a page does, or all of them: what comes in, fires and is sent, how fast, what waits, and what has gone silent."""

import asyncio
from typing import Final, get_args

from aiohttp import web
from msgspec import Struct

from actors.connection import Connection
from actors.depth import Depth
from actors.pulse_reader import Beats, Period
from gateway.clock import now_ms
from gateway.pages.errors import NOT_FOUND
from gateway.pages.rendering import render
from gateway.parts import PARTS
from gateway.support.access import audited
from gateway.support.pulse_charts import HEIGHT, draw, heard
from rules.times import MINUTE_MS

PERIODS: Final[tuple[Period, ...]] = get_args(Period)

LATE_MS: Final = 10 * MINUTE_MS
"""What waits for longer is in trouble, or on a page that is held."""

MOST_WAITING: Final = 10
"""So many pages are listed, those with the most waiting events first."""


class Waiting(Struct, frozen=True):
    """What waits, of a page or of all: how many events, for how long (ms) the oldest has, how many were given up."""

    events: int
    oldest_ms: int | None
    dead: int

    @property
    def late(self) -> bool:
        """Whether the oldest has waited suspiciously long."""
        return self.oldest_ms is not None and self.oldest_ms > LATE_MS


class Deep(Struct, frozen=True):
    """A page with waiting events. `name` is empty where nobody gave it one."""

    page_id: str
    name: str
    waiting: Waiting


class Seen(Struct, frozen=True):
    """What was read of a page, or of all. `last`: when each webhook field last came (ms)."""

    now: int
    period: Period
    beats: Beats
    last: dict[str, int]
    waiting: Waiting


async def get_health(request: web.Request) -> web.Response:
    """Show how all pages together do."""
    await audited(request, "health")
    parts, now, period = request.config_dict[PARTS], now_ms(), _period(request)
    beats, last, depths = await asyncio.gather(
        parts.pulse_reader.of_all(period, now), parts.pulse_reader.last_of_all(), parts.depths.all_pages()
    )
    connections = await parts.connections.read_all([depth.page_id for depth in depths[:MOST_WAITING]])
    deepest = [_deep(connections.get(depth.page_id), depth, now) for depth in depths[:MOST_WAITING]]
    return _show(request, Seen(now, period, beats, last, _waiting(depths, now)), page_id="", name="", deepest=deepest)


async def get_page_health(request: web.Request) -> web.Response:
    """Show how one page does, also one that is not connected any more."""
    page_id = request.match_info["page_id"]
    await audited(request, "health", page_id=page_id)
    parts, now, period = request.config_dict[PARTS], now_ms(), _period(request)
    connection, beats, last, depth = await asyncio.gather(
        parts.connections.readable(page_id),
        parts.pulse_reader.of_page(page_id, period, now),
        parts.pulse_reader.last_of_page(page_id),
        parts.depths.page(page_id),
    )
    if connection is None and not last and not depth.waiting and not depth.dead:
        raise NOT_FOUND.error()
    seen = Seen(now, period, beats, last, _waiting((depth,), now))
    return _show(request, seen, page_id=page_id, name=connection.page_name if connection else "", deepest=[])


def _show(request: web.Request, seen: Seen, *, page_id: str, name: str, deepest: list[Deep]) -> web.Response:
    return render(
        request,
        "support/health.html.j2",
        page_id=page_id,
        name=name,
        period=seen.period,
        periods=PERIODS,
        now=seen.now,
        charts=draw(seen.beats),
        chart_height=HEIGHT,
        heard=heard(seen.last, seen.now),
        waiting=seen.waiting,
        deepest=deepest,
    )


def _period(request: web.Request) -> Period:
    asked = request.query.get("period")
    return next((period for period in PERIODS if period == asked), "hour")


def _waiting(depths: tuple[Depth, ...], now: int) -> Waiting:
    fired = [depth.oldest_fired_at for depth in depths if depth.oldest_fired_at is not None]
    return Waiting(
        events=sum(depth.waiting for depth in depths),
        oldest_ms=max(0, now - min(fired)) if fired else None,
        dead=sum(depth.dead for depth in depths),
    )


def _deep(connection: Connection | None, depth: Depth, now: int) -> Deep:
    return Deep(depth.page_id, connection.page_name if connection else "", _waiting((depth,), now))


ROUTES: Final = (web.get("/health", get_health), web.get("/pages/{page_id}/health", get_page_health))
