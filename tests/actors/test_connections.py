"""Page connections: stored for good, seen by all processes, with the history of the seller's choices."""

import asyncio

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from actors import keys
from actors.claims import Claims
from actors.connections import FRESH_S, READ_AGAIN_S, Connections
from actors.errors import ConnectionRenewed, StoreUnavailable
from actors.store_clock import StoreClock
from rules.orders import MOST_CHOOSE, Choice, CompletePaymentOn, Terms
from rules.times import DAY_MS, MINUTE_MS, SECOND_MS
from tests.actors.conversing import CONNECTION
from tests.rules.stories import BEGINNING
from tests.stores import Store


class Ticks:
    """A monotonic clock that the test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_first_choice_holds_since_ever(store: Store) -> None:
    """Acts from before the connection was made, delivered after it, are judged by it."""
    stored = await Connections(store).put(CONNECTION, BEGINNING)

    assert stored.choices == (Choice(0, "order_confirmed"),)


async def test_a_new_choice_holds_from_its_second_on(store: Store) -> None:
    """Rule 11. Whole seconds, since an act of that second may come without milliseconds."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)

    stored = await connections.put(replace(CONNECTION, complete_payment_on="order_shipped"), BEGINNING + 5_700)

    assert stored.choices == (Choice(0, "order_confirmed"), Choice(BEGINNING + 5_000, "order_shipped"))


