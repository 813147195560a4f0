"""Hostile connections to a real web process with a real Redis: others are served meanwhile, and nothing grows."""

import asyncio
import gzip
import io
import json
import re
import resource
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import ClientSession, ClientTimeout

from gateway.intake import BODY_BYTES
from tests.end_to_end.world import PAGE, World, now_ms
from tests.waiting import eventually

SERVED_WITHIN_S = 30.0
GROWTH_BYTES = 150 * 1024 * 1024
"""Most that the process may have grown by afterwards: several bodies of 16 MiB are in it at once."""

IDLE = 2_000
MESSENGER = b"POST /webhooks/messenger HTTP/1.1\r\nHost: x\r\n"

NONSENSE = {
    "an absurd method": b"FROBNICATE /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of letters without end": b"A" * 100_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of bytes": b"\xff\xfe\x00 / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT 127.0.0.1:6379 HTTP/1.1\r\nHost: x\r\n\r\n",
    "the upgrade of nothing": b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "NUL in the path": b"GET /api/pages/\x00/connection HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL escaped": b"GET /api/pages/%00/connection HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "no UTF-8 in the path": b"GET /settings/integrations/tiktok/pages/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 escaped": b"GET /settings/integrations/tiktok/pages/%ff%fe?lang=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 in a cookie": b"GET /settings/integrations/tiktok HTTP/1.1\r\nHost: x\r\nCookie: seller=\xff\xfe\r\n\r\n",
    "no UTF-8 in a token": b"GET /api/pages/1/connection HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\n\r\n",
    "no UTF-8 in a check": b"GET /webhooks/messenger?hub.verify_token=%ff&hub.mode=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 in a link": b"GET /settings/integrations/tiktok?session=%ff.%fe.%fd HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 in a state": b"GET /oauth/tiktok/callback?state=%ff&auth_code=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 in a code": b"GET /webhooks/messenger/data-deletion?code=%ff-%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a character": b"GET /healthz?%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header of 64 KiB": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 65_536 + b"\r\n\r\n",
    "a path of 1 MiB": b"GET /" + b"a" * 1_048_576 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "100,000 headers": b"GET /healthz HTTP/1.1\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
    "a header without a colon": b"GET /healthz HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n",
    "two lengths": MESSENGER + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": MESSENGER + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length below nothing": MESSENGER + b"Content-Length: -1\r\n\r\n{}",
    "a length of no number": MESSENGER + b"Content-Length: ten\r\n\r\n{}",
    "a length beyond all": MESSENGER + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n{}",
    "a chunk of no size": MESSENGER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk beyond all": MESSENGER + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 64 + b"\r\n{}",
    "a chunk that is extended without end": MESSENGER + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 100_000,
    "chunks in chunks": MESSENGER + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "an encoding nobody knows": MESSENGER + b"Transfer-Encoding: cow\r\n\r\n{}",
    "an expectation nobody has": MESSENGER + b"Expect: miracles\r\nContent-Length: 2\r\n\r\n{}",
    "empty lines": b"\r\n" * 1_000,
}


