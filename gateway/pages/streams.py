"""Live pages: server-sent events, as many as a process can bear, for as long as somebody looks.

A stream looks every `LOOK_S` seconds whether there is something to tell. It ends after `LONGEST_S` seconds (the browser
then asks again, and its session is looked at anew), and at once when the process shuts down.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final, TypeAlias

from aiohttp import web

from actors.background import until
from actors.errors import ActorError
from gateway.pages.errors import PageError

LOOK_S: Final = 2.0
HEARTBEAT_S: Final = 15.0
"""A stream that says nothing for longer is cut by proxies."""

LONGEST_S: Final = 300.0
MOST: Final = 100
"""Streams of one process at a time, in each area; beyond them the page is reloaded by hand."""


DONE: Final = "done"
"""The event after which a stream ends, and the browser asks no more."""

Look: TypeAlias = Callable[[], Awaitable[Mapping[str, str]]]
"""Looks once: what there is to tell since the last look, by the event's name. `DONE` is the last."""


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
            await until(self._closing, LOOK_S)
            now = time.monotonic()

    async def close(self, _app: web.Application) -> None:
        """End all streams."""
        self._closing.set()


STREAMS: Final = web.AppKey("STREAMS", Streams)


def add_streams(app: web.Application) -> None:
    """Let the application have live pages."""
    streams = app[STREAMS] = Streams()
    app.on_shutdown.append(streams.close)


async def stream(request: web.Request, look: Look) -> web.StreamResponse:
    """Tell the browser what every look brings. Raises the PageError of a process that has no place left."""
    with request.config_dict[STREAMS].place():
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type, response.charset = "text/event-stream", "utf-8"
        await response.prepare(request)
        # What the browser cannot be told any more, it asks for again by itself.
        with contextlib.suppress(ActorError, ConnectionError):
            await _tell(request, response, look)
        return response


async def _tell(request: web.Request, response: web.StreamResponse, look: Look) -> None:
    last = 0.0
    async for now in request.config_dict[STREAMS].looks():
        news = await look()
        for event, text in news.items():
            await response.write(_message(event, text))
        if DONE in news:
            return
        if news:
            last = now
        elif now - last >= HEARTBEAT_S:
            await response.write(b": nothing new\n\n")
            last = now


def _message(event: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {event}\n{lines}\n".encode()
