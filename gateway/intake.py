"""The door for webhooks: what is let in, and how much at once. What a webhook says is somebody else's matter.

Whoever is refused repeats: Messenger for 36 hours, HaraSocial likewise. Refusing is safe, accepting and losing is not.
"""

import asyncio
from typing import Final, Literal, TypeAlias

from aiohttp import hdrs, web

BODY_BYTES: Final = 16 * 1024 * 1024
"""Largest body let in. Meta publishes no limit; aiohttp's own 1 MiB would refuse a large batch for ever."""

IN_FLIGHT: Final = 512
IN_FLIGHT_BYTES: Final = 256 * 1024 * 1024
"""Most bytes of bodies that are still arriving: nobody has to sign anything to send them."""

REFUSED_AT_ONCE: Final = 64
"""Most refusals for want of room in a turn of the event loop. Each is cheap, but a flood of them in every turn would
keep those who were let in waiting: their commits take about ten turns."""

READ_S: Final = 10.0

BUSY_RETRY_S: Final = 1

RefusalReason: TypeAlias = Literal["busy", "body_encoding", "body_too_large", "body_too_slow", "body_cut_off"]


class NotLetIn(Exception):  # noqa: N818  names what happened, as a handler reads it
    """The request was not let in; nothing of it was looked at. `status` is what to answer."""

    def __init__(self, status: int, reason: RefusalReason) -> None:
        """Say why, in one word that is fit for a metric."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Intake:
    """Counts what is in flight and lets in no more than there is room for."""

    def __init__(
        self, in_flight: int = IN_FLIGHT, in_flight_bytes: int = IN_FLIGHT_BYTES, read_s: float = READ_S
    ) -> None:
        """Set the limits: requests, bytes of bodies still arriving, and seconds for one body to arrive."""
        self.requests = 0
        self._bytes = 0
        self._most_requests = in_flight
        self._most_bytes = in_flight_bytes
        self._read_s = read_s
        self._arriving: set[asyncio.Timeout] = set()
        self._closing = False
        self._granted: set[object] = set()
        self._refusals = asyncio.Semaphore(REFUSED_AT_ONCE)

    @property
    def arriving(self) -> int:
        """How many bodies have not wholly arrived yet."""
        return len(self._arriving)

    def grant(self, connection: object) -> bool:
        """Keep a place for a webhook that has wholly arrived, until it is read. False when all are taken."""
        if self._is_full():
            return False
        self._granted.add(connection)
        return True

    def withdraw(self, connection: object) -> None:
        """Keep the place no longer."""
        self._granted.discard(connection)

    def __enter__(self) -> None:
        """Take a place while the block runs. Raises NotLetIn, without waiting, when all are taken.

        Only for bodies that are here: whoever sends theirs slowly, signed by nobody, must not take all places.
        """
        self._expect_room()
        self.requests += 1

    def __exit__(self, *_: object) -> None:
        """Give the place back."""
        self.requests -= 1

    async def wait_to_refuse(self) -> None:
        """Return when it is time to say that all places are taken."""
        async with self._refusals:
            await asyncio.sleep(0)

    async def read(self, request: web.Request) -> bytes:
        """Return the body byte for byte as sent.

        Raises NotLetIn when there is no place for it, or it is too large, too slow, packed or cut off.
        """
        self.withdraw(request.protocol)
        self._expect_room()
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
            # The signature covers the bytes on the wire, and a packed body may unpack to anything.
            raise NotLetIn(415, "body_encoding")
        if (request.content_length or 0) > BODY_BYTES:
            raise NotLetIn(413, "body_too_large")
        try:
            if request.content.is_eof():
                return request.content.read_nowait()  # all of it is here already: no need for a timer
            async with asyncio.timeout(0 if self._closing else self._read_s) as timer:
                self._arriving.add(timer)
                try:
                    return await self._gather(request)
                finally:
                    self._arriving.discard(timer)
        except TimeoutError:
            raise (NotLetIn(503, "busy") if self._closing else NotLetIn(408, "body_too_slow")) from None
        except (ConnectionError, web.RequestPayloadError):
            raise NotLetIn(400, "body_cut_off") from None

    def close(self) -> None:
        """Refuse what has not wholly arrived: aiohttp reads no more once it shuts down."""
        self._closing = True
        for timer in self._arriving:
            timer.reschedule(0)

    def _is_full(self) -> bool:
        return self.requests + len(self._granted) >= self._most_requests

    def _expect_room(self) -> None:
        if self._is_full():
            raise NotLetIn(503, "busy")

    async def _gather(self, request: web.Request) -> bytes:
        body = bytearray()
        try:
            async for chunk in request.content.iter_any():
                body += chunk
                self._bytes += len(chunk)
                if len(body) > BODY_BYTES:
                    raise NotLetIn(413, "body_too_large")
                if self._bytes > self._most_bytes:
                    raise NotLetIn(503, "busy")
        finally:
            self._bytes -= len(body)
        return bytes(body)


INTAKE: Final = web.AppKey("INTAKE", Intake)
