"""Whatever TikTok or the way back from it does wrong has its own plain page, with the next step."""

import msgspec
import pytest
from playwright.async_api import expect
from redis import Redis

from tests.browser.seller import SHOP, Seller

ADS = "Áo Dài Sài Gòn Ads"
EXCHANGE = "/oauth2/access_token/"


@pytest.fixture
async def seller(seller: Seller) -> Seller:
    """Give a seller whose TikTok has one ad account, on the overview."""
    await seller.tiktok_grants(ADS)
    await seller.comes()
    return seller


async def test_a_refusal_is_no_drama(seller: Seller) -> None:
    await seller.goes_to_tiktok("Deny")
    await seller.reads_heading("Bạn chưa cho phép trên TikTok")
    await seller.looks("tiktok-refusal")
    await seller.page.get_by_role("main").get_by_role("link").first.click()
    await seller.reads_heading("Kiểm tra trang")


async def test_no_ad_account(seller: Seller) -> None:
    await seller.tiktok_grants()
    await seller.goes_to_tiktok()
    await seller.reads_heading("Chưa có tài khoản quảng cáo nào")
    await seller.looks("tiktok-no-advertiser")


@pytest.mark.parametrize(
    ("scripted", "heading", "name"),
    [
        ({"action": "code", "code": 40110}, "Uỷ quyền đã hết hiệu lực", "expired"),
        ({"action": "code", "code": 40100, "times": 9}, "TikTok đang bận", "busy"),
        ({"action": "http", "http_status": 502, "times": 9}, "TikTok chưa trả lời", "down"),
        ({"action": "code", "code": 40001, "times": 9}, "Thiếu quyền trên TikTok", "permission"),
        ({"action": "code", "code": 49999, "times": 9}, "TikTok không chấp nhận yêu cầu", "refused"),
    ],
)
async def test_what_tiktok_answers_instead_of_a_token(
    seller: Seller, scripted: dict[str, object], heading: str, name: str
) -> None:
    await seller.sandbox("script", [scripted | {"endpoint": EXCHANGE}])
    await seller.goes_to_tiktok()
    await seller.reads_heading(heading)
    await seller.looks(f"tiktok-{name}")
    await expect(seller.page.get_by_role("main").get_by_role("link").first).to_be_visible()


async def test_a_permission_that_was_left_out(seller: Seller) -> None:
    await seller.tiktok_grants(ADS, permissions=["event_sets", "advertiser_info"])
    await seller.goes_to_tiktok()
    await seller.presses("Tiếp tục")
    await seller.presses("Tạo bộ sự kiện")
    await seller.reads("TikTok không cho gửi sự kiện vào bộ này")
    await seller.looks("tiktok-no-report")


async def test_a_state_is_used_once(seller: Seller) -> None:
    async with seller.page.expect_request(lambda request: "/oauth/tiktok/callback" in request.url) as returned:
        await seller.goes_to_tiktok()
    back = (await returned.value).url
    await seller.page.goto(back)
    await seller.reads_heading("Bước này đã xong")
    await seller.looks("tiktok-state-used")
    await seller.presses("Tiếp tục")
    await seller.reads_heading("Chọn tài khoản quảng cáo")


async def test_a_state_that_is_nobodys_or_somebody_elses(seller: Seller) -> None:
    await seller.page.goto(f"{seller.world.url}/oauth/tiktok/callback?auth_code=x&state=forged")
    await seller.reads_heading("Yêu cầu không phải của bạn")
    await seller.looks("tiktok-state-foreign")


async def test_a_state_that_came_too_late(seller: Seller, redis_url: str) -> None:
    await seller.opens(f"/pages/{SHOP}/connect")
    await seller.presses("Tiếp tục với TikTok")
    with Redis.from_url(redis_url) as store:
        for key in store.scan_iter("session:*"):
            for field, value in store.hgetall(key).items():
                if b"state:" in field:
                    store.hset(key, field, msgspec.json.encode(msgspec.json.decode(value) | {"expires_at": 1}))
    await seller.presses("Allow")
    await seller.reads_heading("Đã quá 10 phút")
    await seller.looks("tiktok-state-expired")
