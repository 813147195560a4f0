"""A rolling restart under load: behind a proxy that tries another gateway only when one refuses, nothing fails."""

import asyncio
import contextlib
import itertools
import signal
from collections import Counter

import msgspec
import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from tests.end_to_end.running import Running
from tests.end_to_end.world import PAGE, World, now_ms
from tests.ports import free_port
from tests.stores import Store
from tests.waiting import eventually

ROUNDS = 2
POSTING = 16
"""Requests at a time."""

READY_WITHIN_S = 60


class Proxy:
    """Goes round the gateways. One that refuses a connection is passed over; whatever else goes wrong has gone wrong.

    So HAProxy and nginx treat a POST that is on its way: nobody but its sender can know whether repeating it is safe.
    """

    def __init__(self, ports: list[int], *, keeps_alive: bool) -> None:
        self._turns = itertools.cycle((ports, ports[::-1]))
        self._keeps_alive = keeps_alive
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.answers: Counter[str] = Counter()
        self.passed_over = 0

    async def post(self, request: bytes) -> None:
        """Pass on one request and count how it was answered."""
        try:
            self.answers[await self._pass_on(request)] += 1
        except (OSError, EOFError) as error:
            self.answers[type(error).__name__] += 1

    async def _pass_on(self, request: bytes) -> str:
        reader, writer = await self._connection()
        stays = False
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
            stays = self._keeps_alive and "connection: close" not in head
        finally:
            if stays:
                self._idle.append((reader, writer))
            else:
                await _closed(writer)
        return head.split()[1]

    async def close(self) -> None:
        """Close what is kept alive."""
        for _, writer in self._idle:
            await _closed(writer)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            await _closed(writer)
        for port in next(self._turns):
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                self.passed_over += 1
        raise ConnectionRefusedError


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Load:
    """Customers who write without pause, each once."""

    def __init__(self, proxy: Proxy, world: World) -> None:
        self._proxy = proxy
        self._world = world
        self._stopping = False
        self.posted = 0

    async def post_until_stopped(self) -> None:
        """Post so many at a time."""
        await asyncio.gather(*(self._post_one_by_one() for _ in range(POSTING)))

    def stop(self) -> None:
        """Let what is on its way be the last."""
        self._stopping = True

    async def _post_one_by_one(self) -> None:
        while not self._stopping:
            self.posted += 1
            await self._proxy.post(self._request(self.posted))

    def _request(self, number: int) -> bytes:
        ends = {"sender": {"id": f"7{number:09d}"}, "recipient": {"id": PAGE}}
        wrote = ends | {"timestamp": now_ms(), "message": {"mid": f"m-{number}", "text": "x"}}
        body = msgspec.json.encode({"object": "page", "entry": [{"id": PAGE, "messaging": [wrote]}]})
        headers = {"Host": "x", "Content-Length": str(len(body))} | self._world.sign(body)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST /webhooks/messenger HTTP/1.1\r\n{head}\r\n".encode() + body


async def _started(world: World, port: int) -> Running:
    web = world.start(PORT=str(port))
    world.url = f"http://127.0.0.1:{port}"
    await eventually(world.is_ready, within=READY_WITHIN_S)
    return web


@pytest.mark.slow
@pytest.mark.parametrize("real_redis_url", ["single"], indirect=True)
@pytest.mark.parametrize("keeps_alive", [True, False])
async def test_no_request_fails(world: World, real_redis_url: str, *, keeps_alive: bool) -> None:
    world.settings["REDIS_URL"] = real_redis_url
    gateways = {port: await _started(world, port) for port in (free_port(), free_port())}
    await world.connect_page()
    proxy = Proxy([*gateways], keeps_alive=keeps_alive)
    load = Load(proxy, world)
    posting = asyncio.create_task(load.post_until_stopped())
    for port in [*gateways] * ROUNDS:
        gateways[port].signal(signal.SIGTERM)
        assert await asyncio.to_thread(gateways[port].end) == 0
        gateways[port] = await _started(world, port)
    load.stop()
    await posting
    await proxy.close()
    assert proxy.passed_over
    assert proxy.answers == {"200": load.posted}
    async with Redis.from_url(real_redis_url) as client:
        store: Store = client
        assert len(await store.keys("conversation:*")) == load.posted


async def test_it_still_serves_with_readiness_red_until_the_balancer_has_noticed(
    world: World, http: ClientSession, redis_url: str
) -> None:
    web = await world.start_web(REDIS_URL=redis_url, DRAIN_SECONDS="5")
    web.signal(signal.SIGTERM)
    await eventually(lambda: _is_red(http, world), within=4)
    async with ClientSession() as stranger, stranger.get(f"{world.url}/healthz") as answer:
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert await asyncio.to_thread(web.end) == 0


async def _is_red(http: ClientSession, world: World) -> bool:
    async with http.get(f"{world.url}/readyz") as answer:
        return answer.status == 503
