"""A way to Redis that loses things: replies after the server has acted, or whole connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes on, both ways, until it is told to lose some.

    `replies_to_lose` counts the replies to scripts that are swallowed, their connection then being cut; `delay_s` is
    how late every reply comes; while `refuses`, nobody gets through.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.replies_to_lose = 0
        self.delay_s = 0.0
        self.refuses = False
        self.lost = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        serving = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """Cut every connection and wait until nothing is left of them."""
        while self._serving:
            self.cut()
            await asyncio.wait(self._serving, timeout=0.1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(self.upstream)
        try:
            if self.refuses:
                raise ConnectionRefusedError
            server_reader, server_writer = await asyncio.open_connection(target.hostname, target.port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        asked_for_script = asyncio.Event()
        await asyncio.gather(
            self._carry_requests(reader, server_writer, asked_for_script),
            self._carry_replies(server_reader, writer, asked_for_script),
            return_exceptions=True,
        )
        for each in (writer, server_writer):
            each.close()
            self._writers.discard(each)

    def cut(self) -> None:
        """Cut every connection now."""
        for writer in self._writers:
            writer.transport.abort()

    async def _carry_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65_536):
            if b"EVALSHA" in chunk:
                asked.set()
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _carry_replies(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65_536):
            if asked.is_set() and self.replies_to_lose:
                self.replies_to_lose -= 1
                self.lost += 1
                break
            asked.clear()
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            writer.write(chunk)
            await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def proxy_to(upstream: str) -> AsyncIterator[tuple[Proxy, str]]:
    """Run a proxy in front of a Redis URL; give it and its own URL."""
    proxy = Proxy(upstream)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield proxy, f"redis://127.0.0.1:{port}/0"
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
