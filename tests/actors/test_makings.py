"""One maker at a time: turns that survive repeats, and end with their lease."""

import asyncio

import pytest
from redis.asyncio import Redis

from actors import makings
from actors.makings import Makings, Turn
from tests.waiting import eventually

PAGE, ADVERTISER, NOW = "900", "7000000000000000001", 1_790_000_000_000


async def begin(turns: Makings, maker: str) -> Turn:
    """Ask for a turn."""
    return await turns.begin(PAGE, ADVERTISER, maker, NOW)


async def test_of_many_one_has_its_turn(store: Redis) -> None:
    turns = Makings(store)
    given = await asyncio.gather(*(begin(turns, f"maker-{n}") for n in range(20)))
    assert sum(turn.yours for turn in given) == 1


async def test_asking_again_is_the_same_turn(store: Redis) -> None:
    """The client repeats what got no reply."""
    turns = Makings(store)
    assert await begin(turns, "a") == await begin(turns, "a") == Turn(yours=True, event_set_id="")
    assert await begin(turns, "b") == Turn(yours=False, event_set_id="")


async def test_another_place_is_another_turn(store: Redis) -> None:
    turns = Makings(store)
    await begin(turns, "a")
    assert (await turns.begin("901", ADVERTISER, "b", NOW)).yours
    assert (await turns.begin(PAGE, "7000000000000000002", "b", NOW)).yours


async def test_what_was_made_is_told_to_everybody(store: Redis) -> None:
    turns = Makings(store)
    await begin(turns, "a")
    await turns.made(PAGE, ADVERTISER, "a", "7100")
    assert (await begin(turns, "b")).event_set_id == (await begin(turns, "a")).event_set_id == "7100"


async def test_who_gives_up_lets_the_next_one_try(store: Redis) -> None:
    turns = Makings(store)
    await begin(turns, "a")
    await turns.give_up(PAGE, ADVERTISER, "a")
    assert (await begin(turns, "b")).yours


async def test_whose_lease_is_over_changes_nothing(store: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makings, "LEASE_MS", 50)
    turns = Makings(store)
    await begin(turns, "a")

    async def others_turn() -> bool:
        return (await begin(turns, "b")).yours

    await eventually(others_turn)
    monkeypatch.undo()
    await turns.made(PAGE, ADVERTISER, "a", "7100")
    await turns.give_up(PAGE, ADVERTISER, "a")
    assert await begin(turns, "c") in (Turn(yours=False, event_set_id=""), Turn(yours=True, event_set_id=""))
