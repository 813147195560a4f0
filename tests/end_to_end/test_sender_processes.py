"""Senders as an operator sees them: killed, replaced, measured."""

import re
import signal

import pytest
from aiohttp import ClientSession

from tests.end_to_end.world import World
from tests.waiting import eventually

LEASE_ENDS_WITHIN_S = 90


@pytest.mark.timeout(300)
async def test_what_a_killed_sender_was_sending_is_sent_by_another(world: World, real_redis_url: str) -> None:
    """SIGKILL while TikTok has recorded the event and not answered: sent again under the same id, counted once."""
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    await world.connect_page()
    await world.sandbox("script", [{"action": "hang", "commit": True}])
    killed = world.start("sender")
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")
    killed.signal(signal.SIGKILL)
    killed.end()

    world.start("sender")

    await eventually(lambda: _requests(world, 2), within=LEASE_ENDS_WITHIN_S)
    assert await world.accepted() == ["Conversation"]


async def test_a_senders_counters_are_shown_by_web(world: World, http: ClientSession, real_redis_url: str) -> None:
    """It has no HTTP of its own."""
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    world.start("sender")
    await world.connect_page()
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")

    await eventually(lambda: _shown(http, world, r'attempts_total\{answer="accepted",sender="\w+"\} 1\.0'))


async def _shown(http: ClientSession, world: World, pattern: str) -> bool:
    async with http.get(f"{world.url}/metrics") as answer:
        return re.search(pattern, await answer.text()) is not None


async def _requests(world: World, number: int) -> bool:
    told: dict[str, int] = await world.sandbox_tells("requests")
    return told["count"] >= number
