"""The overview and a page's own page, as owners, staff and strangers see them."""

from playwright.async_api import expect

from tests.browser.conftest import MakeSeller
from tests.browser.seller import HANOI, PAGES, ROOT, SHOP, Seller


async def test_a_new_store_sees_its_pages_and_how_to_go_on(seller: Seller) -> None:
    await seller.comes()
    for name in PAGES.values():
        await seller.reads(name)
    assert seller.page.url == f"{seller.world.url}{ROOT}"
    await seller.looks("overview-new")
    await seller.presses(f"Kết nối – trang {PAGES[HANOI]}")
    await seller.reads_heading(PAGES[HANOI])


async def test_connected_pages_show_how_they_do_in_both_languages(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.world.customer_comes_and_writes()
    await seller.world.delivered("Conversation")
    await seller.comes()
    await seller.reads("Đang gửi")
    await seller.looks("overview")
    await seller.page.get_by_role("link", name="English").click()
    await seller.reads_heading("Your store's pages")
    await seller.looks("overview-en")
    await seller.opens(f"/pages/{SHOP}")
    await seller.reads_heading(PAGES[SHOP])
    await seller.looks("page-en")


async def test_a_page_is_found_by_its_name_without_accents(seller: Seller) -> None:
    await seller.comes()
    await seller.page.get_by_role("searchbox").fill("ha noi")
    await seller.page.keyboard.press("Enter")
    await expect(seller.page.get_by_role("heading", level=2)).to_have_text([PAGES[HANOI]])
    await seller.page.get_by_role("searchbox").fill("không có trang này")
    await seller.page.keyboard.press("Enter")
    await expect(seller.page.get_by_role("heading", level=2)).to_have_count(0)
    await seller.looks("overview-nothing-found")


async def test_a_store_without_pages_is_told_what_to_do(seller: Seller) -> None:
    await seller.comes(pages=[])
    await seller.looks("overview-none")


async def test_hundreds_of_pages_come_in_parts(seller: Seller) -> None:
    await seller.comes_by_form(pages=[{"id": str(5_000 + n), "name": f"Trang số {n:03d}"} for n in range(230)])
    await seller.looks("overview-many")
    await seller.page.locator("a[rel=next]").click()
    await seller.reads("Trang số 020")


async def test_who_may_not_change_sees_it_all_and_is_told_who_may(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.comes(role="staff")
    await expect(seller.page.get_by_role("link", name="Kết nối – trang")).to_have_count(0)
    await seller.looks("overview-staff")
    await seller.opens(f"/pages/{SHOP}")
    await expect(seller.page.locator("form")).to_have_count(0)
    assert await seller.opens(f"/pages/{HANOI}/connect") == 403
    await seller.reads("Chỉ chủ cửa hàng và quản trị viên")
    await seller.looks("role")


async def test_another_stores_page_does_not_exist(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.comes(store_id="s-2", pages=[{"id": "950", "name": "Trang khác"}])
    for path in ("", "/connect", "/events", "/pause", "/connect/done", "/connect/advertiser"):
        assert await seller.opens(f"/pages/{SHOP}{path}") == 404
    await seller.looks("not-found")


async def test_pausing_and_disconnecting_say_what_they_mean_first(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.comes()
    await seller.opens(f"/pages/{SHOP}")
    await seller.presses("Tạm dừng")
    await seller.looks("confirm-pause")
    await seller.page.get_by_role("button", name="Tạm dừng").click()
    await seller.reads("Đã tạm dừng")
    await seller.looks("page-paused")
    await seller.presses("Ngắt kết nối")
    await seller.looks("confirm-disconnect")
    await seller.page.get_by_role("button", name="Ngắt kết nối").click()
    await seller.reads("Đã ngắt kết nối trang.")


async def test_a_link_works_once_and_without_one_nothing_opens(new_seller: MakeSeller) -> None:
    first, second = await new_seller(), await new_seller("phone")
    link = first.link()
    await first.page.goto(link)
    await first.reads(PAGES[SHOP])
    await second.page.goto(link)
    await second.reads("Liên kết đã được sử dụng")
    await second.looks("link-used")
    await second.opens("")
    await second.reads("Phiên làm việc đã kết thúc")
    await second.looks("no-session")
    await second.page.goto(second.link(exp=1))
    await second.reads("Liên kết đã hết hạn")
    await second.page.goto(second.link() + "x")
    await second.reads("Liên kết không hợp lệ")
