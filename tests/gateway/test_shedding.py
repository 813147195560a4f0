"""Webhooks for which there is no room are told so at once, and nothing else changes."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.web import Application, Server
from prometheus_client import REGISTRY

from gateway.app import make_app
from gateway.data_deletion import PATH
from gateway.draining import DRAINING
from gateway.intake import IN_FLIGHT, INTAKE
from gateway.listening import Listening
from gateway.parts import compose
from tests.gateway import web
from tests.gateway.serving import serving
from tests.waiting import eventually

OTHERS = range(IN_FLIGHT)
"""Who has all places."""

MANY = 100
"""More than aiohttp lets wait on one connection."""

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
BUSY = (503, "1", "busy")


def post(path: str = "/webhooks/messenger", body: bytes = b"{}", *headers: str) -> bytes:
    """Write a webhook that nobody signed: let in it is answered 401."""
    lines = (f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


def told_busy(source: str) -> float:
    """Return how many webhooks of a source were refused for want of room."""
    return REGISTRY.get_sample_value("webhook_refusals_total", {"source": source, "reason": "busy"}) or 0.0


class Caller:
    """One connection to the server."""

    def __init__(
        self, app: Application, server: Server, listening: Listening, reader: StreamReader, writer: StreamWriter
    ) -> None:
        self.app = app
        self.server = server
        self.listening = listening
        self.intake = app[INTAKE]
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, str | None, str]:
        """Read an answer: status, Retry-After and text."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            text = await self.reader.readexactly(int(headers["Content-Length"]))
        return int(first.split()[1]), headers.get("Retry-After"), text.decode()

    async def ask(self, data: bytes) -> tuple[int, str | None, str]:
        """Send it, and read an answer."""
        self.writer.write(data)
        return await self.answer()

    async def ends(self) -> None:
        """Wait until the other side has ended the connection, and has said nothing more."""
        async with asyncio.timeout(10):
            assert await self.reader.read() == b""

    def free_a_place(self) -> None:
        """Let one of the others go."""
        self.intake.withdraw(OTHERS[-1])


@asynccontextmanager
async def full_house() -> AsyncIterator[Caller]:
    """Serve with all places taken, and connect."""
    app = make_app(compose(web.settings()))
    for other in OTHERS:
        assert app[INTAKE].grant(other)
    async with serving(app) as (server, listening), called(app, server, listening) as caller:
        yield caller


@asynccontextmanager
async def called(app: Application, server: Server, listening: Listening) -> AsyncIterator[Caller]:
    """Connect."""
    known = len(server.connections)
    reader, writer = await asyncio.open_connection(*listening.addresses[0])
    await eventually(lambda: len(server.connections) > known)
    try:
        yield Caller(app, server, listening, reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize("source", ["messenger", "harasocial"])
async def test_a_webhook_is_told_before_a_request_is_made_of_it(source: str) -> None:
    before = told_busy(source)
    async with full_house() as caller:
        for _ in range(MANY):
            assert await caller.ask(post(f"/webhooks/{source}")) == BUSY
        assert caller.server.requests_count == 0
        assert told_busy(source) == before + MANY
        assert (await caller.ask(ALIVE + ALIVE))[0] == 200
        assert (await caller.answer())[0] == 200


async def test_the_connection_goes_on_and_whoever_finds_room_is_let_in() -> None:
    async with full_house() as caller:
        assert await caller.ask(post()) == BUSY
        caller.free_a_place()
        for _ in range(3):
            assert (await caller.ask(post()))[0] == 401
        assert caller.intake.grant("the place is free again")


async def test_everybody_else_is_served() -> None:
    async with full_house() as caller:
        assert (await caller.ask(ALIVE))[0] == 200
        assert (await caller.ask(post("/webhooks/nobody")))[0] == 404
        assert await caller.ask(post()) == BUSY
        assert (await caller.ask(ALIVE))[0] == 200


@pytest.mark.parametrize("at", [3, len(post()) - 1])
async def test_a_webhook_in_two_pieces_gets_one_answer(at: int) -> None:
    async with full_house() as caller:
        whole = post()
        caller.server.connections[0].data_received(whole[:at])
        for _ in range(20):
            await asyncio.sleep(0)
        assert await caller.ask(whole[at:]) == BUSY
        assert (await caller.ask(ALIVE))[0] == 200


async def test_answers_come_in_the_order_of_their_questions() -> None:
    async with full_house() as caller:
        assert (await caller.ask(ALIVE + post()))[0] == 200
        assert await caller.answer() == BUSY
        assert await caller.ask(post() + ALIVE) == BUSY
        assert (await caller.answer())[0] == 200


async def test_a_question_that_came_before_is_answered_before() -> None:
    """The webhook arrives while another request still waits for its body: it is no time yet to answer."""
    async with full_house() as caller:
        first = post(PATH, b"x" * 10, "Content-Type: application/x-www-form-urlencoded")
        caller.writer.write(first[:-5])
        await eventually(lambda: caller.server.requests_count)
        assert (await caller.ask(first[-5:] + post()))[0] == 401
        assert await caller.answer() == BUSY


@pytest.mark.parametrize("header", ["Connection: close", "Expect: the-impossible"])
async def test_what_aiohttp_has_a_word_of_its_own_for_is_left_to_it(header: str) -> None:
    async with full_house() as caller:
        caller.free_a_place()
        answer = await caller.ask(post("/webhooks/messenger", b"{}", header))
        assert answer[0] == (417 if "Expect" in header else 401)
        await eventually(lambda: caller.intake.grant("the place is free again"))


async def test_whoever_wants_to_end_is_let_go() -> None:
    async with full_house() as caller:
        assert await caller.ask(post("/webhooks/messenger", b"{}", "Connection: close")) == BUSY
        await caller.ends()


async def test_a_process_that_is_ending_says_so() -> None:
    async with full_house() as caller:
        caller.app[DRAINING].begin()
        assert await caller.ask(post()) == BUSY
        await caller.ends()


async def test_of_two_that_arrive_at_once_the_second_finds_the_place_taken() -> None:
    async with full_house() as first, called(first.app, first.server, first.listening) as second:
        first.free_a_place()
        for connection in first.server.connections:
            connection.data_received(post())
        assert (await first.answer())[0] == 401
        assert await second.answer() == BUSY


async def test_whoever_goes_before_being_read_keeps_no_place() -> None:
    async with full_house() as caller:
        caller.free_a_place()
        connection = caller.server.connections[0]
        connection.data_received(post())
        assert not caller.intake.grant("it is taken")
        connection.connection_lost(None)
        assert caller.intake.grant("it is free again")


async def test_a_connection_that_was_told_so_is_as_alive_as_any() -> None:
    async with full_house() as caller:
        assert (await caller.ask(ALIVE))[0] == 200
        connection = caller.server.connections[0]
        would_end_at = connection._next_keepalive_close_time  # noqa: SLF001  aiohttp tells it in no other way
        assert await caller.ask(post()) == BUSY
        assert connection._next_keepalive_close_time > would_end_at  # noqa: SLF001  likewise


async def test_a_large_body_is_read_to_its_end() -> None:
    async with full_house() as caller:
        assert await caller.ask(post(body=b" " * 4_000_000)) == BUSY
        assert (await caller.ask(ALIVE))[0] == 200


async def test_what_is_no_http_gets_aiohttps_answer() -> None:
    async with full_house() as caller:
        assert (await caller.ask(b"neither a method nor a path\r\n\r\n"))[0] == 400
