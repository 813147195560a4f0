"""The search box: every key that a seller may give leads to its conversation, delivery or page; and is not kept."""

import pytest

from actors.lookups import LONGEST_VALUE
from actors.views import EventFilter, EventRow
from gateway.support import paths
from tests.gateway.service import Service, click
from tests.gateway.support.visiting import audit, come_in, led_to, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now

ORDER = 1225410593
CONVERSATION = paths.conversation(PAGE, PSID)
FOUND_CONVERSATION = {
    "psid": PSID,
    "order_id": str(ORDER),
    "order_number": "#410593",
    "order_number without its sign": "410593",
    "tracking_id": "tt-abc_1",
}


async def purchase(service: Service) -> EventRow:
    """Return the row of the page's CompletePayment."""
    (row,) = (await service.parts.views.events(PAGE, EventFilter(name="CompletePayment"))).events
    return row


@pytest.mark.parametrize("kind", FOUND_CONVERSATION)
async def test_a_key_of_a_conversation_leads_to_it(service: Service, kind: str) -> None:
    await service.connect()
    await service.whole_story(ORDER)
    await come_in(service)
    assert await led_to(service, "/find", q=f"  {FOUND_CONVERSATION[kind]} ") == CONVERSATION
    (line, *_) = await audit(service)
    assert (line.who, line.action, line.page_id, line.psid) == ("linh", "find", PAGE, PSID)


async def test_an_event_id_leads_to_its_delivery(service: Service) -> None:
    await service.connect()
    await service.whole_story(ORDER)
    event_id = (await purchase(service)).event_id
    await come_in(service)
    assert await led_to(service, "/find", q=event_id) == paths.delivery(PAGE, event_id)
    (line, *_) = await audit(service)
    assert (line.page_id, line.psid, line.event_id) == (PAGE, PSID, event_id)


async def test_tiktoks_request_id_leads_to_the_delivery(sending: Service) -> None:
    await sending.connect()
    await sending.whole_story(ORDER)
    await sending.sent(4)
    row = await purchase(sending)
    assert row.request_id
    await come_in(sending)
    async with sending.client.get(paths.find(row.request_id), allow_redirects=False) as response:
        # One request may carry several events.
        assert paths.delivery(PAGE, row.event_id) in (response.headers.get("Location") or await response.text())


async def test_a_page_id_leads_to_the_page_and_a_conversation_without_a_click_is_found_too(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 60_000, {"message": {"mid": "m-1", "text": "Chào shop"}}, psid="8808")
    await come_in(service)
    assert await led_to(service, "/find", q=PAGE) == paths.page(PAGE)
    assert await led_to(service, "/find", q="8808") == paths.conversation(PAGE, "8808")


async def test_what_leads_to_several_conversations_lists_them(service: Service) -> None:
    await service.connect()
    for number in range(3):
        await service.messenger(now() - 60_000 * (number + 1), click("tt-many"), psid=f"820{number}")
    await come_in(service)
    html = await see(service, "/find?q=tt-many")
    assert 'value="tt-many"' in html
    at = [html.index(f'href="{paths.conversation(PAGE, psid)}"') for psid in ("8200", "8201", "8202")]
    assert at == sorted(at), "newest first"
    (line, *_) = await audit(service)
    assert line.detail.startswith("3 by ")
    assert "tt-many" not in str(line)


async def test_nothing_found_says_where_it_was_looked_and_how_long_things_are_kept(service: Service) -> None:
    await service.connect()
    await come_in(service)
    html = await see(service, "/find?q=0909090909&lang=vi")
    assert 'value="0909090909"' in html
    for words in ("Không tìm thấy gì", "request ID của TikTok", "9 ngày", "một giờ", "30 ngày"):
        assert words in html
    assert "kept for 9 days" in await see(service, "/find?q=0909090909&lang=en")


async def test_what_was_typed_is_never_written_down(service: Service) -> None:
    """Somebody may type a customer's phone number, or name."""
    await service.connect()
    await service.whole_story(ORDER)
    await come_in(service)
    for asked in ("0909090909", "Nguyễn Thị Hoa", "a@b.vn", "x" * (LONGEST_VALUE + 1), "\x00", "*", "😀"):
        async with service.client.get("/support/find", params={"q": asked}) as response:
            assert response.status == 200
    lines = await audit(service)
    assert [line.detail for line in lines[:7]] == ["nothing"] * 7
    for typed in ("0909090909", "Hoa", "a@b.vn", "xxx"):
        assert typed not in str(lines)


async def test_what_was_typed_cannot_bring_markup(service: Service) -> None:
    await come_in(service)
    assert '"><b>' not in await see(service, "/find?q=%22%3E%3Cb%3E")
