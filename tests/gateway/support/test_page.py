"""A page as support sees it, whosever it is: how it is connected, its numbers, its newest conversations."""

import time

import msgspec
import pytest

from gateway.support import paths
from tests.gateway.service import Service, click, said
from tests.gateway.support.visiting import audit, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.gateway.wire import TOKEN


async def test_it_tells_how_the_page_is_connected_and_how_the_choice_changed_but_never_a_token(
    service: Service,
) -> None:
    await service.connect(store_id="2000")
    await service.connect(store_id="2000", complete_payment_on="order_shipped", paused=True)
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    await come_in(service)
    html = await see(service, f"/pages/{PAGE}")
    for words in ("2000", "7000000000000000001", "Khi đơn có vận đơn", "Khi đơn được xác nhận", "Tạm dừng"):
        assert words in html
    assert html.index("Khi đơn có vận đơn") < html.index("Khi đơn được xác nhận")
    assert TOKEN not in html
    assert connection.access_token not in html
    (line, *_) = await audit(service)
    assert (line.action, line.page_id) == ("page", PAGE)


async def test_it_has_the_numbers_of_the_last_days_and_leads_to_conversations_deliveries_and_health(
    service: Service,
) -> None:
    await service.connect()
    await service.whole_story()
    await come_in(service, lang="en")
    html = await see(service, f"/pages/{PAGE}")
    assert "Ad clicks" in html
    for address in (paths.conversation(PAGE, PSID), paths.deliveries(PAGE), paths.page_health(PAGE)):
        assert f'href="{address}"' in html


async def test_its_conversations_come_fifty_at_a_time_newest_first(service: Service) -> None:
    await service.connect()
    start = now()
    for number in range(51):
        await service.messenger(start - 1000 * (100 + number), click(f"tt-{number}"), psid=f"83{number:02d}")
    await come_in(service)
    first = await see(service, f"/pages/{PAGE}")
    assert first.count("/support/conversations/") == 50
    assert first.index("/8300") < first.index("/8349")
    assert "/8350" not in first
    assert "Trang 1 / 2" in first
    for asked in ("2", "9", "99999"):
        second = await see(service, f"/pages/{PAGE}?page={asked}")
        assert second.count("/support/conversations/") == 1
        assert "/8350" in second
    for asked in ("0", "-1", "x", "1e3", "9" * 30):
        assert "Trang 1 / 2" in await see(service, f"/pages/{PAGE}?page={asked}")


async def test_a_page_that_was_disconnected_is_shown_while_anything_of_it_is_left(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    await service.parts.connections.delete(PAGE)
    await come_in(service)
    html = await see(service, f"/pages/{PAGE}")
    assert "Chưa kết nối" in html
    assert paths.conversation(PAGE, PSID) in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Trang chưa được kết nối", f"Trang {PAGE} không kết nối", "không có gì được ghi lại từ khi ngắt")),
        ("en", ("The page is not connected", f"Page {PAGE} is not connected", "nothing has been recorded since it")),
    ],
)
async def test_a_conversation_leads_to_its_page_even_when_nothing_else_of_that_is_left(
    service: Service, language: str, words: tuple[str, ...]
) -> None:
    await service.connect()
    await service.messenger(now() - 1000, said("m1"))
    await service.parts.connections.delete(PAGE)
    await come_in(service, lang=language)
    assert f'href="{paths.page(PAGE)}"' in await see(service, f"/conversations/{PAGE}/{PSID}")
    html = await see(service, f"/pages/{PAGE}", 404)
    for each in words:
        assert each in html
    (line, *_) = await audit(service)
    assert (line.action, line.page_id) == ("page", PAGE)


@pytest.mark.parametrize("page_id", ["901", "%22%3E%3Cb%3E", "x" * 300])
async def test_a_page_that_nobody_knows_is_not_found(service: Service, page_id: str) -> None:
    await come_in(service)
    assert '"><b>' not in await see(service, f"/pages/{page_id}", 404)


async def test_names_cannot_bring_markup(service: Service) -> None:
    await service.connect()
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    evil = "<script>alert(1)</script>"
    named = msgspec.structs.replace(connection, page_name=evil, advertiser_name=evil, event_set_name=evil)
    await service.parts.connections.put(named, int(time.time() * 1000))
    await come_in(service)
    assert "<script>" not in await see(service, f"/pages/{PAGE}")
