"""``python -m tests.load.bare``: the least that aiohttp can do with a webhook. Reads the body and answers.

Prints the port it listens on, and serves until it is ended, on the same event loop and with the same options as ours.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import uvloop
from aiohttp import web

from gateway.intake import BODY_BYTES

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve(handler: Handler) -> None:
    """Let a handler answer the POSTs to Messenger's path, for ever."""
    app = web.Application(client_max_size=BODY_BYTES)
    app.router.add_post("/webhooks/messenger", handler)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _answer(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=b"EVENT_RECEIVED", content_type="text/plain")


if __name__ == "__main__":
    uvloop.run(serve(_answer))
