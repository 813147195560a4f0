"""A page's check is kept with its token, comes round once a day, and leaves nothing of a page that is not connected."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from actors import keys
from actors.connection import Connection
from actors.connections import Connections
from actors.page_checks import EVERY_MS, LEASE_MS, PageCheck, PageChecks

PAGE, TOKEN = "900", "ciphertext"
NOW = 1_790_000_000_000
FOUND = PageCheck(NOW, "passed", "failing", "passed", "failing", ("standby", "messages"))
PARTITION = keys.partition(PAGE)


async def connect(store: Redis) -> None:
    await Connections(store).put(Connection(PAGE, "s-1", "7000", "7351", "token", "order_confirmed"), NOW)


async def make_due(store: Redis) -> None:
    redis: Any = store
    await redis.zadd(keys.checks(PARTITION), {PAGE: 1})
    await redis.expire(keys.checks(PARTITION), 60)


async def due_in_ms(store: Redis) -> float:
    redis: Any = store
    seconds, _ = await redis.time()
    due_at: float = await redis.zscore(keys.checks(PARTITION), PAGE)
    return due_at - int(seconds) * 1000


async def test_what_was_found_is_read_as_it_was_noted(store: Redis) -> None:
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    assert await checks.get_many(["901", PAGE]) == {PAGE: FOUND}
    assert await checks.get("901") is None
    assert await checks.token(PAGE) == TOKEN
    assert FOUND.failing
    assert FOUND.blocks


@pytest.mark.parametrize("damage", ["key", "time", "finding"])
async def test_a_damaged_check_is_none_and_hides_no_other(store: Redis, damage: str) -> None:
    redis: Any = store
    checks = PageChecks(store)
    for page_id in (PAGE, "901"):
        await checks.note(page_id, FOUND, TOKEN)
    if damage == "key":
        await redis.set(keys.check("901"), "something else", px=60_000)
    else:
        await redis.hset(keys.check("901"), {"time": "checked_at", "finding": "faq_off"}[damage], "perhaps")
    assert await checks.get_many([PAGE, "901"]) == {PAGE: FOUND}


async def test_a_later_check_replaces_all_of_an_earlier_one(store: Redis) -> None:
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    mended = PageCheck(NOW + 1, "passed", "passed", "passed", "not_checked", (), "permission_missing")
    await checks.note(PAGE, mended, TOKEN)
    assert await checks.get(PAGE) == mended
    assert not mended.failing


async def test_a_refused_token_is_not_kept_and_the_page_not_tried_again(store: Redis) -> None:
    await connect(store)
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    await checks.note(PAGE, PageCheck(NOW, obstacle="token_refused"), TOKEN, held=True)
    assert await checks.token(PAGE) is None
    assert await checks.due(PARTITION, NOW + 10 * EVERY_MS) == ()


async def test_one_process_a_day_checks_a_page(store: Redis) -> None:
    await connect(store)
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    assert abs(await due_in_ms(store) - EVERY_MS) < 10_000
    assert await checks.claim(PAGE) is None
    await make_due(store)
    claimed = await asyncio.gather(*(PageChecks(store).claim(PAGE) for _ in range(8)))
    assert sorted(filter(None, claimed)) == [TOKEN]
    assert abs(await due_in_ms(store) - LEASE_MS) < 10_000


async def test_a_page_that_is_not_connected_is_forgotten_with_its_token(store: Redis) -> None:
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    await make_due(store)
    assert await checks.claim(PAGE) is None
    assert await checks.token(PAGE) is None
    assert await checks.due(PARTITION, NOW) == ()


async def test_a_token_that_came_meanwhile_is_not_lost_to_an_older_check(store: Redis) -> None:
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, "newer")
    await checks.note(PAGE, PageCheck(NOW, obstacle="token_refused"), TOKEN, held=True)
    assert await checks.token(PAGE) == "newer"
    assert await checks.get(PAGE) == FOUND


async def test_forgetting_leaves_nothing(store: Redis) -> None:
    checks = PageChecks(store)
    await checks.note(PAGE, FOUND, TOKEN)
    await checks.forget(PAGE)
    assert [key async for key in store.scan_iter()] == []