@pytest.mark.parametrize("again", ["order_confirmed", "order_shipped"])
async def test_a_page_that_is_connected_again_goes_on_with_its_choices(store: Store, again: CompletePaymentOn) -> None:
    """Rule 11: nothing is fired for the past, even if whoever connects it chooses otherwise."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    for _ in range(2):  # a call whose reply was lost is repeated
        await connections.delete("900")
    assert 8 * DAY_MS < await store.pttl(keys.choices("900")) <= 9 * DAY_MS

    await connections.put(replace(CONNECTION, complete_payment_on=again), BEGINNING + 5_000)
    stored = await connections.put(replace(CONNECTION, complete_payment_on=again), BEGINNING + 5_000)

    changed = () if again == "order_confirmed" else (Choice(BEGINNING + 5_000, again),)
    assert stored.choices == (Choice(0, "order_confirmed"), *changed)
    assert not await store.exists(keys.choices("900"))


async def test_what_a_page_chose_is_known_while_its_choices_are_kept(store: Store) -> None:
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await connections.put(replace(CONNECTION, complete_payment_on="order_shipped"), BEGINNING + 5_000)
    chosen = Terms((Choice(0, "order_confirmed"), Choice(BEGINNING + 5_000, "order_shipped")))
    assert await connections.terms_of("900") == chosen

    await connections.delete("900")
    assert await connections.terms_of("900") == chosen

    await store.delete(keys.choices("900"))
    assert await connections.terms_of("900") == MOST_CHOOSE


@pytest.mark.parametrize("kept", [b"{", b"[]", b'[{"since":0}]', b"\xff"])
async def test_kept_choices_that_nobody_can_read_are_those_that_most_make(store: Store, kept: bytes) -> None:
    await store.set(keys.choices("900"), kept, px=DAY_MS)
    await store.sadd(keys.choices("901"), "no choices")
    await store.pexpire(keys.choices("901"), DAY_MS)
    for page_id in ("900", "901"):
        assert await Connections(store).terms_of(page_id) == MOST_CHOOSE


async def test_remembered_choices_that_nobody_can_read_keep_no_page_from_being_connected(store: Store) -> None:
    await store.sadd(keys.choices("900"), "no choices")

    assert (await Connections(store).put(CONNECTION, BEGINNING)).choices == (Choice(0, "order_confirmed"),)


async def test_the_same_choice_again_is_not_a_new_one(store: Store) -> None:
    """Nor is a repeated call whose reply was lost (F12)."""
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    shipped = replace(CONNECTION, complete_payment_on="order_shipped")
    await connections.put(shipped, BEGINNING + 5_000)

    stored = await connections.put(shipped, BEGINNING + 9_000)

    assert len(stored.choices) == 2


async def test_other_processes_see_at_once_that_a_page_is_connected(store: Store) -> None:
    """What they answered 200 until then would be lost, since nothing is stored of strangers."""
    here, there = Connections(store), Connections(store, Ticks())
    assert await there.get("900") is None
    assert not there.was_connected("900")
    await here.put(CONNECTION, BEGINNING)

    assert await there.get("900") is not None
    assert there.was_connected("900")


async def test_other_processes_see_a_change_within_a_second(store: Store) -> None:
    """The cache believes what it read for less than that."""
    ticks = Ticks()
    here, there = Connections(store), Connections(store, ticks)
    await here.put(CONNECTION, BEGINNING)
    before = await there.get("900")
    await here.put(replace(CONNECTION, event_set_id="another"), BEGINNING)

    assert await there.get("900") == before
    ticks.now += FRESH_S
    assert await there.get("900") != before
    assert FRESH_S < 1


async def test_those_who_ask_at_once_share_one_look_at_redis(real_redis_url: str) -> None:
    """Otherwise every webhook in flight would open a connection to Redis whenever what is remembered gets old."""
    async with Redis.from_url(real_redis_url) as store:
        await Connections(store).put(CONNECTION, BEGINNING)
        ticks = Ticks()
        connections = Connections(store, ticks)
        before = (await store.info("commandstats"))["cmdstat_hgetall"]["calls"]

        found = await asyncio.gather(*(connections.get("900") for _ in range(50)))

        assert {each.event_set_id for each in found if each} == {CONNECTION.event_set_id}
        assert (await store.info("commandstats"))["cmdstat_hgetall"]["calls"] == before + 1

        ticks.now += FRESH_S
        looks = (await store.info("commandstats"))["cmdstat_get"]["calls"]
        await asyncio.gather(*(connections.get("900") for _ in range(50)))

        after = await store.info("commandstats")
        assert after["cmdstat_get"]["calls"] == looks + 1, "one looks at the partition's mark"
        assert after["cmdstat_hgetall"]["calls"] == before + 1, "nothing has changed, so nobody reads the page again"


@pytest.mark.parametrize("change", ["put", "pause", "resume", "delete", "withdraw"])
async def test_every_change_is_seen_by_who_has_read_the_page_before(store: Store, change: str) -> None:
    """Each leaves a new mark, also when the other process knows a mark already."""
    ticks = Ticks()
    here, there = Connections(store), Connections(store, ticks)
    await here.put(replace(CONNECTION, paused=change == "resume"), BEGINNING)
    before = await there.get("900")
    assert before is not None

    match change:
        case "put":
            await here.put(replace(CONNECTION, event_set_id="another"), BEGINNING + 1)
        case "withdraw":
            await Claims(store, StoreClock(store)).withdraw(before)
        case "delete":
            await here.delete("900")
        case _:
            await (here.pause if change == "pause" else here.resume)("900", BEGINNING + 1)

    assert await there.get("900") == before
    ticks.now += FRESH_S
    assert await there.get("900") != before
    assert await there.get("900") == await here.read("900")


async def test_a_row_mended_by_hand_is_seen_within_a_minute(store: Store) -> None:
    """Nobody leaves a mark then."""
    ticks = Ticks()
    there = Connections(store, ticks)
    await there.put(CONNECTION, BEGINNING)
    await store.hset(keys.connection("900"), "paused", "yes")

    ticks.now += READ_AGAIN_S

    mended = await there.get("900")
    assert mended is not None
    assert mended.paused


async def test_when_redis_was_emptied_nobody_believes_in_a_page_that_is_gone(store: Store) -> None:
    """A mark that is gone is another mark."""
    ticks = Ticks()
    there = Connections(store, ticks)
    await there.put(CONNECTION, BEGINNING)
    await store.flushall()

    ticks.now += FRESH_S

    assert await there.get("900") is None


async def test_the_process_that_changes_it_sees_it_at_once(store: Store) -> None:
    """The seller connects and writes the first message."""
    connections = Connections(store)
    assert await connections.get("900") is None
    await connections.put(CONNECTION, BEGINNING)

    assert await connections.get("900") is not None
    assert await connections.delete("900")
    assert await connections.get("900") is None
    assert not await connections.delete("900")


async def test_connections_never_expire(store: Store) -> None:
    """The one thing that does not."""
    await Connections(store).put(CONNECTION, BEGINNING)

    assert await store.ttl(keys.connection("900")) == -1


async def test_resuming_wakes_the_events_that_waited(store: Store) -> None:
    """Rule 13: they are due at once, not at the next hourly look."""
    connections = Connections(store)
    await store.zadd(keys.outbox("900"), {"e-1": 1})
    await store.zadd(keys.due(keys.partition("900")), {"900": 9_999_999_999_999})
    for key in (keys.outbox("900"), keys.due(keys.partition("900"))):
        await store.pexpire(key, 60_000)

    await connections.put(replace(CONNECTION, paused=True), BEGINNING)
    assert await store.zscore(keys.due(keys.partition("900")), "900") == 9_999_999_999_999
    await connections.put(CONNECTION, BEGINNING)

    assert (await store.zscore(keys.due(keys.partition("900")), "900") or 0) < 9_999_999_999_999


async def test_the_connected_pages_are_known_until_they_are_disconnected(store: Store) -> None:
    connections = Connections(store)
    for page_id in ("901", "a:b", "900"):
        await connections.put(replace(CONNECTION, page_id=page_id), BEGINNING)
    assert await connections.pages() == ("900", "901", "a:b")
    assert (await connections.delete("901"), await connections.delete("901")) == (True, False)
    assert await connections.pages() == ("900", "a:b")
    assert await connections.read("901") is None


async def test_a_disconnected_page_is_noted_for_as_long_as_something_may_be_left(store: Store) -> None:
    """Whoever forgets a customer looks there too; 75 days as `disconnect.lua` reckons, and no stranger is noted."""
    connections, noted = Connections(store), keys.disconnected(keys.partition("900"))
    await connections.put(CONNECTION, BEGINNING)
    await store.zadd(noted, {"of long ago": 1})
    await connections.delete("900")
    until, (seconds, _) = await store.zscore(noted, "900"), await store.time()
    assert not await connections.delete("900")
    assert not await connections.delete("a stranger")

    assert until == pytest.approx(seconds * SECOND_MS + 75 * DAY_MS, abs=MINUTE_MS)
    assert await store.zrange(noted, 0, -1, withscores=True) == [(b"900", until)]
    assert 74 * DAY_MS < await store.pttl(noted) <= 75 * DAY_MS
    assert (await connections.pages(), await connections.pages(past=True)) == ((), ("900",))

    await connections.put(CONNECTION, BEGINNING)

    assert not await store.exists(noted)
    assert await connections.pages(past=True) == ("900",)


async def test_no_page_is_disconnected_where_that_cannot_be_noted_but_any_can_be_connected(store: Store) -> None:
    """Else a customer would be told that everything is deleted."""
    connections, noted = Connections(store), keys.disconnected(keys.partition("900"))
    await store.set(noted, "no pages", px=MINUTE_MS)
    await connections.put(CONNECTION, BEGINNING)

    with pytest.raises(StoreUnavailable):
        await connections.delete("900")
    assert await connections.pages() == ("900",)
    assert await connections.read("900") is not None
    with pytest.raises(StoreUnavailable):
        await connections.pages(past=True)


async def test_names_are_kept_beside_the_ids_and_leave_with_them(store: Store) -> None:
    """Optional fields are absent in Redis, not empty."""
    connections = Connections(store)
    named = replace(CONNECTION, advertiser_name="Đầm xinh Ads", event_set_name="Haravan_CTM", page_name="Đầm xinh")
    stored = await connections.put(named, BEGINNING)
    assert (stored.advertiser_name, stored.event_set_name, stored.page_name) == (
        "Đầm xinh Ads",
        "Haravan_CTM",
        "Đầm xinh",
    )

    stored = await connections.put(replace(named, advertiser_name=""), BEGINNING)

    assert (stored.advertiser_name, stored.event_set_name) == ("", "Haravan_CTM")
    assert not await store.hexists(keys.connection("900"), "advertiser_name")


async def test_many_connections_are_read_at_once(store: Store) -> None:
    connections = Connections(store)
    await connections.put(CONNECTION, BEGINNING)
    await connections.put(replace(CONNECTION, page_id="902"), BEGINNING)

    assert {*await connections.read_all(["900", "901", "902"])} == {"900", "902"}
    assert await connections.read_all([]) == {}


async def test_a_pause_changes_nothing_else_and_its_end_wakes_what_waited(store: Store) -> None:
    """A token that is replaced, or withdrawn, at the same time stays what it became."""
    connections, due = Connections(store), keys.due(keys.partition("900"))
    await connections.put(CONNECTION, BEGINNING)
    await store.hset(keys.connection("900"), "access_token", "a newer token")
    await store.zadd(keys.outbox("900"), {"e-1": 1})
    await store.zadd(due, {"900": 9_999_999_999_999})
    for key in (keys.outbox("900"), due):
        await store.pexpire(key, 60_000)

    assert await connections.pause("900", BEGINNING)
    paused = await connections.get("900")
    assert paused is not None
    assert (paused.paused, paused.access_token) == (True, "a newer token")
    assert await store.zscore(due, "900") == 9_999_999_999_999

    assert await connections.resume("900", BEGINNING)
    resumed = await connections.get("900")
    assert resumed is not None
    assert not resumed.paused
    assert await store.zscore(due, "900") < 9_999_999_999_999


async def stored_as(store: Store, **fields: str) -> dict[bytes, bytes]:
    """Connect the page, let others change its row meanwhile, and return that."""
    await Connections(store).put(CONNECTION, BEGINNING)
    await store.hset(keys.connection("900"), mapping=fields)
    row: dict[bytes, bytes] = await store.hgetall(keys.connection("900"))
    return row


async def test_a_kept_token_replaces_none_that_came_meanwhile(store: Store) -> None:
    """Whoever has read the old one long ago changes nothing, and is told."""
    before = await stored_as(store, access_token="a newer token")
    shipped = replace(CONNECTION, complete_payment_on="order_shipped", advertiser_id="another")

    with pytest.raises(ConnectionRenewed, match="900"):
        await Connections(store).put(shipped, BEGINNING + 5_000, kept_token=CONNECTION.access_token)

    assert await store.hgetall(keys.connection("900")) == before
    assert await Connections(store).of_advertiser("another") == ()


async def test_a_kept_token_may_be_encrypted_anew_and_that_be_repeated(store: Store) -> None:
    """Nobody takes it for another's when the first reply was lost (F12)."""
    await Connections(store).put(CONNECTION, BEGINNING)
    rotated = replace(CONNECTION, access_token="the same in other letters")
    for _ in range(2):
        stored = await Connections(store).put(rotated, BEGINNING, kept_token=CONNECTION.access_token)
        assert stored.access_token == rotated.access_token


