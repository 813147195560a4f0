"""How connections begin: many at once, when the system has nothing left for them, and at the end of the process."""

import asyncio
import os
import resource
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvloop
from structlog.testing import capture_logs

from gateway.draining import linger
from gateway.listening import turn_away
from tests.gateway.serving import serving
from tests.waiting import eventually

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK"

CROWD = 256
TURNS = 40
"""Of the event loop: a few for each lot, but far fewer than one for each of the crowd."""


async def answer_to(client: socket.socket) -> bytes:
    client.setblocking(False)  # noqa: FBT003  the standard library's signature
    async with asyncio.timeout(10):
        return await asyncio.get_running_loop().sock_recv(client, 1024)


@contextmanager
def no_files_left() -> Iterator[None]:
    """Let the process open no file more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_one = os.dup(0)
    os.close(next_one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_crowd_that_comes_at_once_is_accepted_in_a_few_turns(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def crowd() -> None:
        async with serving() as (server, listening):
            with ExitStack() as clients:
                for _ in range(CROWD):
                    clients.enter_context(socket.create_connection(listening.addresses[0]))
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                assert len(server.connections) == CROWD

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(crowd())


async def test_who_ended_before_being_accepted_is_in_nobodys_way() -> None:
    async with serving() as (_, listening):
        with socket.create_connection(listening.addresses[0]) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        with socket.create_connection(listening.addresses[0]) as next_one:
            next_one.sendall(ALIVE)
            assert (await answer_to(next_one)).startswith(OK)


async def test_who_comes_when_no_file_is_left_waits_until_one_is() -> None:
    async with serving() as (_, listening):
        with socket.socket() as client, capture_logs() as logs:
            with no_files_left():
                client.connect(listening.addresses[0])
                client.sendall(ALIVE)
                await eventually(lambda: logs)
                for _ in range(TURNS):
                    await asyncio.sleep(0)
            assert [line["event"] for line in logs] == ["web.cannot_accept"], "tried once, not in every turn"
            assert (await answer_to(client)).startswith(OK)


async def test_a_process_can_end_while_no_file_is_left() -> None:
    async with serving() as (_, listening):
        address = listening.addresses[0]
        with socket.socket() as client, capture_logs() as logs, no_files_left():
            client.connect(address)
            await eventually(lambda: logs)
            await listening.stop()
        with socket.socket() as late, pytest.raises(ConnectionRefusedError):
            late.connect(address)


async def test_who_waits_to_be_accepted_is_served_and_the_next_is_refused() -> None:
    async with serving() as (server, listening):
        address = listening.addresses[0]
        # Blocking on purpose: the loop does not turn, so that nobody is accepted before the server stops listening.
        with socket.create_connection(address) as waiting:
            waiting.sendall(ALIVE)
            await listening.stop()
            await linger(server, at_most_s=0.2)
            assert (await answer_to(waiting)).startswith(OK)
        with socket.socket() as late, pytest.raises(ConnectionRefusedError):
            late.connect(address)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can turn somebody away")
async def test_nobody_gets_into_a_queue_that_nobody_looks_into_any_more() -> None:
    """Who came between the last look and the end would be reset, and nobody may repeat a request that was reset."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as early, socket.socket() as late:
        early.connect(listener.getsockname())
        turn_away(listener)
        late.setblocking(False)  # noqa: FBT003  the standard library's signature
        connecting = asyncio.create_task(loop.sock_connect(late, listener.getsockname()))
        done, _ = await asyncio.wait({connecting}, timeout=0.2)
        assert not done
        accepted, _ = listener.accept()
        early.sendall(b"words of one who was here")
        assert accepted.recv(100) == b"words of one who was here"
        accepted.close()
        listener.close()
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionRefusedError):
                await connecting
