"""The end of a web process: those who come go elsewhere, those who are here are served, and no connection is reset."""

import asyncio
import contextlib
import ctypes
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web

LINGER_S: Final = 1.0
"""How long connections may take to send what they were about to send, and to end. Those in use end by themselves."""

LOOK_EVERY_S: Final = 0.02

HANDSHAKE_S: Final = 0.05
"""How long connections that were begun may take to get into the queue of their socket."""

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


async def stop_listening(server: asyncio.Server, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Close the listening sockets of a server, but serve whoever is in their queues: the kernel would reset them.

    Before the last look into a queue nobody new is let in, where the system can do that: who came between the look and
    the end would be reset, too. They try again after a second, as TCP does, and are refused.
    """
    loop = asyncio.get_running_loop()
    listeners = [socket.socket(fileno=os.dup(listener.fileno())) for listener in server.sockets]
    server.close()  # which closes its own descriptors only: the sockets live on in ours
    for listener in listeners:
        turn_away(listener)
    await asyncio.sleep(HANDSHAKE_S)
    for listener in listeners:
        listener.settimeout(0)
        with listener, contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = listener.accept()
                await loop.connect_accepted_socket(protocol, connection)


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


async def linger(server: web.Server, at_most_s: float = LINGER_S) -> None:
    """Wait until all connections have ended, but not for long: idle ones do not end by themselves."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            while server.connections:  # noqa: ASYNC110  aiohttp tells nobody when one ends
                await asyncio.sleep(LOOK_EVERY_S)
