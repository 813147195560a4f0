"""The end of a web process as its connections see it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web as aiohttp_web

from gateway.app import make_app
from gateway.draining import DRAINING, linger, stop_listening, turn_away
from gateway.parts import compose
from tests.gateway import web

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
PATHS = ("/healthz", "/readyz", "/nowhere", "/api/nowhere")


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[aiohttp_web.Server, asyncio.Server]]:
    """Serve the whole application on a free port."""
    runner = aiohttp_web.AppRunner(make_app(compose(web.settings())))
    await runner.setup()
    assert runner.server
    try:
        yield runner.server, await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    finally:
        await runner.cleanup()


async def test_every_answer_is_the_last_of_its_connection_once_the_end_has_begun() -> None:
    app = make_app(compose(web.settings()))
    async with web.client_of(app) as client:
        for path in PATHS:
            async with client.get(path) as answer:
                assert "Connection" not in answer.headers
        app[DRAINING].begin()
        for path in PATHS:
            async with client.get(path) as answer:
                assert answer.headers["Connection"] == "close"


async def test_who_waits_to_be_accepted_is_served_and_the_next_is_refused() -> None:
    async with listening() as (server, listener):
        address = listener.sockets[0].getsockname()
        # Blocking on purpose: the loop does not turn, so that nobody is accepted before the server stops listening.
        with socket.create_connection(address) as waiting:
            waiting.sendall(ALIVE)
            await stop_listening(listener, server)
            await linger(server, at_most_s=0.2)
            waiting.setblocking(False)  # noqa: FBT003  the standard library's signature
            async with asyncio.timeout(10):
                assert (await asyncio.get_running_loop().sock_recv(waiting, 1024)).startswith(b"HTTP/1.1 200 OK")
        with socket.socket() as late, pytest.raises(ConnectionRefusedError):
            late.connect(address)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can turn somebody away")
async def test_nobody_gets_into_a_queue_that_nobody_looks_into_any_more() -> None:
    """Who came between the last look and the end would be reset, and nobody may repeat a request that was reset."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as early, socket.socket() as late:
        early.connect(listener.getsockname())
        turn_away(listener)
        late.setblocking(False)  # noqa: FBT003  the standard library's signature
        connecting = asyncio.create_task(loop.sock_connect(late, listener.getsockname()))
        done, _ = await asyncio.wait({connecting}, timeout=0.2)
        assert not done
        accepted, _ = listener.accept()
        early.sendall(b"words of one who was here")
        assert accepted.recv(100) == b"words of one who was here"
        accepted.close()
        listener.close()
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionRefusedError):
                await connecting


async def test_an_idle_connection_is_not_waited_for_long() -> None:
    async with listening() as (server, listener):
        with socket.create_connection(listener.sockets[0].getsockname()):
            await stop_listening(listener, server)
            async with asyncio.timeout(2):
                await linger(server, at_most_s=0.05)
            assert server.connections
