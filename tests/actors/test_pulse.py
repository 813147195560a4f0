"""What processes do by the minute is counted in memory, written to Redis, and read back as charts need it."""

import asyncio
import time
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from actors import keys, pulse
from actors.bucket import Limiter, Rate
from actors.claims import Claims
from actors.committer import Committer
from actors.conversations import Conversations
from actors.delivery_turn import DeliveryTurn
from actors.pulse import BUCKET_WAIT_MS, CONFLICTS, FIRED, IN, LAGS, MOST_COUNTS, POSTPONED, SENT, Pulse, written
from actors.pulse_reader import PulseReader, interpolated
from actors.store_clock import StoreClock
from rules.clicks import Policy
from rules.times import HOUR_MS, MINUTE_MS, SECOND_MS, utc
from tests.actors import delivering
from tests.actors.conversing import addressed, connected
from tests.actors.delivering import BROKEN, FAST, OK, TikTok, fired, lease_ends, now_ms, tools
from tests.redis_server import redis_server
from tests.rules.stories import BEGINNING, click, says
from tests.stores import Store
from tests.waiting import eventually

NOW = 1_790_000_000_000 // HOUR_MS * HOUR_MS + 14 * MINUTE_MS + 5 * SECOND_MS


async def test_redis_holds_counts_that_a_person_can_read(store: Store) -> None:
    counted = Pulse()
    counted.count("900", NOW, IN, 3)
    counted.accepted("900", NOW, 1_500)
    counted.hear("900", "messages", NOW)
    await counted.write(store)

    hour = keys.hour(NOW)
    expected = {b"14 in": b"3", b"14 sent": b"1", b"14 lag:2": b"1"}
    assert await store.hgetall(keys.pulse("900", hour)) == expected
    assert await store.hgetall(f"pulse:all:{hour}") == expected
    last = {b"messages": str(NOW).encode(), b"messages_utc": utc(NOW).encode()}
    assert await store.hgetall(keys.pulse_last("900")) == last
    assert await store.pttl(keys.pulse("900", hour)) > 25 * HOUR_MS


async def test_what_was_written_is_not_written_again_and_processes_add_up(store: Store) -> None:
    here, there = Pulse(), Pulse()
    for each in (here, there):
        each.count("900", NOW, FIRED)
        each.count("901", NOW, FIRED)
        await each.write(store)
        await each.write(store)

    reader = PulseReader(store)
    assert (await reader.of_page("900", "hour", NOW)).total(FIRED) == 2
    assert (await reader.of_all("hour", NOW)).total(FIRED) == 4


async def test_an_hour_goes_by_minutes_and_a_day_by_quarters_of_an_hour(store: Store) -> None:
    counted = Pulse()
    for ago in (0, 59, 60, 14 + 95 * 15, 15 + 95 * 15):
        counted.count("900", NOW - ago * MINUTE_MS, IN)
    await counted.write(store)

    hour = await PulseReader(store).of_page("900", "hour", NOW)
    day = await PulseReader(store).of_page("900", "day", NOW)

    assert (len(hour.starts), hour.starts[-1]) == (60, NOW - 5 * SECOND_MS)
    assert (hour.of(IN)[0], hour.of(IN)[-1], hour.total(IN)) == (1, 1, 2)
    assert (len(day.starts), day.starts[-1]) == (96, NOW - 5 * SECOND_MS - 14 * MINUTE_MS)
    assert (day.of(IN)[0], day.of(IN)[-1], day.total(IN)) == (1, 1, 4)
    assert hour.of(FIRED) == (0,) * 60


async def test_the_last_webhook_of_all_pages_is_the_newest_of_any(store: Store) -> None:
    counted = Pulse()
    counted.hear("900", "messages", NOW)
    counted.hear("901", "messages", NOW - 1)
    counted.hear("901", "orders", NOW - 2)
    await counted.write(store)

    assert await PulseReader(store).last_of_all() == {"messages": NOW, "orders": NOW - 2}
    assert await PulseReader(store).last_of_page("901") == {"messages": NOW - 1, "orders": NOW - 2}


@pytest.mark.parametrize(
    ("seconds", "quantile", "expected"),
    [
        ([], 0.5, None),
        ([0.7] * 4, 0.5, 0.75),
        ([0.2] * 50 + [4.0] * 50, 0.5, 0.5),
        ([0.2] * 90 + [4.0] * 10, 0.95, 4.0),
        ([1e9], 0.99, 604_800),
    ],
)
def test_quantiles_lie_within_the_bounds_of_what_was_counted(
    seconds: list[float], quantile: float, expected: float | None
) -> None:
    counted = Pulse()
    for each in seconds:
        counted.accepted("900", NOW, int(each * SECOND_MS))
    counts = dict.fromkeys(LAGS, 0)
    for each in seconds:
        counts[next((what for what in LAGS[:-1] if each <= float(what[4:])), LAGS[-1])] += 1

    assert interpolated(list(counts.values()), quantile) == expected


