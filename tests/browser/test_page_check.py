"""The page check before consent: what is wrong with the page, why it matters, and how to mend it."""

from playwright.async_api import expect

from tests.browser.seller import HANOI, LOTUS, PAGES, SHOP, Seller

CHECK = f"/pages/{SHOP}/connect"


async def test_a_page_that_is_ready_leads_on_to_tiktok(seller: Seller) -> None:
    await seller.meta_knows(SHOP)
    await seller.comes()
    await seller.opens(CHECK)
    await seller.reads("Trang đã sẵn sàng")
    await expect(seller.page.get_by_text("Đạt", exact=True)).to_have_count(4)
    await seller.looks("check-ready")
    await expect(seller.page.get_by_role("button", name="Tiếp tục với TikTok")).to_be_visible()


async def test_the_faq_blocks_until_it_is_off(seller: Seller) -> None:
    await seller.meta_knows(LOTUS, ice_breakers=["Giá bao nhiêu?"])
    await seller.comes()
    await seller.opens(f"/pages/{LOTUS}/connect")
    await seller.reads("Hãy tắt FAQ trước khi kết nối")
    await expect(seller.page.get_by_role("button", name="Tiếp tục với TikTok")).to_have_count(0)
    await seller.looks("check-blocked")
    await seller.meta_knows(LOTUS)
    await seller.presses("Kiểm tra lại")
    await seller.reads("Trang đã sẵn sàng")


async def test_faults_that_do_not_block_say_why_they_matter_and_how_to_mend_them(seller: Seller) -> None:
    await seller.meta_knows(HANOI, greeting="", get_started="", subscribed_fields=["messages"])
    await seller.comes(lang="en")
    await seller.opens(f"/pages/{HANOI}/connect")
    await seller.reads_heading(PAGES[HANOI])
    await seller.reads("Worth mending before your ads run")
    await expect(seller.page.get_by_text("To mend", exact=True)).to_have_count(3)
    await expect(seller.page.get_by_text("How to mend it")).to_have_count(3)
    await expect(seller.page.locator("code")).to_have_text(
        ["message_echoes", "messaging_postbacks", "messaging_referrals", "standby"]
    )
    await seller.looks("check-failing-en")


async def test_what_could_not_be_checked_says_so_and_does_not_block(seller: Seller) -> None:
    without = [{"id": SHOP, "name": PAGES[SHOP]}, {"id": HANOI, "name": PAGES[HANOI], "token": "revoked"}]
    await seller.comes(pages=without)
    await seller.opens(CHECK)
    await seller.reads("Chưa kiểm tra được trang")
    await expect(seller.page.get_by_text("Chưa kiểm tra", exact=True)).to_have_count(4)
    await seller.looks("check-no-token")
    await expect(seller.page.get_by_role("button", name="Tiếp tục với TikTok")).to_be_visible()
    await seller.opens(f"/pages/{HANOI}/connect")
    await seller.reads("Facebook không còn cho đọc trang này")


async def test_meta_being_down_is_not_the_sellers_fault(seller: Seller) -> None:
    await seller.meta_knows(SHOP, down=True)
    await seller.comes(lang="en")
    await seller.opens(CHECK)
    await seller.reads("Facebook did not answer")
