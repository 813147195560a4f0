"""Support mends a problem: sees who has it and what it means, how many would go, says why, and sends them again."""

from tests.browser.seller import Seller
from tests.end_to_end.world import PAGE, World
from tests.waiting import eventually


async def test_support_finds_a_problem_and_sends_its_events_again(seller: Seller, service: World) -> None:
    await service.connect_page()
    await seller.sandbox("script", [{"action": "code", "code": 40002, "message": "Invalid value: event_time"}])
    assert await service.customer_comes_and_writes() == 200
    await seller.comes(role="support", store_id="", pages=[], lang="en")

    async def is_known() -> bool:
        await seller.page.goto(f"{service.url}/support/problems")
        return await seller.page.get_by_role("link", name="Problem 40002").is_visible()

    await eventually(is_known)
    await seller.reads("TikTok does not take the event's content")
    await seller.looks("support-problems")
    await seller.presses("Problem 40002")
    await seller.looks("support-problem")
    await seller.presses("Delivery of Conversation")
    await seller.reads("What 40002 means")
    await seller.looks("support-delivery")
    await seller.page.goto(f"{service.url}/support/pages/{PAGE}/deliveries?status=rejected")
    await seller.looks("support-deliveries")
    await seller.presses("Resend all that match")
    await seller.reads("1 matches.")
    await seller.looks("support-resend")
    await seller.page.get_by_label("Why").fill("TikTok mended its side")
    await seller.presses("Send 1 event again")
    await seller.reads_heading("Queued to be sent again")
    await seller.looks("support-resent")
    await service.delivered("Conversation")
    await seller.page.goto(f"{service.url}/support/problems")
    await seller.reads("No problems")
    await seller.page.goto(f"{service.url}/support/orders")
    await seller.reads("No order is about to be lost")
    await seller.looks("support-orders")
