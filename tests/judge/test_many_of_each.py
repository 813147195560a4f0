"""Many gateways and senders on one Redis: the same result as one of each, and one rate for all of them together."""

from random import Random

import pytest
from aiohttp import ClientSession

from tests.end_to_end.world import World, now_ms
from tests.judge.facts import Clicked, Said
from tests.judge.histories import HOUR, Delivery
from tests.judge.traffic import Traffic
from tests.judge.wire import Customer
from tests.waiting import eventually

GATEWAYS, SENDERS = 4, 3
RATE, BURST = 40, 20
"""Requests a second, and at once, of the shared bucket."""

PAGES = [f"8{number:03d}" for number in range(300)]
"""Each has one event, so each needs a request of its own."""

LATE_MS = 1_000
"""How much later than another a request may come in that got its token before it: the machine is busy. A bucket of
each sender's own would show all the same: three times as many would come within the first seconds."""


@pytest.mark.timeout(300)
async def test_the_bucket_is_one_for_all_senders_and_is_used(
    world: World, http: ClientSession, real_redis_url: str
) -> None:
    """Never more than rate x time + burst at TikTok, and at least 95 % of it while work waits."""
    world.settings |= {
        "REDIS_URL": real_redis_url,
        "TIKTOK_EVENTS_PER_SECOND": str(RATE),
        "TIKTOK_EVENTS_BURST": str(BURST),
    }
    urls = []
    for _ in range(GATEWAYS):
        await world.start_web()
        urls.append(world.url)
    traffic = Traffic(world, http, urls, Random(1))
    await traffic.register(PAGES)
    for page_id in PAGES:
        await traffic.connect(page_id, "order_confirmed")
    now = now_ms()
    story: list[Delivery] = [(Clicked(now - HOUR, 0),), (Said(now - HOUR + 1, 0, "m_1"),)]
    await traffic.deliver({Customer(page_id, f"c-{page_id}"): story for page_id in PAGES})

    for _ in range(SENDERS):
        world.start("sender")

    async def all_there() -> bool:
        return len(await traffic.arrivals()) >= len(PAGES)

    await eventually(all_there, within=60)
    arrivals = await traffic.arrivals()
    assert len(arrivals) == len(PAGES)
    for first, begins in enumerate(arrivals):
        for count, ends in enumerate(arrivals[first:], start=1):
            assert count <= RATE * (ends - begins + LATE_MS) / 1_000 + BURST, (first, count)
    took_s = (arrivals[-1] - arrivals[0]) / 1_000
    assert len(PAGES) - BURST >= 0.95 * RATE * took_s
