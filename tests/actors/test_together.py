"""Commands in one pipeline: as each alone, only with fewer trips."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from actors.connect import open_store
from actors.errors import StoreUnavailable
from actors.scripts import Script
from actors.together import Together
from tests.redis_cluster import redis_cluster
from tests.stores import Store

WAITS = ["1000", "10", "0"]
"""A rate, a burst, and the wait accepted for one token."""


async def test_commands_of_many_tasks_take_one_trip(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trips = 0
    pipeline = store.pipeline

    def counted(*, transaction: bool) -> object:
        nonlocal trips
        trips += 1
        return pipeline(transaction=transaction)

    monkeypatch.setattr(store, "pipeline", counted)
    together = Together(store)
    keys = [f"set:{number}" for number in range(20)]
    await asyncio.gather(*(together.execute(key, "SADD", key, number) for number, key in enumerate(keys)))
    await asyncio.gather(*(together.execute(key, "EXPIRE", key, 60) for key in keys))
    members = await asyncio.gather(*(together.execute(key, "SMEMBERS", key) for key in keys))
    assert members == [{b"%d" % number} for number in range(20)]
    assert trips == 3


async def test_a_command_that_fails_is_nobody_elses_trouble(store: Store) -> None:
    together = Together(store)
    await store.set("text", "no set", px=60_000)
    answers = await asyncio.gather(
        together.execute("text", "SMEMBERS", "text"),
        together.execute("none", "SMEMBERS", "none"),
        return_exceptions=True,
    )
    assert isinstance(answers[0], ResponseError)
    assert answers[1] == set()


async def test_scripts_that_redis_does_not_know_are_loaded_and_run(store: Store) -> None:
    together = Together(store)
    take, clock = Script(store, "take", together), Script(store, "clock", together)
    for _ in range(2):
        await store.script_flush()
        answers = await asyncio.gather(*(take([f"bucket:{number}"], WAITS) for number in range(8)), clock(["x"], []))
        assert answers[:-1] == [[[1, 0, 0]]] * 8
        assert int(answers[-1])


async def test_a_store_that_is_away_says_so_to_everybody() -> None:
    async with Redis(host="127.0.0.1", port=1) as away:
        together = Together(away)
        answers = await asyncio.gather(*(together.execute("x", "GET", "x") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in answers] == [StoreUnavailable] * 3


async def test_on_a_cluster_every_node_gets_its_own(tmp_path: Path, redis_url: str) -> None:
    """Asks for `redis_url` to be skipped, or fail, where there is no Redis."""
    assert redis_url
    with redis_cluster(tmp_path / "cluster") as cluster:
        store = open_store(cluster.url)
        take = Script(store, "take", Together(store))
        answers = await asyncio.gather(*(take([f"bucket:{number}"], WAITS) for number in range(30)))
        assert answers == [[[1, 0, 0]]] * 30
        assert len({cluster.owner(f"bucket:{number}").port for number in range(30)}) == 3
        await store.aclose()
