"""The clock that steps really steps, and what waits by it waits no longer than it must."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from actors import keys
from actors.bucket import Bucket, Rate
from actors.store_clock import StoreClock
from rules.times import SECOND_MS
from tests.actors.delivering import PAGE, claims_of, fired
from tests.chaos.clock import Clock, faketime_installed
from tests.chaos.redis_pair import Server, Start
from tests.stores import Store
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(not faketime_installed(), reason="needs faketime")

BACK_S = 300
FAR_BACK_S = 3 * 3600


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
async def stepped(start: Start, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    """Give a Redis that tells the time by `clock`."""
    server = Server(start, tmp_path / "redis", clock=clock)
    await server.run()
    server.client.close()
    async with Redis.from_url(server.url) as client:
        yield client


async def test_it_steps_and_expiry_with_it(stepped: Store, clock: Clock) -> None:
    await stepped.set("key", "value", ex=BACK_S // 2)
    before, _ = await stepped.time()
    clock.step(-BACK_S)
    after, _ = await stepped.time()
    assert before - after == pytest.approx(BACK_S, abs=5)
    assert await stepped.ttl("key") == pytest.approx(BACK_S * 3 / 2, abs=5)
    clock.step(BACK_S)
    assert await stepped.exists("key") == 0


async def test_what_waits_waits_as_long_as_the_clock_is_behind(stepped: Store, clock: Clock) -> None:
    """F6: of what was fired before a step back and not claimed nothing is lost, but it is not due either."""
    event_ids = await fired(stepped)
    clock.step(-BACK_S)
    assert await (await claims_of(stepped)).due_pages(1) == []
    clock.step(0)
    claims = await claims_of(stepped)
    assert await claims.due_pages(1) == [PAGE]
    assert [entry.event.event_id for entry in (await claims.claim(PAGE)).entries] == event_ids


async def test_after_a_step_back_by_more_than_the_farthest_all_is_due(stepped: Store, clock: Clock) -> None:
    await fired(stepped)
    clock.step(-FAR_BACK_S)
    claims = await claims_of(stepped)
    assert await claims.due_pages(1) == [PAGE]
    assert len((await claims.claim(PAGE)).entries) == 1


@pytest.mark.parametrize("off_s", [-BACK_S, BACK_S])
async def test_a_sender_soon_tells_the_time_after_a_step(stepped: Store, clock: Clock, off_s: int) -> None:
    told = StoreClock(stepped)
    before = await told.refresh()
    clock.step(off_s)

    async def knows() -> bool:
        return await told.refresh() - before == pytest.approx(off_s * SECOND_MS, abs=5 * SECOND_MS)

    await eventually(knows, within=3)


async def test_a_bucket_is_shut_by_no_step(stepped: Store, clock: Clock) -> None:
    bucket = Bucket(stepped, Rate(1, 5))
    for off_s in (0, -BACK_S, BACK_S, 0):
        clock.step(off_s)
        grants = [await bucket.take(keys.BUCKET, SECOND_MS) for _ in range(6)]
        assert grants[0].granted, off_s
        assert not grants[-1].granted or grants[-1].wait_ms > 0, off_s
