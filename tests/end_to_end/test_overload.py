"""More at once than there is room for: some are told to come back, nobody is told anything else, nothing is lost."""

import asyncio
from collections import Counter

import msgspec
from aiohttp import ClientSession, TCPConnector
from redis.asyncio.cluster import RedisCluster

from actors.connect import open_store
from gateway.intake import IN_FLIGHT
from tests.end_to_end.world import PAGE, World, now_ms
from tests.stores import Store

CUSTOMERS = 3 * IN_FLIGHT
PAUSE_MS = 1_000


async def test_in_overload_some_are_refused_with_retry_after_and_no_accepted_one_is_lost(
    world: World, real_redis_url: str
) -> None:
    """Redis takes no commit for a second, in which all customers write. Who is refused repeats, as Meta does."""
    await world.start_web(REDIS_URL=real_redis_url)
    await world.connect_page()
    async with (
        open_store(real_redis_url) as redis,
        ClientSession(connector=TCPConnector(limit=CUSTOMERS)) as meta,
    ):
        store: Store = redis
        assert await _write(world, meta, 0) == (200, None)
        for node in redis.get_primaries() if isinstance(redis, RedisCluster) else [store]:
            await node.execute_command("CLIENT PAUSE", PAUSE_MS, "WRITE")
        answers = await asyncio.gather(*(_write(world, meta, number) for number in range(1, CUSTOMERS)))
        seen = Counter(answers)
        assert {*seen} == {(200, None), (503, "1")}
        assert seen[200, None] >= IN_FLIGHT - 1
        accepted = {0, *(number for number, (status, _) in enumerate(answers, start=1) if status == 200)}
        assert await _stored(store) == accepted
        for number in {*range(CUSTOMERS)} - accepted:
            assert await _write(world, meta, number) == (200, None)
        assert await _stored(store) == {*range(CUSTOMERS)}
        assert await world.is_ready()


async def _write(world: World, meta: ClientSession, number: int) -> tuple[int, str | None]:
    ends = {"sender": {"id": f"c{number}"}, "recipient": {"id": PAGE}}
    wrote = ends | {"timestamp": now_ms(), "message": {"mid": f"m-{number}", "text": "x"}}
    body = msgspec.json.encode({"object": "page", "entry": [{"id": PAGE, "messaging": [wrote]}]})
    async with meta.post(world.url + "/webhooks/messenger", data=body, headers=world.sign(body)) as answer:
        return answer.status, answer.headers.get("Retry-After")


async def _stored(store: Store) -> set[int]:
    """Return the numbers of the customers whose conversations Redis holds."""
    return {int(key.rpartition(b":c")[2]) for key in await store.keys("conversation:*")}
