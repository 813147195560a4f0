"""A web process whose Redis is away from the start: it listens, takes nothing in, and begins when Redis is safe."""

import contextlib
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientConnectionError, ClientResponse, ClientSession
from redis import Redis

from gateway.pages.paths import CALLBACK, ROOT, SUPPORT
from tests.end_to_end.running import Running
from tests.end_to_end.world import PAGE, READY_WITHIN_S, World
from tests.ports import free_port
from tests.waiting import eventually

Start = Callable[..., Running]

LISTENS_WITHIN_S = 15.0
"""It listens after a second; on a busy machine Python may need some to begin."""

ENDS_WITHIN_S = 5.0


class Waiting:
    """A web process that waits for a Redis on a port where none runs yet."""

    def __init__(self, world: World, http: ClientSession, redis_port: int = 0) -> None:
        self.redis_port, port = redis_port or free_port(), free_port()
        world.url = f"http://127.0.0.1:{port}"
        self._http, self._world = http, world
        url = f"redis://127.0.0.1:{self.redis_port}/0"
        self.process: Running = world.start(REDIS_URL=url, PORT=str(port))

    async def listens(self) -> None:
        """Wait until it does."""
        await eventually(self._is_alive, within=LISTENS_WITHIN_S)

    @asynccontextmanager
    async def answer(self, method: str, path: str, **more: Any) -> AsyncIterator[ClientResponse]:  # noqa: ANN401  aiohttp's
        """Ask something of it."""
        async with self._http.request(method, self._world.url + path, **more) as answer:
            yield answer

    async def _is_alive(self) -> bool:
        try:
            async with self.answer("GET", "/healthz") as answer:
                return answer.status == 200
        except ClientConnectionError:
            return False


Come = Callable[..., Redis]


@pytest.fixture
def redis(start: Start, tmp_path: Path) -> Iterator[Come]:
    """Give what runs the Redis that somebody waits for, perhaps with more options."""
    clients: list[Redis] = []

    def come(waiting: Waiting, *options: str) -> Redis:
        where = ("--port", str(waiting.redis_port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", "")
        start("redis-server", *where, *options)
        clients.append(Redis(port=waiting.redis_port))
        return clients[-1]

    yield come
    for client in clients:
        client.close()


@pytest.fixture
async def waiting(world: World, http: ClientSession) -> Waiting:
    """Give one that listens already."""
    started = Waiting(world, http)
    await started.listens()
    return started


async def test_what_needs_no_redis_works(world: World, waiting: Waiting) -> None:
    for path, token in (("messenger", "MESSENGER_VERIFY_TOKEN"), ("harasocial", "HARASOCIAL_WEBHOOK_SECRET")):
        asked = {"hub.mode": "subscribe", "hub.verify_token": world.settings[token], "hub.challenge": "7"}
        async with waiting.answer("GET", f"/webhooks/{path}", params=asked) as answer:
            assert (answer.status, await answer.text()) == (200, "7")
    async with waiting.answer("GET", "/openapi.json") as answer:
        assert answer.status == 200
    async with waiting.answer("GET", f"{ROOT}/static/style.css") as answer:
        assert answer.status == 200
    assert await world.measures("outbox_waiting_events NaN")


async def test_it_says_why_it_is_not_ready(waiting: Waiting) -> None:
    await eventually(lambda: "store.awaited" in waiting.process.log)
    async with waiting.answer("GET", "/readyz") as answer:
        assert answer.status == 503
        assert await answer.json() == {"ready": False, "reason": "Redis: no connection to Redis"}


async def test_webhooks_are_to_be_repeated_and_counted(world: World, waiting: Waiting) -> None:
    body = b"x" * 1_000_000  # of which much is still on its way when it is answered
    async with waiting.answer("POST", "/webhooks/messenger", data=body, headers=world.sign(body)) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert await world.customer_comes_and_writes() == 503
    assert await world.order_is_confirmed() == 503
    assert await world.measures('webhook_refusals_total{reason="store_unavailable",source="messenger"} 2.0')
    assert await world.measures('webhook_refusals_total{reason="store_unavailable",source="harasocial"} 1.0')


@pytest.mark.parametrize(
    ("method", "path", "media"),
    [
        ("PUT", f"/api/pages/{PAGE}/connection", "application/problem+json"),
        ("GET", "/api/conversations/900/7101", "application/problem+json"),
        ("POST", "/webhooks/messenger/data-deletion", "application/problem+json"),
        ("GET", ROOT, "text/html"),
        ("POST", ROOT, "text/html"),
        ("GET", f"{ROOT}/pages/{PAGE}", "text/html"),
        ("GET", f"{CALLBACK}?state=x&auth_code=y", "text/html"),
        ("GET", f"{SUPPORT}/problems", "text/html"),
    ],
)
async def test_all_else_is_to_be_repeated(waiting: Waiting, method: str, path: str, media: str) -> None:
    async with waiting.answer(method, path, headers={"Cookie": "seller=of-an-earlier-session"}) as answer:
        assert (answer.status, answer.headers["Retry-After"], answer.content_type) == (503, "5", media)


async def test_when_redis_comes_it_works_as_ever(world: World, waiting: Waiting, redis: Come) -> None:
    assert await world.customer_comes_and_writes() == 503
    redis(waiting)
    await eventually(world.is_ready, within=READY_WITHIN_S)
    await world.connect_page()
    assert await world.customer_comes_and_writes() == 200
    assert waiting.process.log.count("web.started") == 1
    waiting.process.signal()
    assert waiting.process.end() == 0


async def test_a_redis_that_may_evict_ends_it_and_gets_nothing(world: World, waiting: Waiting, redis: Come) -> None:
    client = redis(waiting, "--maxmemory-policy", "allkeys-lru")
    with contextlib.suppress(ClientConnectionError):
        while waiting.process.alive:
            assert await world.customer_comes_and_writes() == 503
    assert waiting.process.end() == 1
    assert "maxmemory-policy is allkeys-lru" in why_it_cannot_run(waiting.process)
    assert client.dbsize() == 0


async def test_a_redis_that_refuses_the_url_ends_it(waiting: Waiting, redis: Come) -> None:
    redis(waiting, "--requirepass", "hunter2")
    assert waiting.process.end() == 1
    assert why_it_cannot_run(waiting.process).startswith("REDIS_URL cannot be used: Redis wants a password (NOAUTH)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_can_be_ended_at_once(waiting: Waiting, number: signal.Signals) -> None:
    began = time.monotonic()
    waiting.process.signal(number)
    assert waiting.process.end() == 0
    assert time.monotonic() - began < ENDS_WITHIN_S
    assert "process.stopped" in waiting.process.log


async def test_it_listens_and_ends_while_redis_hangs(world: World, http: ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        waiting = Waiting(world, http, redis_port=hanging.getsockname()[1])
        await waiting.listens()
        assert await world.customer_comes_and_writes() == 503
        waiting.process.signal()
        assert waiting.process.end() == 0


def why_it_cannot_run(process: Running) -> str:
    """Return what its last line says."""
    last = msgspec.json.decode(process.log.splitlines()[-1], type=dict[str, str])
    assert last["event"] == "process.cannot_run"
    return last["why"]
