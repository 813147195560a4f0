"""The end of a web process as its connections see it."""

import asyncio
import socket

from aiohttp import web as aiohttp_web

from gateway.app import make_app
from gateway.draining import DRAINING, linger, stop_listening
from gateway.parts import compose
from tests.gateway import web

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_every_answer_is_the_last_of_its_connection_once_the_end_has_begun() -> None:
    app = make_app(compose(web.settings()))
    async with web.client_of(app) as client:
        for path in ("/healthz", "/readyz", "/nowhere", "/api/nowhere"):
            async with client.get(path) as answer:
                assert answer.headers.get("Connection") != "close"
        app[DRAINING].begin()
        for path in ("/healthz", "/readyz", "/nowhere", "/api/nowhere"):
            async with client.get(path) as answer:
                assert answer.headers["Connection"] == "close"


async def test_who_waits_to_be_accepted_is_served_and_the_next_is_refused() -> None:
    loop = asyncio.get_running_loop()
    app = make_app(compose(web.settings()))
    runner = aiohttp_web.AppRunner(app)
    await runner.setup()
    assert runner.server
    listening = await loop.create_server(runner.server, "127.0.0.1", 0)
    address = listening.sockets[0].getsockname()
    # Blocking on purpose: the loop does not turn, so that nobody is accepted before the server stops listening.
    with socket.create_connection(address) as waiting:
        waiting.sendall(ALIVE)
        await stop_listening(listening, runner.server)
        app[DRAINING].begin()
        await linger(runner.server)
        assert waiting.recv(1024).startswith(b"HTTP/1.1 200 OK")
    with socket.socket() as late:
        assert late.connect_ex(address) != 0
    await runner.cleanup()


async def test_an_idle_connection_is_not_waited_for_long() -> None:
    app = make_app(compose(web.settings()))
    runner = aiohttp_web.AppRunner(app)
    await runner.setup()
    assert runner.server
    listening = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    with socket.create_connection(listening.sockets[0].getsockname()):
        await stop_listening(listening, runner.server)
        async with asyncio.timeout(2):
            await linger(runner.server, at_most_s=0.05)
        assert runner.server.connections
    await runner.cleanup()
