"""The channel to TikTok against the sandbox, over real HTTP: every answer and every trouble comes back as a reply."""

import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
from aiohttp import ClientSession
from cryptography.fernet import InvalidToken
from msgspec.structs import replace

from actors.connection import Connection
from actors.outbox import OutboxEntry
from gateway.sandbox import Sandbox, Scripted
from gateway.tiktok import TikTokChannel
from gateway.wire_profile import load_wire_profile
from rules.delivery import Reply, classify
from rules.facts import Purchase
from tests.gateway.wire import EMAIL, EVENT_SET, ORDER, PHONE, PURCHASE, TOKEN, USER_123, entry

NOW = 1_790_000_100_000
PROFILE = load_wire_profile(None)
CONNECTION = Connection("page", "store", "7000000000000000001", EVENT_SET, f"sealed {TOKEN}", "order_confirmed")


def unseal(sealed: str) -> str:
    """Stand in for decryption."""
    if not sealed.startswith("sealed "):
        raise InvalidToken
    return sealed.removeprefix("sealed ")


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open an HTTP client."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def channel(session: ClientSession, tiktok_url: str) -> TikTokChannel:
    """Make a channel to the sandbox, less patient than in production."""
    return TikTokChannel(session, PROFILE, api_url=tiktok_url, decrypt=unseal, timeout_s=2)


async def post(channel: TikTokChannel, connection: Connection, entries: tuple[OutboxEntry, ...]) -> Reply:
    """Prepare a request and make it."""
    request = channel.prepare(connection, entries, NOW)
    assert callable(request)
    return await request()


def ids(sandbox: Sandbox) -> list[str | None]:
    """List the event ids that TikTok counts."""
    return [each.event_id for each in sandbox.accepted]


async def test_a_batch_is_accepted(channel: TikTokChannel, sandbox: Sandbox) -> None:
    reply = await post(channel, CONNECTION, (entry(), ORDER, entry("ValidConversation", "e-2")))
    assert (reply.kind, reply.code, reply.http_status, reply.message) == ("code", 0, 200, "OK")
    assert reply.request_id
    assert ids(sandbox) == ["e-1", "e-1", "e-2"]
    assert {each.access_token for each in sandbox.accepted} == {TOKEN}


async def test_a_repeated_event_is_a_copy(channel: TikTokChannel, sandbox: Sandbox) -> None:
    assert [(await post(channel, CONNECTION, (ORDER,))).code for _ in range(3)] == [0, 0, 0]
    assert [each.duplicates for each in sandbox.accepted] == [2]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_token": "sealed other"}, 40105),
        ({"access_token": "sealed "}, 40104),
        ({"event_set_id": "7999999999999999999"}, 40001),
    ],
)
async def test_a_missing_permission_is_told_by_its_code(
    channel: TikTokChannel, changes: dict[str, str], code: int
) -> None:
    reply = await post(channel, replace(CONNECTION, **changes), (entry(),))
    assert (reply.code, classify(reply)) == (code, "unauthorised")


async def test_a_bad_event_is_told_by_its_place(channel: TikTokChannel, sandbox: Sandbox) -> None:
    bad = entry("CompletePayment", "e-2", order_id="1", purchase=Purchase("NaN", "vnd"))
    reply = await post(channel, CONNECTION, (entry(event_id=""),))
    assert (reply.code, reply.message) == (40002, "Batch.0.event_id: Shorter than minimum length 1")
    assert classify(await post(channel, CONNECTION, (entry(), bad))) == "bad_item"
    assert ids(sandbox) == []