async def test_each_step_of_a_chart_has_its_quantile(store: Store) -> None:
    counted = Pulse()
    counted.accepted("900", NOW, 100)
    counted.accepted("900", NOW - MINUTE_MS, 4_000)
    await counted.write(store)

    beats = await PulseReader(store).of_page("900", "hour", NOW)

    assert beats.lags(1.0)[-3:] == (None, 5.0, 0.5)
    assert beats.lag(1.0) == 5.0


async def test_without_redis_counts_are_kept_up_to_a_limit_and_written_later(tmp_path: Path) -> None:
    counted = Pulse()
    with redis_server(tmp_path) as url:
        retry = Retry(NoBackoff(), 0)
        async with Redis.from_url("redis://127.0.0.1:9", retry=retry) as gone:
            for page in range(MOST_COUNTS + 5):
                counted.count(str(page), NOW, IN)
            counted.hear("900", "messages", NOW)
            await counted.write(gone)
            await counted.write(gone)
        async with Redis.from_url(url) as there:
            await counted.write(there)
            assert (await PulseReader(there).of_all("hour", NOW)).total(IN) == MOST_COUNTS + 5
            assert await PulseReader(there).last_of_all() == {"messages": NOW}
            # One of the counts is that of all pages together, and one place is taken by what was heard.
            assert await there.dbsize() == 2 + MOST_COUNTS - 2


async def test_what_one_node_has_taken_is_not_counted_again_because_another_is_away(real_redis_url: str) -> None:
    """In a cluster each partition may fail alone; here Redis itself refuses the keys of one."""
    counted, mine, others = Pulse(), keys.pulse("900", keys.hour(NOW)), keys.pulse("901", keys.hour(NOW))
    async with Redis.from_url(real_redis_url) as everything:
        await everything.acl_setuser(
            "half",
            enabled=True,
            nopass=True,
            reset=True,
            categories=["+@all"],
            keys=[mine, f"pulse:all:{keys.hour(NOW)}"],
        )
        async with Redis.from_url(real_redis_url, username="half", password="any") as half:
            counted.count("900", NOW, IN)
            counted.count("901", NOW, IN)
            for _ in range(3):
                await counted.write(half)
            assert await everything.hgetall(mine) == {b"14 in": b"1"}
            assert not await everything.exists(others)
            counted.count("901", NOW, IN)
        await counted.write(everything)
        await everything.acl_deluser("half")

        assert await everything.hgetall(mine) == {b"14 in": b"1"}
        assert await everything.hgetall(others) == {b"14 in": b"2"}
        assert (await PulseReader(everything).of_all("hour", NOW)).total(IN) == 3


async def test_one_damaged_key_spoils_no_other(store: Store) -> None:
    await store.set(keys.pulse("900", keys.hour(NOW)), "damaged", px=MINUTE_MS)
    counted = Pulse()
    counted.count("900", NOW, IN)
    counted.count("901", NOW, IN)
    await counted.write(store)
    await counted.write(store)

    assert (await PulseReader(store).of_page("901", "hour", NOW)).total(IN) == 1
    assert (await PulseReader(store).of_page("900", "hour", NOW)).total(IN) == 0


async def test_one_damaged_number_spoils_no_other(store: Store) -> None:
    counted = Pulse()
    counted.count("900", NOW, IN)
    counted.hear("900", "messages", NOW)
    await counted.write(store)
    await store.hset(keys.pulse("900", keys.hour(NOW)), mapping={"x in": "1", f"59 {FIRED}": "many"})
    await store.hset(keys.PULSE_LAST_OF_ALL, "orders", "yesterday")

    assert (await PulseReader(store).of_page("900", "hour", NOW)).total(IN) == 1
    assert await PulseReader(store).last_of_all() == {"messages": NOW}


async def test_the_last_counts_are_written_when_the_process_ends(store: Store) -> None:
    counted = Pulse()
    async with written(counted, store):
        counted.count("900", NOW, IN)

    assert (await PulseReader(store).of_page("900", "hour", NOW)).total(IN) == 1


