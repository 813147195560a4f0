"""A client that only sends and waits: raw sockets, keep-alive, one request at a time on each of its connections.

``python -m tests.load.client '{"port": 8080, "seconds": 5, ...}'`` prints what it saw as JSON.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, cast

import msgspec
import uvloop
from msgspec import Struct

from tests.load.webhooks import Kind, Mix, requests

HEAD_ENDS: Final = b"\r\n\r\n"
LAST_ANSWERS_WITHIN_S: Final = 10


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """What to do. Without `rate` (requests a second) every connection sends as soon as it has its answer.

    With it each request has its time, whatever became of those before; one that finds no free connection goes out late.
    `ahead` are made before the first is sent, so that the client is light while it measures; the others as they go.
    With `most` it ends once so many are answered, if that is sooner.
    """

    port: int
    seconds: float = 5.0
    connections: int = 64
    rate: float = 0.0
    ahead: int = 0
    most: int = 0
    first: int = 0
    kind: Kind = "message"
    pages: int = 1
    conversations: int = 20_000
    items: int = 1


class Times(Struct, frozen=True):
    """How long answers took, in milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class Seen(Struct, frozen=True):
    """What came of it: answers by kind, requests whose connection ended instead, and how long it took.

    `ended_at` is when the last request was sent, on the clock that all processes share (monotonic seconds).
    Of answers with 200 `from_due` counts from when the request was to be sent, `from_sent` from when it was; `refusal`
    is how long a 503 took from when the request was sent. `cpu_s` is what the client itself took meanwhile.
    """

    seconds: float
    ended_at: float
    ok: int
    refused: int
    refused_without_retry_after: int
    other: int
    cut: int
    from_due: Times
    from_sent: Times
    refusal: Times
    cpu_s: float


class Load:
    """All connections together."""

    def __init__(self, wanted: Wanted) -> None:
        """Make what is made ahead."""
        self.wanted = wanted
        made = requests(Mix(wanted.kind, wanted.pages, wanted.conversations, wanted.items), wanted.first)
        self.posts: Iterator[bytes] = islice(chain([*islice(made, wanted.ahead)], made), wanted.most or None)
        self.from_due: list[float] = []
        self.from_sent: list[float] = []
        self.refusals: list[float] = []
        self.refused_bare = self.other = self.cut = 0
        self.closing = False
        self._began = 0.0
        self._sent = 0

    async def run(self) -> Seen:
        """Send for as long as wanted."""
        loop = asyncio.get_running_loop()
        connections = []
        for _ in range(self.wanted.connections):
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.wanted.port)
            connections.append(connection)
        cpu_s, self._began = time.process_time(), time.monotonic()
        for connection in connections:
            connection.send()
        done = [connection.done for connection in connections]
        await asyncio.wait(done, timeout=self.wanted.seconds)
        seconds = time.monotonic() - self._began
        self.closing = True
        await asyncio.wait(done, timeout=LAST_ANSWERS_WITHIN_S)
        return Seen(
            seconds=round(seconds, 3),
            ended_at=self._began + seconds,
            ok=len(self.from_due),
            refused=len(self.refusals),
            refused_without_retry_after=self.refused_bare,
            other=self.other,
            cut=self.cut,
            from_due=_times(self.from_due),
            from_sent=_times(self.from_sent),
            refusal=_times(self.refusals),
            cpu_s=round(time.process_time() - cpu_s, 3),
        )

    def next_at(self) -> float:
        """Say when the next request is to be sent (monotonic seconds), so that all together keep the rate."""
        self._sent += 1
        return self._began + self._sent / self.wanted.rate if self.wanted.rate else time.monotonic()


class Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        """Belong to a load."""
        self._load = load
        self._transport: asyncio.Transport
        self._buffer = b""
        self._due_at = self._sent_at = 0.0
        self._waits = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Nothing more comes, even if something should."""
        self._load.cut += self._waits
        self._end()

    def send(self) -> None:
        """Send the next request when it is time."""
        self._due_at = self._load.next_at()
        wait = self._due_at - time.monotonic()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send_now)
        else:
            self._send_now()

    def data_received(self, data: bytes) -> None:
        """Read an answer."""
        self._buffer += data
        head, ends, body = self._buffer.partition(HEAD_ENDS)
        if not ends or len(body) < _length(head):
            return
        self._buffer = b""
        self._waits = False
        load, now = self._load, time.monotonic()
        if head.startswith(b"HTTP/1.1 200"):
            load.from_due.append(now - self._due_at)
            load.from_sent.append(now - self._sent_at)
        elif head.startswith(b"HTTP/1.1 503"):
            load.refusals.append(now - self._sent_at)
            load.refused_bare += b"\r\nRetry-After:" not in head
        else:
            load.other += 1
        self.send()

    def _send_now(self) -> None:
        if self._load.closing or self._transport.is_closing():
            self._end()
            return
        post = next(self._load.posts, None)
        if post is None:
            self._end()
            return
        self._sent_at = time.monotonic()
        self._waits = True
        self._transport.write(post)

    def _end(self) -> None:
        self._transport.close()
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    _, _, rest = head.partition(b"Content-Length: ")
    return int(rest.partition(b"\r\n")[0] or 0)


def _times(seconds: list[float]) -> Times:
    ms = sorted(each * 1_000 for each in seconds) or [0.0]
    return Times(round(ms[len(ms) // 2], 1), round(ms[len(ms) * 99 // 100], 1), round(ms[-1], 1))


if __name__ == "__main__":
    seen = uvloop.run(Load(msgspec.json.decode(sys.argv[1], type=Wanted)).run())
    sys.stdout.write(msgspec.json.encode(seen).decode() + "\n")
