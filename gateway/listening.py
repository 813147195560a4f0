"""The door of a web process: who gets a connection, from the first to the last, and that none of them is reset."""

import asyncio
import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

import structlog

BACKLOG: Final = 1_024
"""Connections that may wait to be accepted: when a gateway ends, all of its clients come to the others at once."""

ACCEPTED_AT_ONCE: Final = 64
"""Most connections accepted in a turn of the event loop: each takes some 0.1 ms, while those who have one wait."""

RETRY_S: Final = 1.0
"""How long nobody is accepted after the system had nothing left to do it with."""

HANDSHAKE_S: Final = 0.05
"""How long connections that were begun may take to get into the queue of their socket."""

_NOTHING_LEFT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_SO_ATTACH_FILTER: Final = 26  # Linux's; Python does not name it
_NO_NEWCOMERS: Final = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of the TCP header
        (0x45, 0, 1, 0x02),  # is it a SYN?
        (0x06, 0, 0, 0),  # then drop it
        (0x06, 0, 0, 0xFFFFFFFF),  # else let it pass
    )
)
"""A socket filter (Linux, socket(7)): whoever is here goes on, whoever would come has to try again."""

log = structlog.get_logger()


class Listening:
    """Sockets that listen, and what becomes of those who connect to them.

    The servers of uvloop accept one connection in a turn (libuv's pull request 3696). In a flood a turn takes some
    12 ms: of 2,000 who came at once the last would be heard after 20 seconds, and nobody could even be told to go away.
    """

    def __init__(self, listeners: list[socket.socket], protocol: Callable[[], asyncio.Protocol]) -> None:
        """Serve from now on whoever connects to one of these sockets, each with a protocol of its own."""
        self._listeners = listeners
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[None]] = set()
        self._retries: dict[socket.socket, asyncio.TimerHandle] = {}
        for listener in listeners:
            listener.setblocking(False)  # noqa: FBT003  the standard library's signature
            listener.listen(BACKLOG)
            self._watch(listener)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens: host and port of each socket."""
        return [listener.getsockname()[:2] for listener in self._listeners]

    def serve(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Give whoever connects from now on another protocol."""
        self._protocol = protocol

    async def stop(self) -> None:
        """Let nobody new in, but serve whoever waits to be accepted: the system would reset them.

        Before the last look into a queue nobody may join it, where the system can see to that: who came between the
        look and the end would be reset, too. They try again after a second, as TCP does, and are refused.
        """
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._loop.remove_reader(listener)
            if retry := self._retries.pop(listener, None):
                retry.cancel()
            turn_away(listener)
        await asyncio.sleep(HANDSHAKE_S)
        for listener in listeners:
            with listener:
                self._accept_some(listener, BACKLOG + 1)  # Linux queues one more than it is told
        if self._beginning:
            await asyncio.wait(self._beginning)

    def _watch(self, listener: socket.socket) -> None:
        self._retries.pop(listener, None)
        self._loop.add_reader(listener, self._accept_some, listener)

    def _accept_some(self, listener: socket.socket, at_most: int = ACCEPTED_AT_ONCE) -> None:
        for _ in range(at_most):
            if not self._accept(listener):
                return

    def _accept(self, listener: socket.socket) -> bool:
        """Accept whoever waits longest. Returns whether to go on: there may be more."""
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in _NOTHING_LEFT:
                self._retry_later(listener, error)
                return False
            return True  # whoever it was has gone again
        connection.setblocking(False)  # noqa: FBT003  the standard library's signature
        beginning = self._loop.create_task(self._begin(connection), name="web.connection")
        self._beginning.add(beginning)
        beginning.add_done_callback(self._beginning.discard)
        return True

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:
            connection.close()  # it has ended before it began

    def _retry_later(self, listener: socket.socket, error: OSError) -> None:
        log.error("web.cannot_accept", why=error.strerror)
        # Not while it stops: then the socket is watched no longer, and is not to be again.
        if self._loop.remove_reader(listener):
            self._retries[listener] = self._loop.call_later(RETRY_S, self._watch, listener)


async def listen(protocol: Callable[[], asyncio.Protocol], host: str, port: int) -> Listening:
    """Listen on every address of a host. Raises OSError, or UnicodeError when it is no name of a host."""
    server = await asyncio.get_running_loop().create_server(protocol, host, port, start_serving=False)
    listeners = [socket.socket(fileno=os.dup(bound.fileno())) for bound in server.sockets]
    server.close()  # which closes its own descriptors only: the sockets live on in ours
    return Listening(listeners, protocol)


def turn_away(listener: socket.socket) -> None:
    """Let nobody new begin a connection to a listening socket, where the system can do that (Linux)."""
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(_NO_NEWCOMERS)
    instructions = len(_NO_NEWCOMERS) // struct.calcsize("HBBI")
    with contextlib.suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", instructions, ctypes.addressof(program))
        )
