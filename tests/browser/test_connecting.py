"""From an unconnected page to the first event at TikTok: at a desk, on a phone, by keyboard, without JavaScript."""

from playwright.async_api import expect

from tests.browser.conftest import MakeSeller
from tests.browser.seller import HANOI, PAGES, SHOP, Seller
from tests.waiting import eventually

ADS, MEDIA = "Áo Dài Sài Gòn Ads", "Sen Vàng Media"
EVENT_SET = f"Haravan_CTM_Messenger_{SHOP}"


async def test_the_first_connection_ends_with_the_first_event(seller: Seller) -> None:
    await seller.meta_knows(SHOP)
    await seller.tiktok_grants(ADS, MEDIA)
    await seller.comes()
    await seller.presses(f"Kết nối – trang {PAGES[SHOP]}")
    await seller.presses("Tiếp tục với TikTok")
    await seller.reads("Authorize this app?")
    await seller.presses("Allow")
    await seller.reads_heading("Chọn tài khoản quảng cáo")
    await seller.looks("connect-advertiser")
    await seller.page.get_by_label(ADS).check()
    await seller.presses("Tiếp tục")
    await seller.reads_heading("Bộ sự kiện của trang")
    await seller.reads(EVENT_SET)
    await seller.looks("connect-event-set")
    await seller.presses("Tạo bộ sự kiện")
    await seller.reads_heading("Khi nào tính là mua hàng?")
    await seller.looks("connect-choice")
    await seller.page.get_by_label("Khi đơn có vận đơn").check()
    await seller.presses("Kết nối trang")
    await seller.reads(EVENT_SET)
    await seller.reads(ADS)
    await seller.looks("connect-done")
    await seller.opens(f"/pages/{SHOP}/connect/done")
    assert await seller.world.customer_comes_and_writes() == 200
    await expect(seller.page.locator(".checklist li.done")).to_have_count(4)
    await seller.looks("connect-proven")
    await seller.world.delivered("Conversation")
    await seller.opens("")
    await seller.reads("Đang gửi")
    await seller.reads(ADS)
    await seller.reads("Khi đơn có vận đơn")
    await seller.opens(f"/pages/{SHOP}")
    await seller.looks("page")
    await seller.opens(f"/pages/{SHOP}/events")
    await seller.looks("events")


async def connect(seller: Seller) -> None:
    """Go the whole way without looking around, in English."""
    await seller.meta_knows(SHOP)
    await seller.tiktok_grants(ADS)
    await seller.comes(lang="en")
    await seller.goes_to_tiktok()
    await seller.presses("Continue")
    await seller.presses("Create event set")
    await seller.presses("Connect the page")
    await seller.reads(EVENT_SET)


async def test_a_second_tab_and_back_say_that_the_page_is_connected_already(seller: Seller) -> None:
    await seller.meta_knows(SHOP)
    await seller.tiktok_grants(ADS)
    await seller.comes()
    await seller.goes_to_tiktok()
    await seller.presses("Tiếp tục")
    await seller.presses("Tạo bộ sự kiện")
    await seller.reads_heading("Khi nào tính là mua hàng?")
    second = Seller(await seller.page.context.new_page(), seller.world)
    await second.opens(f"/pages/{SHOP}/connect/choice")
    await seller.presses("Kết nối trang")
    await seller.reads_heading("đã kết nối với TikTok")
    await second.page.get_by_label("Khi đơn có vận đơn").check()
    await second.presses("Kết nối trang")
    await second.reads("Trang đã được kết nối từ trước. Vừa rồi không có gì thay đổi.")
    await second.reads("Khi đơn được xác nhận")
    await second.looks("connected-already")
    await seller.page.go_back()
    await seller.reads("Trang đã được kết nối từ trước. Vừa rồi không có gì thay đổi.")


