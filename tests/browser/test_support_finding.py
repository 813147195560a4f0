"""Whatever a seller gives, support types it into the search box, and is led to the one thing that it names."""

import time

import pytest
from playwright.async_api import expect

from gateway.support import paths
from rules.times import MINUTE_MS
from tests.browser.seller import ROOT, Seller
from tests.end_to_end.world import ORDER_ID, PAGE, PSID, World, now_ms

TRACKING_ID = "tt-ad-1"
REF = f"{TRACKING_ID}.spring"
ORDER_NUMBER = "#100042"
KEYS = (PSID, str(ORDER_ID), ORDER_NUMBER, ORDER_NUMBER.lstrip("#"), TRACKING_ID, REF)
"""What leads to the conversation itself."""


@pytest.fixture
def world(world: World) -> World:
    """Let a ref hold more than a tracking id."""
    world.settings["TIKTOK_REF_PATTERN"] = r"(?P<tracking_id>[^.]+)\..+"
    return world


def person(psid: str) -> dict[str, object]:
    """Name who does something on the page."""
    return {"sender": {"id": psid}, "recipient": {"id": PAGE}}


def clicks(psid: str, ref: str) -> dict[str, object]:
    """Let somebody have come a minute ago."""
    return person(psid) | {"timestamp": now_ms() - MINUTE_MS, "referral": {"ref": ref, "source": "SHORTLINK"}}


async def customer_comes_and_orders(service: World) -> None:
    """Let two events happen, one after the other, so that TikTok answers each with a request id of its own."""
    await service.connect_page()
    wrote = person(PSID) | {"timestamp": now_ms(), "message": {"mid": "m-1", "text": "words that nobody may see"}}
    assert await service.messenger(PAGE, clicks(PSID, REF), wrote) == 200
    await service.delivered("Conversation")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    order = {"id": ORDER_ID, "order_number": ORDER_NUMBER, "created_at": at, "updated_at": at}
    assert await service.harasocial(PAGE, PSID, order | {"confirmed_status": "unconfirmed"}) == 200
    await service.delivered("Conversation", "InitiateCheckout")


async def support_comes(visitor: Seller) -> None:
    """Come by a signed link to the search box; the link is gone from the address then."""
    link = visitor.link(role="support", store_id="", pages=[], lang="en")
    await visitor.page.goto(link.replace(ROOT, paths.ROOT))
    await stands_at(visitor, paths.ROOT)


async def finds(visitor: Seller, asked: str) -> None:
    """Ask the search box, and go where it leads."""
    await visitor.page.goto(visitor.world.url + paths.ROOT)
    await visitor.page.get_by_label("Find it by whatever you were given").fill(asked)
    await visitor.presses("Search")


async def stands_at(visitor: Seller, path: str) -> None:
    """Wait until this is where somebody is."""
    await expect(visitor.page).to_have_url(visitor.world.url + path)


async def reads_the_story(visitor: Seller) -> None:
    """See the one conversation: what fired, what is missing, and all that happened."""
    await stands_at(visitor, paths.conversation(PAGE, PSID))
    await visitor.reads_heading(f"Conversation {PSID}")
    await expect(visitor.page.locator("#newest .point.done")).to_have_count(2)
    await expect(visitor.page.locator("#newest .point.possible")).to_have_count(2)
    await expect(visitor.page.locator("#newest")).to_contain_text(f"Order {ORDER_NUMBER}")
    entries = visitor.page.locator("#entries li.event-line")
    await expect(entries).to_have_count(5)  # the click, the message and the order; two deliveries
    await expect(entries.last).to_contain_text("The customer clicked the TikTok ad")


async def test_every_kind_of_key_leads_to_the_one_conversation(seller: Seller, service: World) -> None:
    await customer_comes_and_orders(service)
    await support_comes(seller)
    await seller.looks("support-search")

    for key in KEYS:
        await finds(seller, key)
        await reads_the_story(seller)
    await seller.looks("support-found-conversation")

    await finds(seller, PAGE)
    await stands_at(seller, paths.page(PAGE))
    await seller.reads_heading(PAGE)
    await seller.looks("support-found-page")
    await seller.page.get_by_role("link", name=PSID).click()
    await reads_the_story(seller)


async def test_an_event_id_and_tiktoks_request_id_lead_to_the_delivery(seller: Seller, service: World) -> None:
    await customer_comes_and_orders(service)
    sent = {each["event"]: each["event_id"] for each in (await seller.sandbox_tells("accepted"))["accepted"]}
    event_id = sent["InitiateCheckout"]
    delivery = paths.delivery(PAGE, event_id)
    await support_comes(seller)

    await finds(seller, event_id)
    await stands_at(seller, delivery)
    await seller.reads_heading("Delivery of Initiate Order")

    facts = seller.page.locator("dl.facts > div").filter(has_text="request_id")
    request_id = await facts.locator("code").inner_text()
    await finds(seller, request_id)
    await stands_at(seller, delivery)
    await seller.reads(request_id)
    await seller.looks("support-found-delivery")
    await seller.page.get_by_role("link", name=PSID).click()
    await reads_the_story(seller)


async def test_what_two_customers_share_leads_to_a_choice(seller: Seller, service: World) -> None:
    await customer_comes_and_orders(service)
    assert await service.messenger(PAGE, clicks("7102", f"{TRACKING_ID}.summer")) == 200
    await support_comes(seller)
    await finds(seller, TRACKING_ID)
    await seller.reads_heading("More than one was found")
    await expect(seller.page.get_by_role("link", name="Conversation 710")).to_have_count(2)
    await seller.looks("support-found-several")
    await seller.presses(f"Conversation {PSID}")
    await reads_the_story(seller)


async def test_what_is_not_known_says_what_can_be_asked_for(seller: Seller, service: World) -> None:
    await customer_comes_and_orders(service)
    await support_comes(seller)
    await finds(seller, "0909 090 909")
    await seller.reads_heading("Nothing was found")
    await seller.looks("support-found-nothing")
