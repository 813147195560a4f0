"""The whole application on a free port of its own, with the sockets that the product listens on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web as aiohttp_web

from gateway.app import make_app
from gateway.listening import Listening, listen
from gateway.parts import compose
from tests.gateway import web


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[aiohttp_web.Server, Listening]]:
    """Serve, until the block ends."""
    runner = aiohttp_web.AppRunner(make_app(compose(web.settings())))
    await runner.setup()
    assert runner.server
    listening = await listen(runner.server, "127.0.0.1", 0)
    try:
        yield runner.server, listening
    finally:
        await listening.stop()
        await runner.cleanup()
