"""The page check stands before TikTok, and what it leaves behind ends with the connection."""

import pytest

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
