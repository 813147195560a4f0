"""The overview: every page of the store with its health and numbers; found by name, filtered by state."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from actors.page_checks import PageCheck
from rules.days import day
from rules.times import DAY_MS
from tests.gateway.pages.visiting import ROOT, come_in, link, see
from tests.gateway.service import Service, click, said
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now


def names(html: str) -> list[str]:
    """Return the pages' names in the order in which they stand."""
    headings = re.findall(r"<h2>(.*?)</h2>", html, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", heading)).strip() for heading in headings]


def badges(html: str) -> list[str]:
    """Return the pages' states in the order in which they stand."""
    return re.findall(r'<span class="badge \w+">(.*?)</span>', html)


async def withdraw(service: Service, page_id: str = PAGE) -> None:
    """TikTok refuses the page's token."""
    connection = await service.parts.connections.read(page_id)
    assert connection is not None
    await service.parts.connections.put(replace(connection, authorised=False), now())


async def test_a_new_store_sees_its_pages_and_how_to_connect_them(service: Service) -> None:
    html = await come_in(service)
    assert names(html) == ["Đầm xinh Sài Gòn", "Giày da Hà Nội"]
    assert badges(html) == ["Chưa kết nối", "Chưa kết nối"]
    assert f'/pages/{PAGE}/connect"' in html
    assert 'src="https://example.com/p.jpg"' in html


async def test_a_connection_is_told_by_names_not_ids(service: Service) -> None:
    await service.connect(complete_payment_on="order_shipped")
    assert "7000000000000000001" in await come_in(service)
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    named = replace(connection, advertiser_name="Đầm xinh Ads", event_set_name="Haravan_CTM")
    await service.parts.connections.put(named, now())

    html = await see(service, "")

    assert "Đầm xinh Ads" in html
    assert "Haravan_CTM" in html
    assert "Khi đơn có vận đơn" in html
    assert "7000000000000000001" not in html


async def test_the_api_keeps_the_names_of_what_it_does_not_change(service: Service) -> None:
    await service.connect()
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    named = replace(connection, advertiser_name="Ads", event_set_name="Set", page_name="Trang")
    await service.parts.connections.put(named, now())

    await service.connect(event_set_id="1")

    changed = await service.parts.connections.read(PAGE)
    assert changed is not None
    assert (changed.advertiser_name, changed.event_set_name, changed.page_name) == ("Ads", "", "Trang")


async def test_the_last_days_are_shown_as_a_chart_with_numbers(service: Service) -> None:
    await service.connect()
    lately = now() - 60_000
    earlier = lately - 2 * DAY_MS
    await service.messenger(lately, click(), said("m1"), psid="1")
    await service.messenger(earlier, click(), said("m2"), psid="2")
    html = await come_in(service)
    assert "2 sự kiện trong 7 ngày" in html
    assert len(re.findall(r'<rect class="bar"', html)) == 2
    assert len(re.findall(r'<rect class="bar none"', html)) == 5
    (told,) = re.findall(r'aria-label="Sự kiện 7 ngày qua: (.*?)"', html)
    days = dict(each.split(": ") for each in told.split(", "))
    assert {name: number for name, number in days.items() if number != "0"} == dict.fromkeys(
        (f"{of[8:]}/{of[5:7]}" for of in (day(earlier + 1_000), day(lately + 1_000))), "1"
    )
    assert re.search(r"Gần nhất: <time", html)


async def test_each_state_has_its_name(service: Service) -> None:
    """A trouble outweighs what is less of one."""
    await service.connect()
    assert badges(await come_in(service))[0] == "Chờ lượt nhấp đầu tiên"
    await service.messenger(now() - 60_000, click())
    assert badges(await see(service, ""))[0] == "Đang gửi"
    token = service.parts.vault.encrypt("page token")
    await service.parts.page_checks.note(PAGE, PageCheck(now(), greeting="failing"), token)
    assert badges(await see(service, ""))[0] == "Trang cần chỉnh"
    await service.parts.connections.pause(PAGE, now())
    assert badges(await see(service, ""))[0] == "Tạm dừng"
    await withdraw(service)
    assert badges(await see(service, ""))[0] == "Mất uỷ quyền TikTok"


async def test_a_withdrawn_authorisation_is_said_with_the_way_to_give_it_again(service: Service) -> None:
    await service.connect()
    await withdraw(service)
    html = await come_in(service)
    assert "1 trang cần xử lý" in html
    assert "TikTok không còn chấp nhận uỷ quyền" in html
    assert "Uỷ quyền lại" in html
    assert f'/pages/{PAGE}/connect"' in html
    assert "Uỷ quyền lại" not in await come_in(service, role="staff")


async def test_what_needs_attention_stands_first_and_what_is_not_connected_last(service: Service) -> None:
    pages = [{"id": str(n), "name": name} for n, name in enumerate(["A", "B", "C", "D"])]
    await service.connect("1")
    await service.connect("3")
    await withdraw(service, "3")
    assert names(await come_in(service, pages=pages)) == ["D", "B", "A", "C"]


@pytest.mark.parametrize("words", ["dam xinh", "ĐẦM", "xinh sài", PAGE, "  sai gon "])
async def test_a_page_is_found_by_name_however_accented_or_by_id(service: Service, words: str) -> None:
    await come_in(service)
    assert names(await see(service, f"?q={words}")) == ["Đầm xinh Sài Gòn"]


async def test_what_finds_nothing_says_so_and_leads_back(service: Service) -> None:
    await come_in(service)
    for query in ('?q=không+có"><b>', "?show=paused", "?q=90"):
        html = await see(service, query)
        assert "Không có trang nào phù hợp" in html
        assert "Hiện tất cả trang" in html
        assert '"><b>' not in html


async def test_filters_count_and_show_their_pages(service: Service) -> None:
    await service.connect()
    html = await come_in(service)
    assert names(await see(service, "?show=waiting_for_click")) == ["Đầm xinh Sài Gòn"]
    assert names(await see(service, "?show=not_connected")) == ["Giày da Hà Nội"]
    assert names(await see(service, "?show=nonsense")) == names(html)
    counts = re.findall(r'<a class="chip".*?>([^<]+) <span class="chip-number">(\d+)</span>', html)
    assert counts == [("Tất cả", "2"), ("Chờ lượt nhấp", "1"), ("Chưa kết nối", "1")]


async def test_hundreds_of_pages_are_shown_in_turn(service: Service) -> None:
    pages = [{"id": str(n), "name": f"Trang {n:03}"} for n in range(300)]
    async with service.client.post(ROOT, data={"session": link(pages=pages)}) as response:
        assert names(await response.text()) == [f"Trang {n:03}" for n in range(20)]
    assert names(await see(service, "?page=15")) == [f"Trang {n:03}" for n in range(280, 300)]
    for beyond in ("99", "99999999999999999999", "-1", "x", "0"):
        assert len(names(await see(service, f"?page={beyond}"))) == 20
    assert len(names(await see(service, "?q=trang+11&page=2"))) == 10


async def test_a_store_without_pages_is_told_how_to_get_one(service: Service) -> None:
    assert "Cửa hàng chưa có trang Facebook nào" in await come_in(service, pages=[])


async def test_it_speaks_english_too(service: Service) -> None:
    await service.connect()
    html = await come_in(service, lang="en")
    assert badges(html) == ["Waiting for first click", "Not connected"]
    assert "0 events in 7 days" in html


async def test_a_page_without_a_name_is_called_by_its_id(service: Service) -> None:
    assert names(await come_in(service, pages=[{"id": "905"}])) == ["905"]


async def test_nothing_of_the_overview_lives_for_ever(service: Service) -> None:
    await service.connect()
    await come_in(service)
    store = service.parts.store
    immortal = [key async for key in store.scan_iter() if await store.ttl(key) == -1]
    assert [key for key in immortal if not key.startswith((b"connection:", b"connections:"))] == []
