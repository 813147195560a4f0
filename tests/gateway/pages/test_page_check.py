"""The page check stands before TikTok, and what it leaves behind ends with the connection."""

from html import unescape

import pytest
from msgspec.structs import replace

from actors.page_checks import PageCheck
from tests.gateway.pages.connecting import Seller
from tests.gateway.pages.visiting import PAGES, ROOT
from tests.gateway.web import PAGE, now_ms


async def test_a_page_whose_faq_is_on_does_not_get_to_tiktok(seller: Seller) -> None:
    checks = seller.service.parts.page_checks
    await checks.note(PAGE, PageCheck(now_ms(), faq_off="failing"), "ciphertext")
    assert await seller.go("authorise") == f"{ROOT}/pages/{PAGE}/connect"
    await checks.note(PAGE, PageCheck(now_ms(), greeting="failing", faq_off="passed"), "ciphertext")
    assert (await seller.go("authorise")).startswith("http")


async def test_only_who_may_connect_checks_and_only_their_pages(seller: Seller) -> None:
    assert "page-token" not in await seller.see("connect")
    await seller.see("connect", status=404, page_id="another-store's")
    await seller.come_in(role="staff")
    await seller.see("connect", status=403)


async def test_a_check_that_meta_does_not_answer_leads_on(seller: Seller) -> None:
    await seller.come_in(pages=[PAGES[0] | {"token": "page-token"}])
    html = await seller.see("connect")
    assert "Facebook chưa trả lời" in html
    assert "/authorise" in html
    assert "page-token" not in html


@pytest.mark.parametrize(
    ("language", "said", "lead"),
    [
        (
            "vi",
            (
                "Uỷ quyền lại cho trang đã kết nối",
                "chọn lại tài khoản Áo dài Ads: bộ sự kiện và lựa chọn",
                "Trước khi uỷ quyền lại",
            ),
            "Trước khi kết nối",
        ),
        (
            "en",
            (
                "Authorise a connected page again",
                "choose Áo dài Ads again: your event set and your choice",
                "Before you authorise again",
            ),
            "Before connecting",
        ),
    ],
)
async def test_to_authorise_again_is_not_told_as_a_first_connection(
    seller: Seller, language: str, said: tuple[str, ...], lead: str
) -> None:
    await seller.service.connect(PAGE)
    withdrawn = replace(await seller.connection(), authorised=False, advertiser_name="Áo dài Ads")
    await seller.service.parts.connections.put(withdrawn, now_ms())
    html = unescape(await seller.see(f"connect?lang={language}"))
    for words in said:
        assert words in html
    assert lead not in html
    assert f'class="button quiet" href="{ROOT}/pages/{PAGE}"' in html


async def test_a_connected_page_is_checked_without_being_told_to_connect(seller: Seller) -> None:
    await seller.service.connect(PAGE)
    html = await seller.see("connect")
    assert "Trang đã kết nối với TikTok." in html
    for words in ("Trước khi kết nối", "Uỷ quyền lại cho trang"):
        assert words not in html


async def test_a_page_that_another_store_has_connected_is_told_as_a_first_connection(seller: Seller) -> None:
    await seller.service.connect(PAGE, store_id="2000")
    assert "Trước khi kết nối" in await seller.see("connect")


@pytest.mark.parametrize("door", ["page", "api"])
async def test_what_a_check_left_ends_with_the_connection(seller: Seller, door: str) -> None:
    await seller.service.connect(store_id="1000")
    checks = seller.service.parts.page_checks
    await checks.note(PAGE, PageCheck(now_ms(), greeting="failing"), "ciphertext")
    if door == "api":
        await seller.service.api("DELETE", f"/pages/{PAGE}/connection")
    else:
        await seller.go("disconnect")
    assert await checks.get(PAGE) is None
    assert await checks.token(PAGE) is None
