"""The end of a web process as its connections see it: they are told, and may end by themselves."""

import asyncio
import contextlib
from typing import Final

from aiohttp import hdrs, web

LINGER_S: Final = 1.0
"""How long connections may take to send what they were about to send, and to end. Those in use end by themselves."""

LOOK_EVERY_S: Final = 0.02


class Draining:
    """Whether the process is about to end. From then on every answer is the last one of its connection.

    A connection that is closed while a request is on its way through it fails that request: no proxy may repeat a POST
    then. One whose end was announced is not used again.
    """

    def __init__(self) -> None:
        """Not yet."""
        self.begun = False

    def begin(self) -> None:
        """Be about to end."""
        self.begun = True

    async def announce(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Let an answer say that its connection ends with it."""
        if self.begun:
            response.headers[hdrs.CONNECTION] = "close"
            response.force_close()


DRAINING: Final = web.AppKey("DRAINING", Draining)


async def linger(server: web.Server, at_most_s: float = LINGER_S) -> None:
    """Wait until all connections have ended, but not for long: idle ones do not end by themselves."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            while server.connections:  # noqa: ASYNC110  aiohttp tells nobody when one ends
                await asyncio.sleep(LOOK_EVERY_S)
