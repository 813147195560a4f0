"""May this page send? Every script that has to know says the same as `page_trouble`, whatever the row holds."""

from itertools import product
from typing import Final

import pytest
from msgspec.structs import replace

from actors import keys
from actors.connection import page_trouble
from actors.connections import Connections
from actors.errors import StoredDamage
from actors.outbox import Rest, Settlement
from rules.times import DAY_MS, HOUR_MS
from tests.actors.conversing import CONNECTION
from tests.actors.delivering import PAGE, TikTok, connected, fired, now_ms, tools
from tests.stores import Store

VALUES: Final = ("yes", "no", None, "", "true", "YES")
"""Of `paused` and of `authorised`: what we write, none, and what somebody else may have."""


async def write(store: Store, **row: str | None) -> None:
    """Let the connection's row hold these, and lack what is None."""
    for field, value in row.items():
        if value is None:
            await store.hdel(keys.connection(PAGE), field)
        else:
            await store.hset(keys.connection(PAGE), field, value)


async def may_send(store: Store) -> bool:
    """Say so as the senders do: what they cannot read is held."""
    try:
        return page_trouble(await Connections(store).read(PAGE)) is None
    except StoredDamage:
        return False


async def woken(store: Store) -> bool:
    """Say whether senders look at the page within the half hour."""
    at = await store.zscore(keys.due(keys.partition(PAGE)), PAGE)
    assert at is not None
    return bool(at < now_ms() + HOUR_MS / 2)


@pytest.mark.parametrize(("paused", "authorised"), [*product(VALUES, VALUES)])
@pytest.mark.parametrize("step", ["connect", "change", "pause", "resume", "settle"])
async def test_a_page_is_woken_exactly_when_it_may_send(
    store: Store, step: str, paused: str | None, authorised: str | None
) -> None:
    connections, claims = await connected(store), tools(store, TikTok()).claims
    await fired(store)
    claim = await claims.claim(PAGE)
    await write(store, paused=paused, authorised=authorised)
    await store.zadd(keys.due(keys.partition(PAGE)), {PAGE: now_ms() + DAY_MS})

    match step:
        case "connect":
            given = replace(CONNECTION, paused=paused == "yes", authorised=authorised == "yes")
            await connections.put(given, now_ms())
        case "change":
            await connections.put(CONNECTION, now_ms(), kept_token=CONNECTION.access_token, keeps_pause=True)
        case "pause" | "resume":
            assert await (connections.pause if step == "pause" else connections.resume)(PAGE, now_ms())
        case "settle":
            held = [Settlement(entry, "waiting", "queued", "queued") for entry in claim.entries]
            await claims.settle(claim, held, Rest(HOUR_MS, until_mended=True))

    assert await woken(store) == await may_send(store)
