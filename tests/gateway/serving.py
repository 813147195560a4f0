"""The whole application on a free port of its own, with the sockets and connections of the product."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web as aiohttp_web

from gateway.app import make_app
from gateway.listening import Listening, listen
from gateway.parts import compose
from gateway.processes import CONNECTIONS
from gateway.shedding import SheddingConnection
from tests.gateway import web


@asynccontextmanager
async def serving(app: aiohttp_web.Application | None = None) -> AsyncIterator[tuple[aiohttp_web.Server, Listening]]:
    """Serve, until the block ends."""
    app = app or make_app(compose(web.settings()))
    runner = aiohttp_web.AppRunner(app, **CONNECTIONS)
    await runner.setup()
    assert runner.server
    listening = await listen(partial(SheddingConnection, app, runner.server, **CONNECTIONS), "127.0.0.1", 0)
    try:
        yield runner.server, listening
    finally:
        await listening.stop()
        await runner.cleanup()
