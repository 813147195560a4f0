"""A connection whose row somebody has damaged: told as such, in nobody's way, and replaced by connecting anew."""

import asyncio

import pytest
from msgspec.structs import replace

from actors import keys
from actors.connections import Connections
from actors.errors import StoredDamage
from rules.orders import Choice
from tests.actors.conversing import CONNECTION
from tests.rules.stories import BEGINNING
from tests.stores import Store

DAMAGES: dict[str, dict[str | bytes, str | bytes]] = {
    "no_json": {"choices": "[{broken"},
    "no_choice": {"choices": "[]"},
    "other_json": {"choices": '{"since":0}'},
    "other_choice": {"choices": '[{"since":0,"complete_payment_on":"order_paid"}]'},
    "half_a_millisecond": {"choices": '[{"since":0.5,"complete_payment_on":"order_shipped"}]'},
    "no_utf8": {"event_set_id": b"\xff"},
    "no_choice_in_force": {"complete_payment_on": "order_paid"},
    "neither_paused_nor_not": {"paused": "true"},
    "neither_authorised_nor_not": {"authorised": "1"},
}


async def damage(store: Store, kind: str) -> None:
    """Damage the page's connection; ``missing``: fields of it are gone; ``no_hash``: something else is there."""
    if kind == "no_hash":
        await store.set(keys.connection("900"), "what was here")
    elif kind == "missing":
        await store.hdel(keys.connection("900"), "event_set_id", "page_id")
    else:
        await store.hset(keys.connection("900"), mapping=DAMAGES[kind])


@pytest.mark.parametrize("kind", ["missing", "no_hash", *DAMAGES])
async def test_it_says_which_page_is_damaged_and_connecting_anew_replaces_it(store: Store, kind: str) -> None:
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await damage(store, kind)
    for read in (connections.read, Connections(store).get):
        with pytest.raises(StoredDamage, match="page 900 cannot be read; mend it or connect the page anew") as caught:
            await read("900")
        assert CONNECTION.access_token not in str(caught.value)

    stored = await connections.put(CONNECTION, BEGINNING + 1_000)

    assert stored == CONNECTION_WITH_ITS_CHOICE
    assert await connections.get("900") == stored


@pytest.mark.parametrize("kind", ["missing", "no_hash", *DAMAGES])
async def test_so_does_connecting_with_what_was_kept_of_it(store: Store, kind: str) -> None:
    """What nobody can read does not stay as it is stored."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await damage(store, kind)

    stored = await connections.put(CONNECTION, BEGINNING, kept_token=CONNECTION.access_token, keeps_pause=True)

    assert stored == CONNECTION_WITH_ITS_CHOICE


CONNECTION_WITH_ITS_CHOICE = replace(CONNECTION, choices=(Choice(0, CONNECTION.complete_payment_on),))


async def test_what_can_be_read_of_its_history_is_kept(store: Store) -> None:
    """Rule 11: what was decided under the old choice stays so."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await damage(store, "missing")

    stored = await connections.put(replace(CONNECTION, complete_payment_on="order_shipped"), BEGINNING + 5_000)

    assert stored.choices == (Choice(0, "order_confirmed"), Choice(BEGINNING + 5_000, "order_shipped"))


@pytest.mark.parametrize("kind", ["no_json", "no_hash"])
async def test_it_hides_no_other_page(store: Store, kind: str) -> None:
    connections = Connections(store)
    for page_id in ("900", "901"):
        await connections.put(replace(CONNECTION, page_id=page_id), BEGINNING)
    await damage(store, kind)

    assert {*await connections.read_all(["900", "901"])} == {"901"}
    assert await connections.readable("900") is None
    assert [each.page_id for each in await connections.of_advertiser(CONNECTION.advertiser_id)] == ["901"]
    assert await connections.delete("900")
    assert await connections.read("900") is None


async def test_each_of_many_who_ask_at_once_gets_an_error_of_their_own(store: Store) -> None:
    """One that is raised in many tasks collects the tracebacks of all."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await damage(store, "no_json")

    fresh = Connections(store)
    found = await asyncio.gather(*(fresh.get("900") for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in found] == [StoredDamage] * 3
    assert len({id(each) for each in found}) == 3