async def test_a_redis_that_hangs_does_not_hold_up_the_end(
    real_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "LAST_WRITE_S", 0.05)
    counted = Pulse()
    async with Redis.from_url(real_redis_url) as store:
        counted.count("900", NOW, IN)
        await store.client_pause(20_000, all=False)
        try:
            async with asyncio.timeout(10), written(counted, store):
                pass
        finally:
            await store.client_unpause()


async def test_counts_are_written_while_the_process_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "WRITTEN_S", 0.01)
    counted = Pulse()
    counted.count("900", NOW, IN)

    async def is_written() -> bool:
        return (await PulseReader(store).of_page("900", "hour", NOW)).total(IN) == 1

    async with written(counted, store):
        await eventually(is_written)


async def test_what_can_never_be_written_ends_no_writing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "WRITTEN_S", 0.01)
    counted, year_10_000_and_more = Pulse(), 10**18

    async def is_written() -> bool:
        counted.count("900", NOW, IN)
        return (await PulseReader(store).of_page("900", "hour", NOW)).total(IN) > 0

    with structlog.testing.capture_logs() as logs:
        async with written(counted, store):
            counted.count("901", year_10_000_and_more, IN)
            await eventually(lambda: logs)
            await eventually(is_written)
    assert [(line["event"], line["log_level"]) for line in logs] == [("pulse.not_written", "error")]


async def test_counts_are_bounded_although_nothing_is_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted already goes on being counted."""
    monkeypatch.setattr(pulse, "MOST_UNWRITTEN", 2)
    counted = Pulse()
    for page_id in ("900", "901", "902", "900"):
        counted.count(page_id, NOW, IN)
        counted.hear(page_id, page_id, NOW)
    await counted.write(store)
    assert (await PulseReader(store).of_all("hour", NOW)).total(IN) == 3
    assert await PulseReader(store).last_of_all() == {"900": NOW, "901": NOW}


async def test_conversations_count_facts_fired_events_and_conflicts(store: Store) -> None:
    counted, connections = Pulse(), await connected(store)
    here = Conversations(Committer(store), connections, Policy(), pulse=counted)
    there = Conversations(Committer(store), connections, Policy())
    repeated = says(2)
    await here.tell(addressed(click(0), says(1)))
    await there.tell(addressed(says(1.5)))
    await here.tell(addressed(repeated))
    await here.tell(addressed(repeated))
    await counted.write(store)

    beats = await PulseReader(store).of_page("900", "hour", BEGINNING)
    assert {what: beats.total(what) for what in (IN, FIRED, CONFLICTS)} == {IN: 4, FIRED: 1, CONFLICTS: 1}


async def turn(store: Store, counted: Pulse, tiktok: TikTok, limiter: Limiter) -> None:
    """Let a sender that counts take a turn with page 900."""
    clock = StoreClock(store, time.time)
    await clock.refresh()
    claims = Claims(store, clock, pulse=counted)
    with_them = replace(tools(store, tiktok, limiter), claims=claims, clock=clock, pulse=counted)
    await DeliveryTurn(with_them, await claims.claim("900"), lambda: False).run()


async def test_a_sender_counts_attempts_waits_and_acceptances(store: Store) -> None:
    counted, limiter = Pulse(), Limiter(store, FAST, Rate(per_second=2, burst=1))
    await delivering.connected(store)
    event_ids = await fired(store, 3, event_ago_ms=45 * SECOND_MS)
    await turn(store, counted, TikTok(BROKEN), limiter)
    await lease_ends(store, *event_ids)
    await turn(store, counted, TikTok(OK), limiter)
    await counted.write(store)

    beats = await PulseReader(store).of_page("900", "hour", now_ms())
    assert {answer: sum(numbers) for answer, numbers in beats.attempts.items()} == {"transient": 1, "accepted": 1}
    assert (beats.total(SENT), beats.total("lag:60"), beats.total(POSTPONED)) == (3, 3, 0)
    assert 0 < beats.total(BUCKET_WAIT_MS) <= SECOND_MS


async def test_events_that_a_shut_bucket_sends_back_are_counted(store: Store) -> None:
    counted, limiter = Pulse(), Limiter(store, FAST, Rate(per_second=0.001, burst=1))
    await delivering.connected(store)
    event_ids = await fired(store, 3)
    await turn(store, counted, TikTok(BROKEN), limiter)
    await lease_ends(store, *event_ids)
    await turn(store, counted, TikTok(OK), limiter)
    await counted.write(store)

    beats = await PulseReader(store).of_page("900", "hour", now_ms())
    assert (beats.total(POSTPONED), beats.total(SENT)) == (3, 0)
