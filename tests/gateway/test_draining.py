"""The end of a web process as its connections see it."""

import asyncio
import socket

from gateway.app import make_app
from gateway.draining import DRAINING, linger
from gateway.parts import compose
from tests.gateway import web
from tests.gateway.serving import serving

PATHS = ("/healthz", "/readyz", "/nowhere", "/api/nowhere")


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


async def test_an_idle_connection_is_not_waited_for_long() -> None:
    async with serving() as (server, listener):
        with socket.create_connection(listener.addresses[0]):
            await listener.stop()
            async with asyncio.timeout(2):
                await linger(server, at_most_s=0.05)
            assert server.connections
