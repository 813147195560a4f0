"""One conversation, looked at by somebody of support while the customer goes on."""

from playwright.async_api import expect

from tests.browser.conftest import MakeSeller
from tests.browser.seller import PATIENCE_MS, Seller
from tests.end_to_end.world import PAGE, PSID, World, now_ms

HERE = f"/support/conversations/{PAGE}/{PSID}"


async def begin(visitor: Seller, service: World) -> None:
    """Let a customer come and write, and support open the conversation."""
    await service.connect_page()
    assert await service.customer_comes_and_writes() == 200
    await service.delivered("Conversation")
    await visitor.comes(role="support", store_id="", pages=[], lang="en")
    await visitor.page.goto(f"{service.url}{HERE}")


async def test_support_sees_it_all_and_what_is_open_stays_open_while_things_happen(
    seller: Seller, service: World
) -> None:
    await begin(seller, service)
    await seller.reads_heading(f"Conversation {PSID}")
    await seller.looks("support-conversation")
    entry = seller.page.locator("li.event-line.delivery").first
    await entry.locator("summary").click()
    await expect(entry).to_contain_text("TikTok's request id")
    await seller.looks("support-conversation-opened")

    await service.order_is_confirmed()
    await service.delivered("Conversation", "InitiateCheckout", "CompletePayment")
    await expect(seller.page.locator("[data-live-said]")).to_have_text(
        "Something new happened in the conversation.", timeout=PATIENCE_MS
    )
    await expect(seller.page.locator("#newest .point.done")).to_have_count(3, timeout=PATIENCE_MS)
    await expect(seller.page.locator("li.event-line.delivery details[open]")).to_have_count(1)
    assert await seller.page.evaluate("document.activeElement.closest('li.event-line.delivery') !== null")
    await seller.looks("support-conversation-renewed")

    await seller.presses("Oldest first")
    await expect(seller.page.locator("li.event-line").first).to_contain_text("The customer clicked the TikTok ad")

    await seller.page.get_by_label("Choice for CompletePayment").select_option("When the order is shipped")
    await seller.presses("See what would be")
    await seller.reads("Waiting for the order to have a delivery note.")
    await seller.looks("support-conversation-what-if")


async def test_what_the_page_wrote_has_as_much_room_as_all_else(seller: Seller, service: World) -> None:
    """A style of something else that was called so, too, once left it one letter a line."""
    await begin(seller, service)
    echo = {"message": {"mid": "m-2", "text": "Dạ còn ạ", "is_echo": True}}
    people = {"sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": now_ms()}
    assert await service.messenger(PAGE, people | echo) == 200
    await seller.page.reload()
    await expect(seller.page.locator("li.event-line.page")).to_have_count(1)

    widths = await seller.page.locator("li.event-line .event-what").evaluate_all("all => all.map(e => e.clientWidth)")
    assert len(widths) >= 3
    assert len(set(widths)) == 1
    await seller.looks("support-conversation-page-wrote")


async def test_without_javascript_it_is_whole_and_can_be_reloaded(new_seller: MakeSeller, service: World) -> None:
    visitor = await new_seller("phone", javascript=False)
    await begin(visitor, service)
    await visitor.reads("This page does not renew itself.")
    assert await service.customer_comes_and_writes("m-2") == 200
    await visitor.presses("Reload")
    await expect(visitor.page.locator("li.event-line.customer")).to_have_count(2)


async def test_one_that_is_not_known_says_why(seller: Seller, service: World) -> None:
    await begin(seller, service)
    await seller.page.goto(f"{service.url}/support/conversations/{PAGE}/nobody?lang=vi")
    await seller.reads_heading("Không còn gì về hội thoại này")
    await seller.looks("support-conversation-gone")
