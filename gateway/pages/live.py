"""The live checklist: server-sent events, while the seller waits for the first click, message and event.

It looks at the page's numbers every `LOOK_S` seconds. A stream ends when everything has happened, after `LONGEST_S`
seconds (the browser then asks again, and its session is looked at anew), and at once when the process shuts down.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Final

from aiohttp import web

from actors.errors import ActorError
from gateway.clock import now_ms
from gateway.pages.connection import require_connection
from gateway.pages.errors import PageError
from gateway.pages.progress import Steps, complete, progress
from gateway.pages.rendering import render
from gateway.parts import PARTS

LOOK_S: Final = 2.0
HEARTBEAT_S: Final = 15.0
"""A stream that says nothing for longer is cut by proxies."""

LONGEST_S: Final = 300.0
MOST: Final = 100
"""Streams of one process at a time; beyond them the page is reloaded by hand."""


class Streams:
    """The open streams of this process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open = 0
        self._closing = asyncio.Event()

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Take a place. Raises the PageError of a process that has none left."""
        if self._open >= MOST:
            raise PageError("live_full", HTTPStatus.SERVICE_UNAVAILABLE)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def looks(self) -> AsyncIterator[float]:
        """Give the time (monotonic seconds) whenever it is time to look again, until the stream has to end."""
        began = now = time.monotonic()
        while not self._closing.is_set() and now - began < LONGEST_S:
            yield now
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LOOK_S)
            now = time.monotonic()

    async def close(self, _app: web.Application) -> None:
        """End all streams."""
        self._closing.set()


STREAMS: Final = web.AppKey("STREAMS", Streams)


def add_streams(app: web.Application) -> None:
    """Let the application have live pages."""
    streams = app[STREAMS] = Streams()
    app.on_shutdown.append(streams.close)


async def get_live(request: web.Request) -> web.StreamResponse:
    """Tell the seller's browser of each step as it happens."""
    page_id = (await require_connection(request)).page.id
    streams = request.config_dict[STREAMS]
    with streams.place():
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type, response.charset = "text/event-stream", "utf-8"
        await response.prepare(request)
        # What the browser cannot be told any more, it asks for again by itself.
        with contextlib.suppress(ActorError, ConnectionError):
            await _follow(request, response, page_id)
        return response


async def _follow(request: web.Request, response: web.StreamResponse, page_id: str) -> None:
    parts, told, last = request.config_dict[PARTS], None, 0.0
    async for now in request.config_dict[STREAMS].looks():
        steps = await progress(parts, page_id, now_ms())
        if steps != told:
            await response.write(_message("progress", _checklist(request, steps)))
            told, last = steps, now
        elif now - last >= HEARTBEAT_S:
            await response.write(b": nothing new\n\n")
            last = now
        if complete(steps):
            await response.write(_message("done", ""))
            return


def _checklist(request: web.Request, steps: Steps) -> str:
    return render(request, "partials/checklist.html.j2", steps=steps).text or ""


def _message(event: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {event}\n{lines}\n".encode()


ROUTES: Final = (web.get("/pages/{page_id}/connect/live", get_live),)