@pytest.fixture
async def web(world: World, redis_url: str) -> World:
    """Give a world with a web process on Redis and a connected page."""
    await world.start_web(REDIS_URL=redis_url)
    await world.connect_page()
    return world


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process, and those that it starts, open thousands of connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * IDLE if hard == resource.RLIM_INFINITY else min(3 * IDLE, hard)
    if wanted < IDLE + 500:
        pytest.skip(f"a process may open only {hard} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection of our own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(world.url.rpartition(":")[2]))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def say(world: World, *said: bytes, half_close: bool = False) -> list[int]:
    """Send bytes, and return the statuses of all that is answered before the server closes, or waits for more."""
    heard = bytearray()
    async with connected(world) as (reader, writer):
        with suppress(ConnectionError):
            for each in said:
                writer.write(each)
                await writer.drain()
            if half_close:
                writer.write_eof()
        with suppress(ConnectionError, TimeoutError):
            while chunk := await asyncio.wait_for(reader.read(65_536), 0.5 if heard else 1.0):
                heard += chunk
    return [int(status) for status in re.findall(rb"HTTP/1[.][01] (\d{3}) ", heard)]


async def others_are_served(world: World) -> None:
    """Do what everybody does; generous with time, but not without end."""
    async with asyncio.timeout(SERVED_WITHIN_S):
        assert await world.customer_comes_and_writes() == 200
        assert await world.order_is_confirmed() == 200
        assert await world.is_ready()


async def memory(world: World) -> float:
    """Return the process's resident memory in bytes, as it tells itself."""
    async with ClientSession() as http, http.get(f"{world.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("process_resident_memory_bytes "))


async def signed(world: World, body: bytes) -> int:
    """Send a signed Messenger webhook."""
    headers = world.sign(body)
    async with (
        ClientSession(timeout=ClientTimeout(60)) as http,
        http.post(f"{world.url}/webhooks/messenger", data=io.BytesIO(body), headers=headers) as answer,
    ):
        return answer.status


async def test_nonsense_is_refused_or_cut_off_and_hurts_nobody(web: World) -> None:
    answered = {}
    for name, said in NONSENSE.items():
        answered[name] = await say(web, said)
        await others_are_served(web)
    assert {name: statuses for name, statuses in answered.items() if any(status >= 500 for status in statuses)} == {}


async def test_headers_and_bodies_that_dribble_keep_nobody_waiting(web: World) -> None:
    """A hundred of each, a byte at a time; a body that is still not there after ten seconds is 408."""
    body = MESSENGER + b"Content-Length: 1000\r\n\r\n"
    statuses: list[bytes] = []
    served = asyncio.Event()

    async def dribble(text: bytes) -> None:
        async with connected(web) as (reader, writer):
            answer = asyncio.ensure_future(reader.readline())
            with suppress(ConnectionError):
                writer.write(text)
                while not answer.done() and not (served.is_set() and not text.endswith(b"\r\n\r\n")):
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.wait({answer}, timeout=0.2)
            if answer.done():
                statuses.append(answer.result()[:12])
            answer.cancel()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(dribble(b"GET /healthz HTTP/1.1\r\nX-A: "))
            tasks.create_task(dribble(body))
        await eventually(lambda: web.measures("webhooks_arriving 100.0"))
        assert await web.measures("webhooks_in_flight 0.0")  # they take no place from those that are all here
        for _ in range(5):
            await others_are_served(web)
        served.set()
    assert statuses == [b"HTTP/1.1 408"] * 100
    assert await web.measures("webhooks_in_flight 0.0")


@pytest.mark.usefixtures("many_files")
async def test_two_thousand_idle_connections_keep_nobody_out(world: World, redis_url: str) -> None:
    await world.start_web(REDIS_URL=redis_url)
    await world.connect_page()
    before = await memory(world)
    port = int(world.url.rpartition(":")[2])
    writers: list[asyncio.StreamWriter] = []
    try:
        while len(writers) < IDLE:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
        await others_are_served(world)
        assert await memory(world) < before + GROWTH_BYTES
    finally:
        for writer in writers:
            writer.transport.abort()
    await others_are_served(world)


@pytest.mark.parametrize(
    "said", [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", MESSENGER + b"Content-Length: 9\r\n\r\n{"]
)
async def test_connections_that_are_half_closed_end(web: World, said: bytes) -> None:
    for _ in range(20):
        assert all(status < 500 for status in await say(web, said, half_close=True))
    await others_are_served(web)
    await eventually(lambda: web.measures("webhooks_in_flight 0.0"), within=SERVED_WITHIN_S)


async def test_bodies_that_are_too_large_are_413_and_leave_no_memory_behind(web: World) -> None:
    before = await memory(web)
    announced = MESSENGER + f"Content-Length: {BODY_BYTES + 1}\r\n\r\n".encode()
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    for _ in range(4):
        assert await say(web, announced) == [413]
        assert await say(web, MESSENGER + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 17) in ([413], [])
        await others_are_served(web)
    assert await signed(web, b" " * (BODY_BYTES + 1)) == 413
    assert await memory(web) < before + GROWTH_BYTES


async def test_a_post_of_a_thousand_items_loses_none_of_the_good_ones(web: World) -> None:
    """Every third is broken, each in another way."""
    broken: tuple[object, ...] = (
        None,
        7,
        [],
        "x",
        {"sender": 1},
        {"message": {}},
        {"sender": {"id": {}}},
        {"a": 1e308},
    )
    at = now_ms() - 60_000
    items = [
        broken[n // 3 % len(broken)]
        if n % 3 == 2
        else {
            "sender": {"id": f"p{n}"},
            "recipient": {"id": PAGE},
            "timestamp": at + n,
            "referral": {"ref": f"tt-{n}", "source": "SHORTLINK"},
        }
        for n in range(1_000)
    ]
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": items}]}).encode()
    assert await signed(web, body) == 200
    headers = {"Authorization": f"Bearer {web.settings['ADMIN_TOKEN']}"}
    found = set()
    async with ClientSession(headers=headers) as http:
        for n in range(1_000):
            async with http.get(f"{web.url}/api/conversations/{PAGE}/p{n}") as answer:
                if answer.status == 200:
                    found.add((n, (await answer.json())["clicks"][0]["ref"]))
    assert found == {(n, f"tt-{n}") for n in range(1_000) if n % 3 != 2}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "identity, gzip"])
async def test_decompression_bombs_are_refused_unopened(web: World, encoding: str) -> None:
    before = await memory(web)
    bomb = gzip.compress(b" " * 256 * 1024 * 1024) if "gzip" in encoding else zlib.compress(b" " * 256 * 1024 * 1024)
    token = f"Bearer {web.settings['ADMIN_TOKEN']}"
    headers = web.sign(bomb) | {"Content-Encoding": encoding, "Authorization": token}
    form = {"Content-Encoding": encoding, "Content-Type": "application/x-www-form-urlencoded"}
    async with ClientSession(timeout=ClientTimeout(60)) as http:
        for path in ("/webhooks/messenger", "/webhooks/harasocial"):
            async with http.post(web.url + path, data=bomb, headers=headers) as answer:
                assert answer.status == 415
        async with http.put(f"{web.url}/api/pages/{PAGE}/connection", data=bomb, headers=headers) as answer:
            assert answer.status == 400
        for path in ("/settings/integrations/tiktok", "/webhooks/messenger/data-deletion"):
            async with http.post(web.url + path, data=bomb, headers=form) as answer:
                assert 400 <= answer.status < 500
    assert await memory(web) < before + GROWTH_BYTES
    await others_are_served(web)


async def test_requests_in_one_go_are_answered_in_order(web: World) -> None:
    get = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
    unsigned = MESSENGER + b"Content-Length: 2\r\n\r\n{}"
    assert await say(web, get % b"/healthz" + unsigned + get % b"/nothing" + get % b"/readyz") == [200, 401, 404, 200]
    await say(web, get % b"/healthz" * 10_000)
    await others_are_served(web)


async def test_http_1_0_is_answered_and_closed(web: World) -> None:
    async with connected(web) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), SERVED_WITHIN_S)
    assert answer.startswith(b"HTTP/1.0 200 OK")
    assert answer.endswith(b"alive")
