"""The service under load: a real redis-server, TikTok's sandbox, one web process, perhaps a sender; and their sizes."""

import os
import subprocess
import sys
import tempfile
from asyncio import create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from aiohttp import ClientSession

from tests.end_to_end.running import Running, python, running
from tests.end_to_end.world import PAGE, World, settings_with
from tests.load.client import Seen, Wanted
from tests.load.webhooks import Kind, page_ids
from tests.redis_server import redis_server

TRY_S: Final = 4.0
TRY_AHEAD: Final = 60_000

TRIES_APART: Final = 1_000_000
"""Webhooks of one try are numbered from so many after those of the one before: all are new."""


class Service(NamedTuple):
    """What runs."""

    world: World
    http: ClientSession
    web: Running
    redis_url: str

    @property
    def port(self) -> int:
        """Where the web process listens."""
        return int(self.world.url.rpartition(":")[2])


@asynccontextmanager
async def service(pages: int = 1) -> AsyncIterator[Service]:
    """Start all but senders, with `PAGE` and so many pages of the load connected; all ends with the block."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, number = Path(temporary), count()

        def start(*command: str, environment: dict[str, str] | None = None) -> Running:
            log = folder / f"{next(number)}.log"
            return stack.enter_context(running(*command, environment=environment or {}, log=log))

        redis_url = stack.enter_context(redis_server(folder))
        tiktok = start(*python("gateway.sandbox")).first_line()
        async with ClientSession() as http:
            world = World(http, tiktok, settings_with(tiktok) | {"REDIS_URL": redis_url}, start)
            web = await world.start_web()
            for page_id in (PAGE, *page_ids(pages)):
                await world.connect_page(page_id)
            yield Service(world, http, web, redis_url)


async def load(wanted: Wanted) -> Seen:
    """Let a client of its own process do what is wanted."""
    order = msgspec.json.encode(wanted).decode()
    client = await create_subprocess_exec(sys.executable, "-m", "tests.load.client", order, stdout=subprocess.PIPE)
    told, _ = await client.communicate()
    return msgspec.json.decode(told, type=Seen)


async def maximum(running: Service, *connections: int, kind: Kind = "message", pages: int = 1) -> float:
    """Find the most webhooks a second that are answered 200: with each number of connections once, the best counts."""
    tries = [
        await load(
            Wanted(running.port, TRY_S, number, ahead=TRY_AHEAD, first=each * TRIES_APART, kind=kind, pages=pages)
        )
        for each, number in enumerate(connections)
    ]
    return max(seen.ok / seen.seconds for seen in tries)


def memory_mib(process: Running, field: str = "VmRSS") -> float:
    """Return how much memory a process holds; with `VmHWM` how much it has ever held."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def open_files(process: Running) -> int:
    """Count the file descriptors of a process."""
    return len(os.listdir(f"/proc/{process.pid}/fd"))  # noqa: PTH208  pathlib would ask for each what it is
