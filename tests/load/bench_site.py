"""Where the benchmark measures: a real redis-server, TikTok's sandbox, whatever of ours is started, and CPU time."""

import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urljoin

import structlog
from aiohttp import ClientSession
from msgspec import Struct

from gateway.parts import Parts, compose
from gateway.settings import load_settings
from tests.end_to_end.running import Running, python, running
from tests.end_to_end.world import World, settings_with
from tests.load.client import Seen, Wanted
from tests.load.service import load
from tests.redis_server import redis_server
from tests.stores import Store

Figures: TypeAlias = dict[str, float]
"""What one round of one section has measured, by name."""

AHEAD_A_SECOND: Final = 40_000
SMALL_VALUES: Final = {"--stream-node-max-bytes": "1024", "--hash-max-listpack-value": "2048"}
"""What `docs/operations.md` recommends for Redis's memory."""

TICKS: Final = os.sysconf("SC_CLK_TCK")
WIDE_OPEN: Final = {"TIKTOK_EVENTS_PER_SECOND": "1000000", "TIKTOK_EVENTS_BURST": "1000000"}
MICRO: Final = 1e6
ROUND_WITHIN_S: Final = 60.0
FAR: Final = 100_000_000
"""Numbers of messages from here on are not used otherwise."""


class Scale(Struct, frozen=True):
    """How much is measured: `seconds` of each load, `waiting` events, and conversations of the largest growth."""

    seconds: float = 3.0
    pages: tuple[int, ...] = (1, 100, 10_000)
    conversations: int = 10_000
    events: int = 20_000
    lone_events: int = 10_000
    waiting: int = 100_000
    growth: tuple[int, ...] = (10_000, 100_000)
    acts: int = 3


QUICK: Final = Scale(0.5, (1, 100), 500, 1_000, 300, 3_000, (500, 2_000), 1)


class Site(NamedTuple):
    """What runs, and the parts of this very process, bound to the same Redis."""

    world: World
    parts: Parts
    http: ClientSession
    store: Store
    redis_pid: int
    tiktok: Running
    tiktok_url: str

    def sandbox(self, path: str) -> str:
        """Return the URL by which the sandbox is driven."""
        return urljoin(self.tiktok_url, f"/_sandbox/{path}")

    async def redis_memory(self) -> int:
        """Return how many bytes Redis uses."""
        return int((await self.store.info("memory"))["used_memory"])


@asynccontextmanager
async def site(redis_url: str = "") -> AsyncIterator[Site]:
    """Start Redis, unless there is one already, and the sandbox, which never throttles; all ends with the block."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, number = Path(temporary), count()

        def start(*command: str, environment: dict[str, str] | None = None) -> Running:
            log = folder / f"{next(number)}.log"
            return stack.enter_context(running(*command, environment=environment or {}, log=log))

        redis_url = redis_url or stack.enter_context(redis_server(folder, SMALL_VALUES))
        tiktok = start(*python("gateway.sandbox"))
        tiktok_url = tiktok.first_line()
        async with ClientSession() as http:
            world = World(http, tiktok_url, settings_with(tiktok_url) | WIDE_OPEN | {"REDIS_URL": redis_url}, start)
            parts = compose(load_settings(world.settings))
            store: Any = parts.store
            try:
                info = await store.info("server")
                here = Site(world, parts, http, store, int(info.get("process_id", 0)), tiktok, tiktok_url)
                rate = {"requests_per_second": 1e6, "burst": 1_000_000}
                async with http.post(here.sandbox("rate"), json=rate) as answer:
                    answer.raise_for_status()
                yield here
            finally:
                await store.aclose()


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process has taken so far, in user and in system mode (s)."""
    _, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    return sum(map(int, fields.split()[11:13])) / TICKS


def once_round(scale: Scale, port: int, pages: int = 1, items: int = 1) -> Wanted:
    """Let something be sent to each conversation once: then the caches are as they are in the middle of a day."""
    return Wanted(
        port,
        ROUND_WITHIN_S,
        most=scale.conversations // items,
        first=FAR,
        pages=pages,
        conversations=scale.conversations,
        items=items,
    )


class Taken(NamedTuple):
    """What came of one load: `gateway_us` and `redis_us` are CPU time for each event (µs)."""

    seen: Seen
    rate: float
    gateway_us: float
    redis_us: float


async def take(wanted: Wanted, server: Running, redis_pid: int) -> Taken:
    """Let a client do what is wanted, and count the CPU time meanwhile. Every answer has to be 200, or 503 and told."""
    pids = (server.pid, redis_pid)
    before = [cpu_s(pid) for pid in pids]
    seen = await load(wanted)
    gateway, redis = (cpu_s(pid) - then for pid, then in zip(pids, before, strict=True))
    assert not seen.other + seen.cut, f"{seen.other} other answers, {seen.cut} cut"
    if seen.refused:
        why = [line for line in server.log.splitlines() if "not_committed" in line][-1:]
        sys.stderr.write(f"{seen.refused} of {seen.refused + seen.ok} refused; the last: {why}\n")
    events = max(seen.ok * wanted.items, 1)
    return Taken(seen, events / seen.seconds, gateway / events * MICRO, redis / events * MICRO)


def port_of(world: World) -> int:
    """Return where the web process that was started last listens."""
    return int(world.url.rpartition(":")[2])