async def test_a_kept_token_stays_withdrawn_and_a_new_one_does_not(store: Store) -> None:
    connections = Connections(store)
    await stored_as(store, authorised="no")

    assert not (await connections.put(CONNECTION, BEGINNING, kept_token=CONNECTION.access_token)).authorised
    assert (await connections.put(replace(CONNECTION, access_token="newer"), BEGINNING)).authorised


@pytest.mark.parametrize(("stored", "paused"), [("yes", True), ("no", False)])
async def test_a_pause_that_is_kept_is_the_stored_one(store: Store, stored: str, *, paused: bool) -> None:
    connections = Connections(store)
    await stored_as(store, paused=stored)
    other = replace(CONNECTION, paused=not paused)

    assert (await connections.put(other, BEGINNING, keeps_pause=True)).paused == paused
    assert (await connections.put(other, BEGINNING)).paused != paused


async def test_a_page_that_was_disconnected_meanwhile_is_connected_again_with_the_kept_token(store: Store) -> None:
    connections = Connections(store)
    paused = replace(CONNECTION, paused=True)

    stored = await connections.put(paused, BEGINNING, kept_token=CONNECTION.access_token, keeps_pause=True)

    assert (stored.access_token, stored.authorised, stored.paused) == (CONNECTION.access_token, True, True)


async def test_pausing_makes_no_connection(store: Store) -> None:
    connections = Connections(store)
    assert not await connections.pause("900", BEGINNING)
    assert not await connections.resume("900", BEGINNING)
    assert await store.exists(keys.connection("900")) == 0


async def test_an_advertiser_knows_the_pages_it_serves(store: Store) -> None:
    """Of whatever store; a page that went elsewhere, or is disconnected, is none of them."""
    connections = Connections(store)
    for page_id in ("1", "2", "3"):
        await connections.put(replace(CONNECTION, page_id=page_id, store_id=f"store-{page_id}"), 0)
    await connections.put(replace(CONNECTION, page_id="2", advertiser_id="another"), 1)
    await connections.delete("3")
    served = await connections.of_advertiser(CONNECTION.advertiser_id)
    assert [(each.page_id, each.store_id) for each in served] == [("1", "store-1")]
    assert await connections.of_advertiser("nobody") == ()
