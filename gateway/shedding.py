"""Load shedding: a webhook for which there is no room is told so before it costs anything."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.http import RawRequestMessage

from gateway import metrics
from gateway.draining import DRAINING
from gateway.intake import BUSY_RETRY_S, INTAKE
from gateway.metrics import Source
from gateway.webhooks import HARASOCIAL, MESSENGER

SOURCES: Final[Mapping[str, Source]] = {MESSENGER: "messenger", HARASOCIAL: "harasocial"}

BUSY: Final = (
    f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: {BUSY_RETRY_S}\r\n"
    "Content-Length: 4\r\n\r\nbusy"
).encode()


class SheddingConnection(web.RequestHandler):
    """A connection as aiohttp serves it, but while all places are taken a webhook is answered 503 at once.

    Of a webhook aiohttp makes a request, a task and a response. With thousands of connections that takes half as long
    as accepting it, so that at twice what it can do a process could not even refuse in time; its parser alone takes a
    quarter of that. Only what has wholly arrived and has nobody before it is answered here; everything else goes
    aiohttp's way, and `Intake` refuses it.
    """

    __slots__ = ("_answered", "_draining", "_intake")

    def __init__(self, app: web.Application, server: web.Server, **options: Any) -> None:  # noqa: ANN401  aiohttp's own
        """Be a connection of this application's server, with the options of aiohttp's."""
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._intake = app[INTAKE]
        self._draining = app[DRAINING]
        self._answered = 0

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived."""
        nobody_before = self._answered == self._request_count
        waiter, self._waiter = self._waiter, None  # so that nobody is woken before it is known what for
        super().data_received(data)
        self._waiter = waiter
        if not self._messages:
            return
        source = self._webhook() if nobody_before else None
        if source and not self._intake.grant(self):
            self._shed(source)
        elif waiter and not waiter.done():
            waiter.set_result(None)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer to whoever is first in line."""
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._answered += 1
            self._intake.withdraw(self)  # if nobody read it, as when aiohttp itself says no

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give back a place that nobody took."""
        self._intake.withdraw(self)
        super().connection_lost(exc)

    def _webhook(self) -> Source | None:
        """Return whose webhook has arrived, if it is one, whole, alone, and its connection goes on after it."""
        message, payload = self._messages[0]
        if not isinstance(message, RawRequestMessage) or message.method != "POST" or message.should_close:
            return None
        if len(self._messages) > 1 or not payload.is_eof() or self._draining.begun:
            return None
        return SOURCES.get(message.path)

    def _shed(self, source: Source) -> None:
        if not self.transport or not self._parser:
            return  # whoever asked has gone
        self._messages.clear()
        self._parser.message_consumed()
        self._answered += 1
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        self.transport.write(BUSY)
        metrics.BUSY_OF[source].inc()
