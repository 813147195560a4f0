"""What somebody damaged in Redis: that page waits, unharmed, until it is mended; everybody else is served."""

import pytest
import structlog

from actors import keys
from actors.claims import DAMAGED_REST_MS
from rules.times import DAY_MS
from tests.actors.delivering import PAGE, TikTok, claims_of, connected, due_in_ms, fired, lease_ends, row, turn
from tests.stores import Store


@pytest.mark.parametrize(("field", "damage"), [("choices", "oops"), ("choices", "[]"), ("paused", None)])
async def test_events_of_a_connection_that_cannot_be_read_wait_as_before(
    store: Store, field: str, damage: str | None
) -> None:
    """No attempt was made: after two days of it they must not count as having perhaps been sent."""
    await connected(store)
    await fired(store, 2)
    key = keys.connection(PAGE)
    sound = await store.hget(key, field)
    await (store.hdel(key, field) if damage is None else store.hset(key, field, damage))
    tiktok = TikTok()
    with structlog.testing.capture_logs() as logs:
        await turn(store, tiktok)
    assert [line["event"] for line in logs] == ["claim.failed"]
    assert tiktok.requests == []
    found = await row(store, "e-0")
    assert (found["status"], found["attempts"], "unconfirmed_since" in found) == ("queued", "0", False)
    assert 0 < await due_in_ms(store) <= DAMAGED_REST_MS

    await store.hset(key, field, sound)
    await lease_ends(store, "e-0", "e-1")
    await turn(store, tiktok)
    assert tiktok.accepted == {"e-0": 1, "e-1": 1}


@pytest.mark.parametrize("damaged", [keys.outbox(PAGE), keys.dead(PAGE), keys.connection(PAGE)])
async def test_a_damaged_page_is_looked_at_again_after_a_minute(
    store: Store, damaged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Senders look many times a second: each failure would be a line in the log."""
    await fired(store)
    await store.delete(damaged)
    await store.set(damaged, "something else", px=DAY_MS)
    claims = await claims_of(store)
    with structlog.testing.capture_logs() as logs:
        assert (await claims.claim(PAGE)).entries == ()
    assert [line["event"] for line in logs] == ["claim.failed"]
    assert await claims.due_pages(1) == []
    monkeypatch.setattr("actors.claims.DAMAGED_REST_MS", 0)
    await claims.claim(PAGE)
    assert await claims.due_pages(1) == [PAGE]


async def test_a_damaged_partition_keeps_no_other_waiting(store: Store) -> None:
    await fired(store)
    neighbour = next(str(n) for n in range(1_000) if keys.partition(str(n)) != keys.partition(PAGE))
    await fired(store, page_id=neighbour, first=1)
    await store.set(keys.due(keys.partition(PAGE)), "something else", px=DAY_MS)
    claims = await claims_of(store)
    with structlog.testing.capture_logs() as logs:
        assert [await claims.due_pages(1) for _ in range(3)] == [[neighbour]] * 3
    assert [line["key"] for line in logs] == [keys.due(keys.partition(PAGE))]
