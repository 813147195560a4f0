"""One page's connection: told in full, and changed only after the seller has read what that means."""

import pytest
from msgspec.structs import replace

from tests.gateway.pages.visiting import ROOT, come_in, see, send
from tests.gateway.service import Service, click, said
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.waiting import eventually


async def test_it_tells_how_the_page_is_connected(service: Service) -> None:
    await service.connect()
    await come_in(service)
    html = await see(service, f"/pages/{PAGE}")
    for words in ("Đầm xinh Sài Gòn", "7000000000000000001", "Khi đơn được xác nhận", "Chờ lượt nhấp đầu tiên"):
        assert words in html
    assert f"{ROOT}/pages/{PAGE}/events" in html


async def test_a_page_that_is_not_connected_says_so(service: Service) -> None:
    await come_in(service)
    for step in ("", "/pause", "/change/choice"):
        assert "Trang chưa được kết nối" in await see(service, f"/pages/{PAGE}{step}", 409)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("pause", "Mỗi sự kiện chờ được tối đa 7 ngày"),
        ("resume", "còn trong hạn 7 ngày được gửi ngay"),
        ("disconnect", "Không khôi phục lại được phần bị bỏ lỡ"),
    ],
)
async def test_it_says_what_an_act_means_before_anything_changes(service: Service, act: str, words: str) -> None:
    await service.connect()
    before = await service.parts.connections.read(PAGE)
    await come_in(service)
    assert words in await see(service, f"/pages/{PAGE}/{act}")
    assert await service.parts.connections.read(PAGE) == before


async def test_pausing_holds_events_and_resuming_sends_them(sending: Service) -> None:
    await sending.connect()
    await come_in(sending)
    async with await send(sending, f"/pages/{PAGE}/pause", await see(sending, f"/pages/{PAGE}/pause")) as response:
        assert (response.status, response.headers["Location"]) == (303, f"{ROOT}/pages/{PAGE}?notice=paused")
    html = await see(sending, f"/pages/{PAGE}?notice=paused")
    assert "Đã tạm dừng" in html
    await sending.messenger(now() - 60_000, click(), said("m1"))

    async def holds() -> bool:
        return "1 sự kiện đang chờ gửi" in await see(sending, f"/pages/{PAGE}")

    await eventually(holds)
    form = await see(sending, f"/pages/{PAGE}/resume")
    assert "1 sự kiện đang chờ gửi" in form
    async with await send(sending, f"/pages/{PAGE}/resume", form) as response:
        assert response.status == 303
    await sending.sent(1)


async def test_disconnecting_removes_the_connection_and_its_token(service: Service) -> None:
    await service.connect()
    await come_in(service)
    form = await see(service, f"/pages/{PAGE}/disconnect")
    async with await send(service, f"/pages/{PAGE}/disconnect", form) as response:
        assert (response.status, response.headers["Location"]) == (303, f"{ROOT}?notice=disconnected")
    assert await service.parts.connections.read(PAGE) is None
    assert "Đã ngắt kết nối trang" in await see(service, "?notice=disconnected")
    async with await send(service, f"/pages/{PAGE}/disconnect", form) as response:
        assert response.status == 409


async def test_what_an_address_notices_is_in_our_words_only(service: Service) -> None:
    await come_in(service)
    assert "hacked" not in await see(service, "?notice=hacked")


async def test_an_unknown_act_is_no_page(service: Service) -> None:
    await service.connect()
    await come_in(service)
    await see(service, f"/pages/{PAGE}/explode", 404)
    async with service.client.put(f"{ROOT}/pages/{PAGE}/pause") as response:
        assert response.status in {403, 405}


@pytest.mark.parametrize("step", ["choice", "advertiser"])
async def test_changing_goes_back_to_a_step_with_the_authorisation_that_is_there(service: Service, step: str) -> None:
    await service.connect()
    await come_in(service)
    path = f"{ROOT}/pages/{PAGE}/change/{step}"
    async with service.client.get(path, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, f"{ROOT}/pages/{PAGE}/connect/{step}")


async def test_changing_the_choice_keeps_all_else(service: Service) -> None:
    await service.connect(paused=True)
    before = await service.parts.connections.read(PAGE)
    assert before is not None
    await come_in(service)
    form = await see(service, f"/pages/{PAGE}/change/choice")
    path = f"/pages/{PAGE}/connect/choice"
    async with await send(service, path, form, complete_payment_on="order_shipped") as response:
        assert response.status == 303, await response.text()
    after = await service.parts.connections.read(PAGE)
    assert after is not None
    assert replace(after, choices=before.choices, page_name="") == replace(before, complete_payment_on="order_shipped")


async def test_without_authorisation_a_change_begins_with_a_new_one(service: Service) -> None:
    await service.connect()
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    await service.parts.connections.put(replace(connection, authorised=False), now())
    await come_in(service)
    path = f"{ROOT}/pages/{PAGE}/change/choice"
    async with service.client.get(path, allow_redirects=False) as response:
        assert response.headers["Location"] == f"{ROOT}/pages/{PAGE}/connect"
