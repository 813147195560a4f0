"""Asking many keys at once."""

import pytest
from redis.asyncio import Redis

from actors import keys
from actors.asking import ask_all, replies_of, reply_of
from actors.errors import StoreUnavailable
from tests.stores import Store


async def test_all_partitions_answer_in_order(store: Store) -> None:
    await store.set(keys.due(7), "something else", px=60_000)
    await store.zadd(keys.due(63), {"900": 1})
    await store.pexpire(keys.due(63), 60_000)

    replies = await ask_all(store, lambda pipeline, number: pipeline.zcard(keys.due(number)))

    assert replies == [*[0] * 7, None, *[0] * 55, 1]
    assert [await reply_of(store.zcard(keys.due(number))) for number in (7, 63)] == [None, 1]


async def test_any_other_error_is_not_mistaken_for_an_empty_key(store: Store) -> None:
    pipeline = store.pipeline(transaction=False)
    pipeline.execute_command("ZCARD")

    with pytest.raises(StoreUnavailable):
        await replies_of(pipeline)
    with pytest.raises(StoreUnavailable):
        await reply_of(store.execute_command("ZCARD"))


async def test_a_store_that_is_away_says_so() -> None:
    away = Redis(host="127.0.0.1", port=1)

    with pytest.raises(StoreUnavailable):
        await ask_all(away, lambda pipeline, number: pipeline.zcard(keys.due(number)))
    await away.aclose()