@pytest.mark.parametrize(
    ("scripted", "told"),
    [
        (Scripted("code", 50000), ("code", "transient", [])),
        (Scripted("code", 60001), ("code", "maintenance", [])),
        (Scripted("code", 50002, commit=True), ("code", "ambiguous", ["e-1"])),
        (Scripted("http", http_status=502), ("not_json", "transient", [])),
        (Scripted("http", http_status=404), ("http_error", "misconfigured", [])),
        (Scripted("http", http_status=307), ("http_error", "transient", [])),
        (Scripted("hang"), ("timeout", "ambiguous", [])),
        (Scripted("hang", commit=True), ("timeout", "ambiguous", ["e-1"])),
        (Scripted("reset"), ("cut", "ambiguous", [])),
        (Scripted("reset", commit=True), ("cut", "ambiguous", ["e-1"])),
    ],
)
async def test_trouble_is_told_and_never_raised(
    channel: TikTokChannel, sandbox: Sandbox, scripted: Scripted, told: tuple[str, str, list[str]]
) -> None:
    """A redirect is not followed: the sandbox, where it points to, sees no second request."""
    sandbox.script(scripted)
    reply = await post(channel, CONNECTION, (entry(),))
    assert (reply.kind, classify(reply), ids(sandbox)) == told
    assert len(sandbox.received) == 1


async def test_a_request_that_never_left_is_told_apart(session: ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://tiktok.invalid"):
        channel = TikTokChannel(session, PROFILE, api_url=url, decrypt=unseal, timeout_s=6)
        reply = await post(channel, CONNECTION, (entry(),))
        assert (reply.kind, classify(reply)) == ("not_sent", "transient")


async def test_a_connection_that_is_never_made_is_not_ambiguous(session: ClientSession) -> None:
    """Half of the time is for connecting: whoever runs out of it there cannot have been recorded."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as crowd:
        for _ in range(4):  # fill the queue of connections that nobody accepts
            waiting = crowd.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003  the standard library's signature
            waiting.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        channel = TikTokChannel(session, PROFILE, api_url=url, decrypt=unseal, timeout_s=4)
        assert (await post(channel, CONNECTION, (entry(),))).kind == "not_sent"


@pytest.mark.parametrize("stored", ["garbled", f"sealed {TOKEN}\n", f"sealed {TOKEN}\x7f", "sealed khoá"])
async def test_what_is_no_token_makes_no_request(channel: TikTokChannel, stored: str) -> None:
    """It cannot be opened, or no header may hold what is in it."""
    assert channel.prepare(replace(CONNECTION, access_token=stored), (entry(),), NOW) == "token_unreadable"


async def test_what_is_no_text_once_opened_makes_no_request(session: ClientSession, tiktok_url: str) -> None:
    channel = TikTokChannel(session, PROFILE, api_url=tiktok_url, decrypt=lambda _: b"\xff".decode(), timeout_s=2)
    assert channel.prepare(CONNECTION, (entry(),), NOW) == "token_unreadable"


async def test_a_time_is_in_the_future_by_the_clock_that_is_given_and_no_other(
    channel: TikTokChannel, sandbox: Sandbox
) -> None:
    """The machine's own may be a day behind."""
    in_an_hour = time.time_ns() // 1_000_000_000 + 3600
    for now_s in (in_an_hour + 1, in_an_hour - 1):
        request = channel.prepare(CONNECTION, (entry(event_id=f"e-{now_s}", at=in_an_hour * 1000),), now_s * 1000)
        assert callable(request)
        await request()
    assert [each.event_time for each in sandbox.accepted] == [in_an_hour, in_an_hour - 1]


async def test_a_batch_that_is_too_large_makes_no_request_and_a_lone_event_is_sent(
    channel: TikTokChannel, sandbox: Sandbox
) -> None:
    large = entry("CompletePayment", order_id="1", purchase=Purchase("1", "VND", PURCHASE.items * 4_000))
    for batch in ((large, entry()), (entry(),) * 101):
        assert channel.prepare(CONNECTION, batch, NOW) == "too_large"
    assert sandbox.received == []
    assert (await post(channel, CONNECTION, (large,))).code == 0
    assert (await post(channel, CONNECTION, (entry(),) * 100)).code == 0


@pytest.mark.parametrize("scripted", [None, Scripted("code", 40002, f"{TOKEN} {PHONE}"), Scripted("reset")])
async def test_nothing_secret_or_personal_is_logged(
    channel: TikTokChannel,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    scripted: Scripted | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.script(*([scripted] if scripted else []))
    reply = await post(channel, CONNECTION, (ORDER,))
    said = "".join(
        [reply.message, *capfd.readouterr(), *(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)]
    )
    assert not [secret for secret in (TOKEN, "user_123", USER_123, PHONE, EMAIL, "Áo thun") if secret in said]