async def test_the_choice_is_changed_from_the_page_and_back_to_it(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.comes()
    await seller.opens(f"/pages/{SHOP}")
    await seller.presses("Đổi thời điểm gửi mua hàng")
    await seller.reads_heading("Đổi thời điểm gửi mua hàng")
    await seller.looks("change-choice")
    await seller.presses("Quay lại")
    await seller.reads_heading(PAGES[SHOP])
    await seller.presses("Đổi thời điểm gửi mua hàng")
    await seller.page.get_by_label("Khi đơn có vận đơn").check()
    await seller.presses("Lưu thay đổi")
    await seller.reads_heading(PAGES[SHOP])
    await seller.reads("Đã lưu: từ bây giờ, sự kiện Mua hàng được gửi khi đơn có vận đơn.")
    await seller.looks("changed-choice")


async def test_it_goes_on_a_phone_in_english(new_seller: MakeSeller) -> None:
    seller = await new_seller("phone")
    await connect(seller)
    await seller.looks("connect-done-en")


async def test_it_goes_without_javascript(new_seller: MakeSeller) -> None:
    seller = await new_seller(javascript=False)
    await connect(seller)
    await seller.world.customer_comes_and_writes()
    await seller.world.delivered("Conversation")
    await seller.page.get_by_role("link", name="Reload").click()
    await expect(seller.page.locator(".checklist li.done")).to_have_count(4)


async def test_it_goes_by_keyboard_alone(seller: Seller) -> None:
    await seller.meta_knows(SHOP)
    await seller.tiktok_grants(ADS, MEDIA)
    await seller.comes(lang="en")
    await seller.page.keyboard.press("Tab")
    await expect(seller.page.locator(":focus")).to_have_text("Skip to content")
    await seller.tabs_to(f"Connect – page {PAGES[SHOP]}")
    await seller.tabs_to("Continue with TikTok")
    await seller.tabs_to("Allow")
    await seller.reads_heading("Choose the ad account")
    await seller.tabs_to("radio", key="Space")
    await seller.tabs_to("Continue")
    await seller.tabs_to("Create event set")
    await seller.reads_heading("When does an order count as a purchase?")
    await seller.tabs_to("Connect the page")
    await seller.reads(EVENT_SET)


async def test_a_double_click_creates_one_event_set(seller: Seller) -> None:
    await seller.tiktok_grants(ADS)
    await seller.comes()
    await seller.goes_to_tiktok()
    await seller.presses("Tiếp tục")
    await seller.page.get_by_role("button", name="Tạo bộ sự kiện").dblclick()
    await seller.reads_heading("Khi nào tính là mua hàng?")
    made = await seller.sandbox_tells("event_sets")
    assert [each["message_event_name"] for each in made] == [EVENT_SET]


async def test_a_lost_answer_to_create_makes_no_second_set(seller: Seller) -> None:
    await seller.tiktok_grants(ADS)
    await seller.comes()
    await seller.goes_to_tiktok()
    await seller.presses("Tiếp tục")
    await seller.sandbox("script", [{"action": "reset", "commit": True, "endpoint": "/ctm/create/"}])
    await seller.presses("Tạo bộ sự kiện")
    await seller.opens(f"/pages/{SHOP}/connect/event-set")
    await seller.reads("TikTok đã có bộ sự kiện cho trang này")
    await seller.looks("connect-event-set-matched")
    await seller.presses("Dùng bộ sự kiện này")
    await seller.reads_heading("Khi nào tính là mua hàng?")
    assert len(await seller.sandbox_tells("event_sets")) == 1


async def test_another_event_set_can_be_chosen_and_shared_accounts_are_pointed_out(seller: Seller) -> None:
    await seller.world.connect_page()
    await seller.tiktok_grants(ADS)
    existing = {"message_event_set_id": "7400", "message_event_name": "Bộ cũ", "create_time": "2026-11-01 00:00:00"}
    await seller.sandbox("event_sets", existing | {"advertiser_id": "7000000000000000001"})
    await seller.comes()
    await seller.goes_to_tiktok(page_id=HANOI)
    await seller.presses("Tiếp tục")
    await seller.reads("Tài khoản này dùng cho nhiều trang")
    await seller.looks("connect-event-set-choose")
    await seller.page.get_by_label("Bộ cũ").check()
    await seller.presses("Tiếp tục")
    await seller.reads_heading("Khi nào tính là mua hàng?")


async def test_where_sets_cannot_be_managed_an_id_can_be_typed_in(seller: Seller) -> None:
    await seller.tiktok_grants(ADS, permissions=["report", "advertiser_info"])
    await seller.sandbox(
        "event_sets",
        {
            "message_event_set_id": "7351234567890123456",
            "message_event_name": "x",
            "create_time": "",
            "advertiser_id": "7000000000000000001",
        },
    )
    await seller.comes()
    await seller.goes_to_tiktok()
    await seller.presses("Tiếp tục")
    await seller.page.get_by_label("Mã bộ sự kiện").fill("không phải số")
    await seller.presses("Tiếp tục")
    await seller.reads("Mã bộ sự kiện chỉ gồm chữ số.")
    await seller.looks("connect-event-set-typed")
    await seller.page.get_by_label("Mã bộ sự kiện").fill("7351234567890123456")
    await seller.presses("Tiếp tục")
    await seller.reads_heading("Khi nào tính là mua hàng?")


async def test_a_withdrawn_authorisation_is_given_again_and_what_waited_goes_out(seller: Seller) -> None:
    await seller.meta_knows(SHOP)
    await connect(seller)
    await seller.world.customer_comes_and_writes()
    await seller.world.delivered("Conversation")
    (first,) = (await seller.sandbox_tells("accepted"))["accepted"]
    await seller.sandbox("revoke", [first["access_token"]])
    await seller.world.customer_comes_and_writes("m-2")

    async def withdrawn() -> bool:
        await seller.opens("?lang=vi")
        return await seller.page.get_by_text("Mất uỷ quyền TikTok").count() > 0

    await eventually(withdrawn)
    await seller.looks("overview-withdrawn")
    await seller.presses(f"Uỷ quyền lại – trang {PAGES[SHOP]}")
    await seller.reads("Uỷ quyền lại cho trang đã kết nối")
    await seller.looks("check-again")
    await seller.presses("Tiếp tục với TikTok")
    await seller.presses("Allow")
    await seller.reads_heading("Uỷ quyền lại")
    await seller.looks("connect-again")
    await seller.page.get_by_label(ADS).check()
    await seller.presses("Tiếp tục")
    await seller.reads("Đã uỷ quyền lại.")
    await seller.world.delivered("Conversation", "Conversation")
    await seller.opens("")
    await seller.reads("Đang gửi")
