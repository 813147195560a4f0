"""A conversation while somebody of support looks: each change is told once, and the opening written down once."""

import asyncio

import pytest
from aiohttp import ClientResponse

from actors import keys
from actors.views import EventFilter
from tests.gateway.service import Service, click, order, said
from tests.gateway.support.visiting import ROOT, audit, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store

HERE = f"/conversations/{PAGE}/{PSID}"
LIVE = f"{HERE}/live"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let streams look far more often than a person could notice."""
    monkeypatch.setattr("gateway.pages.streams.LOOK_S", 0.02)
    monkeypatch.setattr("gateway.pages.streams.HEARTBEAT_S", 0.05)


async def next_of(stream: ClientResponse) -> tuple[str, str]:
    """Return the stream's next event and its text; the event is ':' for a heartbeat."""
    lines = (await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)).decode().splitlines()
    event = lines[0].removeprefix("event: ") if lines[0].startswith("event: ") else ":"
    return event, "\n".join(line.removeprefix("data: ") for line in lines[1:])


async def heard(stream: ClientResponse, words: str) -> list[str]:
    """Listen until an event says this; return the events until then."""
    events = []
    while True:
        event, text = await next_of(stream)
        events.append(event)
        if words in text:
            return events


async def begin(service: Service) -> None:
    """Let a customer come, and support after them."""
    await service.connect(paused=True)
    await service.messenger(now() - 60_000, click())
    await come_in(service, lang="en")


async def test_a_webhook_renews_the_checklist_and_the_timeline_at_once(service: Service) -> None:
    await begin(service)
    async with service.client.get(ROOT + LIVE) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        event, text = await next_of(stream)
        assert event == "progress"
        assert "The customer wrote" not in text
        await service.messenger(now() - 5_000, said("m1"))
        await heard(stream, "The customer wrote")
        await heard(stream, "Something new happened in the conversation.")
        await service.order(order(7, now() - 4_000))
        await heard(stream, "Order #000007: created")


async def test_what_is_told_is_what_the_page_shows(service: Service) -> None:
    """So that nothing is replaced by the same, and the place of whoever reads is kept."""
    await begin(service)
    html = await see(service, HERE)
    async with service.client.get(ROOT + LIVE) as stream:
        _, text = await next_of(stream)
    timeline = text[text.index('<section class="card stack" id="timeline"') :].strip()
    assert timeline in "\n".join(html.splitlines())


async def test_a_delivery_and_a_pause_are_changes_too(sending: Service) -> None:
    await begin(sending)
    await sending.messenger(now() - 5_000, said("m1"))
    async with sending.client.get(ROOT + LIVE) as stream:
        await heard(stream, "The page is paused; its events wait")
        await sending.parts.connections.resume(PAGE, now())
        await heard(stream, "Conversation to TikTok, attempt 1")


async def test_a_delivery_that_waits_otherwise_is_a_change_even_without_an_entry(service: Service) -> None:
    """A rate limit, or a resend, is told by the event's row only."""
    await begin(service)
    await service.messenger(now() - 5_000, said("m1"))
    (row,) = (await service.parts.views.events(PAGE, EventFilter())).events
    store: Store = service.parts.store
    async with service.client.get(ROOT + LIVE) as stream:
        await heard(stream, "Waiting")
        await store.hset(keys.event(PAGE, row.event_id), "attempts", "3")
        await heard(stream, "Attempts: 3")


async def test_where_nothing_happens_nothing_is_told(service: Service) -> None:
    """Neither to who has just come, nor for an age that grows: a click that has run out is a little older each time."""
    await service.connect()
    await service.messenger(now() - 8 * 86_400_000, click())
    await come_in(service)
    async with service.client.get(ROOT + LIVE) as stream:
        assert [(await next_of(stream))[0] for _ in range(4)] == ["progress", ":", ":", ":"]


async def test_the_opening_is_written_down_and_no_change(service: Service) -> None:
    await begin(service)
    async with service.client.get(ROOT + LIVE) as stream:
        await next_of(stream)
        for number in range(3):
            await service.messenger(now() - 5_000 + number, said(f"m{number}"))
            await heard(stream, "Something new happened")
    lines = [line for line in await audit(service) if line.action == "conversation_live"]
    assert [(line.who, line.page_id, line.psid) for line in lines] == [("linh", PAGE, PSID)]


async def test_a_customer_who_is_forgotten_ends_the_stream(service: Service) -> None:
    await begin(service)
    async with service.client.get(ROOT + LIVE) as stream:
        await next_of(stream)
        await service.api("DELETE", HERE)
        events = await heard(stream, "")
        while events[-1] != "done":
            events += await heard(stream, "")
        assert await asyncio.wait_for(stream.content.read(), 5) == b""


async def test_what_is_not_known_has_no_stream(service: Service) -> None:
    await begin(service)
    await see(service, "/conversations/900/nobody/live", 404)


@pytest.mark.parametrize(("query", "streams"), [("", 1), ("?order=oldest", 0), ("?beyond=1-1", 0)])
async def test_only_the_newest_part_renews_itself_and_every_part_can_be_reloaded(
    service: Service, query: str, streams: int
) -> None:
    await begin(service)
    html = await see(service, HERE + query)
    assert (html.count("data-live="), html.count("live.js")) == (streams, streams)
    assert f'<a href="{ROOT}{HERE}">Reload</a>' in html
