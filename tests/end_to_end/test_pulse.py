"""The pulse of real processes, web and sender, together in Redis."""

import signal
import time

from actors.connect import open_store
from actors.pulse import ATTEMPT, FIRED, IN, SENT
from actors.pulse_reader import PulseReader
from tests.end_to_end.world import PAGE, World
from tests.waiting import eventually


async def test_web_and_sender_processes_write_their_pulse_also_at_their_end(world: World, real_redis_url: str) -> None:
    world.settings["REDIS_URL"] = real_redis_url
    web = await world.start_web()
    await world.connect_page()
    sender = world.start("sender")
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")
    async with open_store(real_redis_url) as store:
        reader = PulseReader(store)

        async def shown(*names: str) -> list[int]:
            beats = await reader.of_page(PAGE, "hour", time.time_ns() // 1_000_000)
            return [beats.total(name) for name in names]

        async def sender_has_written() -> bool:
            return await shown(SENT, ATTEMPT["accepted"]) == [1, 1]

        await eventually(sender_has_written)
        assert await world.customer_comes_and_writes("m-2") == 200
        for process in (web, sender):
            process.signal(signal.SIGTERM)
            process.end()
        assert await shown(IN, FIRED) == [4, 2]
        assert (await reader.last_of_page(PAGE)).keys() == {"messages", "messaging_referrals"}
