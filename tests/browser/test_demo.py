"""The demo can be clicked through, from the link that it prints."""

from playwright.async_api import Browser

from gateway.demo.seller import PAGE_ID, PAGES
from tests.browser.seller import ROOT, SIZES, Seller
from tests.end_to_end.conftest import Start
from tests.end_to_end.running import python
from tests.end_to_end.world import World
from tests.ports import free_port

HANOI = "103214567890124"


async def test_the_printed_link_leads_to_everything(browser: Browser, start: Start, world: World) -> None:
    demo = start(*python("gateway", "demo"), environment={"PORT": str(free_port()), "PYTHONIOENCODING": "utf-8"})
    while not (line := demo.first_line()).startswith("Seller"):
        assert demo.alive
    context = await browser.new_context(locale="vi-VN", viewport=SIZES["desk"])
    seller = Seller(await context.new_page(), world)
    link = line.split()[-1]
    world.url = link.partition(ROOT)[0]
    await seller.page.goto(link)
    await seller.reads("4 sự kiện")
    await seller.looks("demo-overview")
    await seller.opens(f"/pages/{PAGE_ID}/events")
    await seller.looks("demo-events")
    await seller.opens("")
    await seller.presses(f"Kết nối – trang {PAGES[HANOI]}")
    await seller.presses("Tiếp tục với TikTok")
    await seller.presses("Allow")
    await seller.page.get_by_label(PAGES[PAGE_ID]).check()
    await seller.presses("Tiếp tục")
    await seller.presses("Tạo bộ sự kiện")
    await seller.presses("Kết nối trang")
    await seller.reads(f"Haravan_CTM_Messenger_{HANOI}")
    await seller.looks("demo-done")
    await seller.opens(f"/pages/{HANOI}")
    await seller.looks("demo-page")
