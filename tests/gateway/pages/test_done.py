"""The last screen of connecting: what to choose at TikTok, and the checklist that fills by itself."""

import asyncio
import re

import pytest
from aiohttp import ClientResponse

from tests.gateway.pages.visiting import ROOT, come_in, see
from tests.gateway.service import Service, click, said, serve
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.waiting import eventually

DONE = f"/pages/{PAGE}/connect/done"
LIVE = f"/pages/{PAGE}/connect/live"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let streams look far more often than a person could notice."""
    monkeypatch.setattr("gateway.pages.streams.LOOK_S", 0.02)
    monkeypatch.setattr("gateway.pages.streams.HEARTBEAT_S", 0.05)


def ticked(html: str) -> list[bool]:
    """Return which steps of the checklist are done."""
    return [" done" in each for each in re.findall(r'<li class="(check[^"]*)"', html)]


async def listen(response: ClientResponse, wanted: str) -> str:
    """Return a message of a stream once it comes: `progress` or `done`, or ':' for a heartbeat."""
    while True:
        text = (await asyncio.wait_for(response.content.readuntil(b"\n\n"), 5)).decode()
        if text.startswith((f"event: {wanted}\n", wanted)):
            return text


async def test_it_says_what_to_choose_in_ads_manager(service: Service) -> None:
    await service.connect(complete_payment_on="order_shipped")
    await come_in(service, lang="en")
    html = await see(service, DONE)
    for words in (
        "7000000000000000001",
        "7351234567890123456",
        "Initiate Order",
        "Shopping",
        "When the order is shipped",
    ):
        assert words in html
    assert 'href="https://m.me/900?ref=tiktok-test"' in html


async def test_where_a_test_ref_would_be_no_click_there_is_no_test_link() -> None:
    async with serve(TIKTOK_REF_PATTERN="^E[.]C[.]P") as service:
        await service.connect()
        await come_in(service)
        assert "m.me" not in await see(service, DONE)


async def test_without_javascript_reloading_fills_the_checklist(service: Service) -> None:
    await service.connect(paused=True)
    await come_in(service)
    html = await see(service, DONE)
    assert ticked(html) == [False] * 4
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in html
    await service.messenger(now() - 5_000, click(), said("m1"))
    assert ticked(await see(service, DONE)) == [True, True, True, False]


async def test_the_checklist_fills_as_things_happen(sending: Service) -> None:
    """The click, then the message with its event, then TikTok's yes; then the stream ends, and nobody asks again."""
    await sending.connect()
    await come_in(sending)
    async with sending.client.get(ROOT + LIVE) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["Cache-Control"] == "no-store"
        assert ticked(await listen(stream, "progress")) == [False] * 4
        await sending.messenger(now() - 5_000, click())
        assert ticked(await listen(stream, "progress")) == [True, False, False, False]
        await sending.messenger(now() - 4_000, said("m1"))
        assert ticked(await listen(stream, "progress"))[:3] == [True] * 3
        await listen(stream, "done")
        assert await asyncio.wait_for(stream.content.read(), 5) == b""
    html = await see(sending, DONE)
    assert ticked(html) == [True] * 4
    assert "live.js" not in html
    assert "http-equiv" not in html


async def test_a_stream_with_nothing_to_say_keeps_the_connection_alive(service: Service) -> None:
    await service.connect()
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as stream:
        await listen(stream, "progress")
        assert await listen(stream, ":") == ": nothing new\n\n"


async def test_streams_end_when_the_process_shuts_down(service: Service) -> None:
    await service.connect()
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as stream:
        await listen(stream, "progress")
        await service.client.app.shutdown()
        assert b"event: done" not in await asyncio.wait_for(stream.content.read(), 5)


async def test_a_process_has_so_many_streams_and_no_more(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page works without: it says so, and can be reloaded. A stream that ends makes room."""
    monkeypatch.setattr("gateway.pages.streams.MOST", 2)
    await service.connect()
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as one, service.client.get(ROOT + LIVE) as two:
        await listen(one, "progress")
        await listen(two, "progress")
        await see(service, LIVE, status=503)
        one.close()

        async def has_room() -> bool:
            async with service.client.get(ROOT + LIVE) as three:
                return three.status == 200

        await eventually(has_room)


async def test_a_stream_does_not_last_for_ever(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser asks again by itself, and its session is looked at anew."""
    monkeypatch.setattr("gateway.pages.streams.LONGEST_S", 0.1)
    await service.connect()
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as stream:
        assert b"event: done" not in await asyncio.wait_for(stream.content.read(), 5)


async def test_a_stream_ends_quietly_when_redis_goes_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    await service.connect()
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as stream:
        await listen(stream, "progress")
        monkeypatch.setattr(type(service.parts.store), "execute_command", _lost)
        monkeypatch.setattr("redis.asyncio.client.Pipeline.execute", _lost)
        await asyncio.wait_for(stream.content.read(), 5)
        monkeypatch.undo()


async def _lost(*_: object, **__: object) -> None:
    raise ConnectionError("gone")


async def test_nobody_follows_another_stores_page(service: Service) -> None:
    await service.connect(store_id="2000")
    await come_in(service)
    await see(service, LIVE, status=409)
    await come_in(service, pages=[{"id": "901", "name": "B"}])
    await see(service, LIVE, status=404)
    service.client.session.cookie_jar.clear()
    await see(service, LIVE, status=401)
