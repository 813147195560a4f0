"""Health at a glance, looked at by somebody of support at a desk and on a phone."""

import time

from redis.asyncio import Redis

from actors.pulse import ATTEMPT, IN, Pulse
from rules.times import HOUR_MS, MINUTE_MS, SECOND_MS
from tests.browser.seller import Seller
from tests.end_to_end.world import PAGE, World


async def test_support_sees_how_a_page_and_all_do(seller: Seller, service: World, real_redis_url: str) -> None:
    await service.connect_page()
    assert await service.customer_comes_and_writes() == 200
    await service.delivered("Conversation")
    now, counted = time.time_ns() // 1_000_000, Pulse()
    for ago in range(60):
        counted.count(PAGE, now - ago * MINUTE_MS, IN, 3 + ago * 7 % 11)
        counted.accepted(PAGE, now - ago * MINUTE_MS, (1 + ago * 5 % 17) * SECOND_MS)
        counted.accepted(PAGE, now - ago * MINUTE_MS, SECOND_MS)
        counted.count(PAGE, now - ago * MINUTE_MS, ATTEMPT["accepted" if ago % 9 else "throttled"])
    counted.hear(PAGE, "messages", now)
    counted.hear(PAGE, "message_echoes", now - 4 * HOUR_MS)
    async with Redis.from_url(real_redis_url) as store:
        await counted.write(store)
    await seller.comes(role="support", store_id="", pages=[], lang="en")

    await seller.page.goto(f"{service.url}/support/health")
    await seller.reads_heading("Health of all pages")
    await seller.reads("No message_echoes for 4 h although messages come")
    await seller.looks("support-health")
    await seller.presses("24 hours")
    await seller.reads("at most")

    await seller.page.goto(f"{service.url}/support/pages/{PAGE}/health")
    await seller.reads_heading(f"Health of {PAGE}")
    await seller.page.get_by_text("See the numbers as a table").click()
    await seller.looks("support-health-page")
    await seller.presses("Open page check")
    assert seller.page.url == f"{service.url}/support/pages/{PAGE}"
