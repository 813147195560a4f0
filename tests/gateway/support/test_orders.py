"""The orders that are about to be lost: support's list, and the note on their seller's pages."""

import re

import pytest
from msgspec.structs import replace

from actors import keys
from gateway.support import paths
from rules.facts import ConversationId
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS
from tests.gateway.pages.visiting import STORE
from tests.gateway.pages.visiting import come_in as come_in_as_seller
from tests.gateway.pages.visiting import see as see_as_seller
from tests.gateway.service import Service, click, order
from tests.gateway.support.test_conversation import shown
from tests.gateway.support.visiting import audit, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store

ORDER = 1225410593


async def wait(service: Service, left_ms: int, psid: str = PSID, order_id: int = ORDER, page_id: str = PAGE) -> None:
    """Let a customer come by an ad and order, so that the click runs out in so many ms, while the order waits."""
    at = now() - 7 * DAY_MS + left_ms
    await service.messenger(at, click(), psid=psid, page_id=page_id)
    await service.order(order(order_id, at + MINUTE_MS), psid=psid, page_id=page_id)


async def orders(service: Service) -> list[str]:
    """Return the orders that support is shown, as a person reads them."""
    await come_in(service, lang="en")
    return [shown(each) for each in re.findall(r'(?s)<li class="entry">(.*?)</li>', await see(service, "/orders"))]


async def test_an_order_that_waits_on_its_last_day_is_listed_with_what_it_waits_for_and_how_long(
    service: Service,
) -> None:
    await service.connect(time_zone="Asia/Tokyo")
    await wait(service, 3 * HOUR_MS + 30 * MINUTE_MS)
    (line,) = await orders(service)
    assert re.search(
        rf"3 h (29|30) min left Order #410593 {ORDER} · PSID {PSID} Awaits confirmation Until .* JST", line
    )
    html = await see(service, "/orders")
    assert f'href="{paths.conversation(PAGE, PSID)}"' in html
    assert re.search(r'title="[^"]+ UTC"', html)
    assert (await audit(service))[0].action == "orders"


async def test_it_says_shipment_where_that_is_the_pages_choice(service: Service) -> None:
    await service.connect(complete_payment_on="order_shipped")
    await wait(service, HOUR_MS)
    assert "Awaits shipment" in (await orders(service))[0]


async def test_what_runs_out_later_was_confirmed_or_was_cancelled_is_not_listed(service: Service) -> None:
    await service.connect()
    await wait(service, 25 * HOUR_MS, psid="1", order_id=1)
    await wait(service, HOUR_MS, psid="2", order_id=2)
    await service.order(order(2, now() - HOUR_MS, confirmed_at=now() - MINUTE_MS), psid="2")
    await wait(service, HOUR_MS, psid="3", order_id=3)
    cancelled = order(3, now() - HOUR_MS) | {"cancelled_status": "cancelled"}
    await service.order(cancelled | {"updated_at": cancelled["created_at"]}, psid="3")
    assert await orders(service) == []
    assert "No order is about to be lost" in await see(service, "/orders")


async def test_an_order_that_can_no_longer_count_is_not_listed_although_its_click_lives(service: Service) -> None:
    """It was confirmed while the page wanted shipments; what the page wants since then fires nothing for the past."""
    await service.connect(complete_payment_on="order_shipped")
    await wait(service, HOUR_MS)
    await service.order(order(ORDER, now() - HOUR_MS, confirmed_at=now() - MINUTE_MS))
    assert "Awaits shipment" in (await orders(service))[0]
    await service.connect(complete_payment_on="order_confirmed")
    assert await orders(service) == []


async def test_an_order_is_listed_only_as_its_conversation_stands(service: Service) -> None:
    """The list is an index: a conversation that is forgotten, or a page that has left, is not told of."""
    await service.connect()
    await wait(service, HOUR_MS)
    assert len(await orders(service)) == 1
    store: Store = service.parts.store
    await store.hset(keys.conversation(ConversationId(PAGE, PSID)), "state", "no state")
    await wait(service, HOUR_MS, psid="7102", order_id=2)
    assert ["PSID 7102" in each for each in await orders(service)] == [True]
    await service.parts.connections.delete(PAGE)
    assert await orders(service) == []


async def test_pages_and_their_orders_come_soonest_first(service: Service) -> None:
    for page_id in (PAGE, "901"):
        await service.connect(page_id)
    await wait(service, 5 * HOUR_MS, psid="1", order_id=1)
    await wait(service, 2 * HOUR_MS, psid="2", order_id=2, page_id="901")
    await wait(service, 3 * HOUR_MS, psid="3", order_id=3)
    told = await orders(service)
    assert [re.findall(r"PSID (\d)", each)[0] for each in told] == ["2", "3", "1"]
    assert re.findall(r'href="/support/pages/(\w+)"', await see(service, "/orders")) == ["901", PAGE]


async def test_no_more_than_so_many_are_looked_at_and_it_says_that_there_are_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.running_out.LOOKED_AT", 2)
    monkeypatch.setattr("gateway.support.orders.LOOKED_AT", 2)
    await service.connect()
    for number in range(3):
        await wait(service, (number + 1) * HOUR_MS, psid=str(number), order_id=number + 1)
    assert len(await orders(service)) == 2
    assert "only the 2 that run out first" in await see(service, "/orders")


async def test_the_seller_is_told_on_the_overview_and_on_the_page(service: Service) -> None:
    await service.connect(store_id=STORE)
    await come_in_as_seller(service, lang="en")
    assert "within 24 hours" not in await see_as_seller(service, "")
    await wait(service, 2 * HOUR_MS)
    html = shown(await see_as_seller(service, ""))
    assert "1 order runs out within 24 hours: confirm or ship it in HaraSocial so that TikTok can count it." in html
    assert "1 order runs out within 24 hours. See which" in html
    await wait(service, HOUR_MS, psid="7102", order_id=2)
    assert "2 orders run out within 24 hours: confirm or ship them" in shown(await see_as_seller(service, ""))
    page = shown(await see_as_seller(service, f"/pages/{PAGE}"))
    assert re.search(r"Order #000002 Awaits confirmation .* Order #410593 Awaits confirmation", page)


async def test_the_seller_is_told_of_no_other_stores_orders(service: Service) -> None:
    """Neither of a page that is not among theirs, nor of one of theirs that another store has connected."""
    await service.connect(store_id="2000")
    await service.connect("902", store_id=STORE)
    await wait(service, HOUR_MS)
    await wait(service, HOUR_MS, psid="7102", order_id=2, page_id="902")
    assert "24 hours" not in await come_in_as_seller(service, lang="en")
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    await service.parts.connections.put(replace(connection, store_id=STORE), now())
    assert "1 order runs out" in await see_as_seller(service, "")
