"""The last question, explained by the page's own orders; with its answer the page is connected."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from msgspec.structs import replace

from actors.claims import Claims
from actors.keys import counts
from actors.store_clock import StoreClock
from gateway.clock import now_ms
from gateway.sandbox import Consent, Sandbox
from rules.days import day
from tests.gateway.pages.connecting import ADVERTISER, OTHER, Seller
from tests.gateway.pages.visiting import PAGES, ROOT, STORE, see
from tests.gateway.web import PAGE
from tests.gateway.wire import TOKEN


async def ready(seller: Seller) -> None:
    """Come as far as the choice."""
    await seller.choose_advertiser()
    await seller.go("connect/event-set", event_set="create")


@pytest.mark.parametrize("choice", ["order_confirmed", "order_shipped"])
async def test_the_page_is_connected_as_chosen(seller: Seller, sandbox: Sandbox, choice: str) -> None:
    connection = await seller.connect(choice)
    assert (connection.page_id, connection.store_id, connection.complete_payment_on) == (PAGE, STORE, choice)
    assert (connection.advertiser_id, connection.advertiser_name) == (ADVERTISER, "Đầm xinh Ads")
    assert connection.event_set_id == sandbox.directory.event_sets[0].message_event_set_id
    assert connection.event_set_name == f"Haravan_CTM_Messenger_{PAGE}"
    assert connection.page_name == PAGES[0]["name"]
    assert connection.authorised
    assert not connection.paused
    token = seller.service.parts.vault.decrypt(connection.access_token)
    assert sandbox.accounts[token].advertiser_ids == (ADVERTISER,)


async def test_then_the_way_is_over(seller: Seller) -> None:
    await ready(seller)
    leads_to = await seller.go("connect/choice", complete_payment_on="order_shipped")
    assert leads_to == f"{ROOT}/pages/{PAGE}/connect/done"
    connection = await seller.connection()
    again = await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert again == f"{ROOT}/pages/{PAGE}?notice=connected_already"
    assert await seller.connection() == connection


@pytest.mark.parametrize("step", ["advertiser", "event-set", "choice"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", "Trang đã được kết nối từ trước. Vừa rồi không có gì thay đổi."),
        ("en", "The page is connected already. Nothing was changed just now."),
    ],
)
async def test_who_goes_back_to_a_way_that_is_over_is_told_that_the_page_is_connected(
    seller: Seller, step: str, language: str, words: str
) -> None:
    await seller.connect()
    html = await seller.see(f"connect/{step}?lang={language}")
    assert words in html
    assert f'href="{ROOT}/pages/{PAGE}/change/choice"' in html


@pytest.mark.parametrize("changes", [{"store_id": "2000"}, {"authorised": False}])
async def test_who_has_no_draft_for_a_page_that_is_not_theirs_or_was_withdrawn_begins_anew(
    seller: Seller, changes: dict[str, Any]
) -> None:
    await seller.service.connect(PAGE)
    await seller.service.parts.connections.put(replace(await seller.connection(), **changes), now_ms())
    again = await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert again == f"{ROOT}/pages/{PAGE}/connect"


async def test_events_of_a_page_connected_by_the_seller_reach_tiktok(seller: Seller, sandbox: Sandbox) -> None:
    """On Redis nobody sends in these tests."""
    await seller.connect()
    await seller.service.whole_story()
    if seller.service.parts.settings.embedded:
        await seller.service.sent(4)
        assert {each.access_token for each in sandbox.accepted}.isdisjoint({TOKEN, ""})


@pytest.mark.parametrize("given", ["", "order_paid", "ORDER_SHIPPED"])
async def test_another_choice_is_refused(seller: Seller, given: str) -> None:
    await ready(seller)
    response = await seller.post("connect/choice", complete_payment_on=given)
    assert response.status == 400
    assert "Hãy chọn một trong hai" in await response.text()
    assert await seller.service.parts.connections.read(PAGE) is None


async def test_a_page_without_orders_says_so(seller: Seller) -> None:
    await ready(seller)
    html = await seller.see("connect/choice")
    assert "chưa có đơn nào từ quảng cáo TikTok" in html
    assert 'value="order_confirmed" required checked' in html


async def test_the_orders_of_thirty_days_show_what_each_choice_would_have_meant(seller: Seller) -> None:
    await ready(seller)
    numbers = {
        "orders": 42,
        "orders_confirmed_in_time": 40,
        "orders_confirmed_late": 1,
        "orders_shipped_in_time": 31,
        "orders_shipped_late": 6,
    }
    key = counts(PAGE, day(now_ms()))
    await seller.service.parts.store.hset(
        key, items=[text for name, number in numbers.items() for text in (name, str(number))]
    )
    await seller.service.parts.store.expire(key, 60)
    html = await seller.see("connect/choice?lang=en")
    for words in ("42 orders from TikTok ads; 40 would have counted", "1 order came to it after more than 7 days"):
        assert words in html
    for words in ("42 orders from TikTok ads; 31 would have counted", "6 orders came to it after more than 7 days"):
        assert words in html
    assert "no orders" not in html


async def test_changing_a_connection_keeps_its_pause_its_past_and_its_time_zone(seller: Seller) -> None:
    await seller.service.connect(PAGE, complete_payment_on="order_shipped", paused=True, time_zone="Asia/Tokyo")
    await ready(seller)
    assert 'value="order_shipped" required checked' in await seller.see("connect/choice")
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    connection = await seller.connection()
    assert connection.paused
    assert connection.time_zone == "Asia/Tokyo"
    assert [choice.complete_payment_on for choice in connection.choices] == ["order_shipped", "order_confirmed"]


@pytest.mark.parametrize(
    ("language", "step", "saved"),
    [
        (
            "vi",
            ("Đổi thời điểm gửi mua hàng", "Hiện nay trang gửi sự kiện Mua hàng khi đơn được xác nhận", "Lưu thay đổi"),
            "từ bây giờ, sự kiện Mua hàng được gửi khi đơn có vận đơn. Những gì đã xảy ra không thay đổi.",
        ),
        (
            "en",
            ("Change when a purchase is sent", "The page now sends the purchase event when an order is confirmed"),
            "from now on the purchase event is sent when an order is shipped. Nothing of the past changes.",
        ),
    ],
)
async def test_a_changed_choice_is_called_a_change_and_confirmed_on_the_page(
    seller: Seller, language: str, step: tuple[str, ...], saved: str
) -> None:
    await seller.service.connect(PAGE)
    html = await seller.see(f"change/choice?lang={language}")
    for words in step:
        assert words in html
    for words in ("Kết nối trang", "Connect the page", 'class="steps"', "connect/event-set"):
        assert words not in html
    assert f'class="button quiet" href="{ROOT}/pages/{PAGE}"' in html
    assert "<dd>7000000000000000001</dd>" in html, "an operator connects by API, without the ad account's name"
    leads_to = await seller.go("connect/choice", complete_payment_on="order_shipped")
    assert leads_to == f"{ROOT}/pages/{PAGE}?notice=choice_order_shipped"
    assert saved in await see(seller.service, leads_to.removeprefix(ROOT))


async def test_a_choice_that_was_saved_as_it_was_is_not_called_changed(seller: Seller) -> None:
    await seller.service.connect(PAGE)
    await seller.see("change/choice")
    leads_to = await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert leads_to == f"{ROOT}/pages/{PAGE}?notice=choice_kept"
    assert "Lựa chọn vẫn như trước. Không có gì thay đổi." in await see(seller.service, leads_to.removeprefix(ROOT))
    assert len((await seller.connection()).choices) == 1


async def test_who_changes_the_event_set_too_still_reads_what_to_choose_at_tiktok(
    seller: Seller, sandbox: Sandbox
) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Đầm xinh Ads", OTHER: "Giày Ads"})
    await seller.connect()
    await seller.see("change/advertiser")
    await seller.go("connect/advertiser", advertiser_id=OTHER)
    await seller.go("connect/event-set", event_set="create")
    html = await seller.see("connect/choice")
    assert "Lưu thay đổi" in html
    assert f'class="button quiet" href="{ROOT}/pages/{PAGE}/connect/event-set"' in html
    leads_to = await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert leads_to == f"{ROOT}/pages/{PAGE}/connect/done"


@pytest.mark.parametrize(("language", "words"), [("vi", "đã được làm mới ở nơi khác"), ("en", "was renewed elsewhere")])
async def test_an_old_form_never_replaces_a_token_that_came_meanwhile(
    seller: Seller, language: str, words: str
) -> None:
    await seller.service.connect(PAGE)
    await seller.see(f"change/choice?lang={language}")
    await seller.service.connect(PAGE, access_token="newer")
    renewed = await seller.connection()
    response = await seller.post("connect/choice", complete_payment_on="order_shipped")
    html = await response.text()
    assert response.status == 409
    assert words in html
    assert f'class="button" href="{ROOT}/pages/{PAGE}"' in html
    assert await seller.connection() == renewed
    again = await seller.go("connect/choice", complete_payment_on="order_shipped")
    assert again == f"{ROOT}/pages/{PAGE}?notice=connected_already", "the old form leads nowhere any more"
    await seller.see("change/choice")
    await seller.go("connect/choice", complete_payment_on="order_shipped")
    assert (await seller.connection()).access_token == renewed.access_token


async def test_a_token_that_was_withdrawn_meanwhile_stays_withdrawn(seller: Seller) -> None:
    await seller.service.connect(PAGE)
    await seller.see("change/choice")
    store = seller.service.parts.store
    await Claims(store, StoreClock(store)).withdraw(await seller.connection())
    await seller.go("connect/choice", complete_payment_on="order_shipped")
    connection = await seller.connection()
    assert (connection.authorised, connection.complete_payment_on) == (False, "order_shipped")


async def test_a_page_that_was_disconnected_meanwhile_is_connected_again(seller: Seller) -> None:
    await seller.service.connect(PAGE)
    before = await seller.connection()
    await seller.see("change/choice")
    await seller.service.parts.connections.delete(PAGE)
    await seller.go("connect/choice", complete_payment_on="order_shipped")
    connection = await seller.connection()
    assert (connection.access_token, connection.authorised) == (before.access_token, True)


@pytest.mark.parametrize("paused", [True, False])
async def test_a_pause_that_comes_or_ends_meanwhile_is_not_undone(
    seller: Seller, monkeypatch: pytest.MonkeyPatch, *, paused: bool
) -> None:
    await seller.service.connect(PAGE, paused=not paused)
    await seller.see("change/choice")
    connections = seller.service.parts.connections
    switch = connections.pause if paused else connections.resume
    seller.meanwhile(monkeypatch, lambda: switch(PAGE, now_ms()))
    await seller.go("connect/choice", complete_payment_on="order_shipped")
    assert (await seller.connection()).paused == paused


async def test_a_page_of_another_store_comes_over_without_what_that_store_chose(seller: Seller) -> None:
    await seller.service.connect(PAGE, store_id="2000", complete_payment_on="order_shipped", paused=True)
    await ready(seller)
    assert 'value="order_confirmed" required checked' in await seller.see("connect/choice")
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    connection = await seller.connection()
    assert (connection.store_id, connection.paused) == (STORE, False)


async def test_a_token_whose_key_is_gone_is_asked_for_again(seller: Seller) -> None:
    await ready(seller)
    foreign = Fernet(Fernet.generate_key()).encrypt(b"token").decode()
    note = f'{{"access_token":"{foreign}"}}'.encode()
    await seller.service.parts.sessions.keep(seller.cookie(), f"draft:{PAGE}", note)
    again = await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert again == f"{ROOT}/pages/{PAGE}/connect"
