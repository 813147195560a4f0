"""Buckets: all senders together keep to one rate, and one throttling answer slows them all."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import time_machine
from fakeredis import FakeAsyncRedis, FakeServer

from actors import keys
from actors.bucket import Bucket, Grant, Limiter, Rate
from actors.scripts import Argument, Script
from rules.times import DAY_MS
from tests.actors.delivering import FAST
from tests.stores import Store

KEY = keys.BUCKET
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WAITS = [1_000, 300_000, 3_600_000]


@pytest.fixture
def fake() -> Store:
    """Give a Redis whose clock `time_machine` moves."""
    return FakeAsyncRedis(server=FakeServer())


async def test_after_the_burst_tokens_come_at_the_rate(fake: Store) -> None:
    bucket = Bucket(fake, Rate(10, 3))
    with time_machine.travel(NOON, tick=False) as clock:
        taken = [await bucket.take(KEY) for _ in range(6)]
        assert taken == [Grant(granted=True, wait_ms=wait, throttled=0) for wait in (0, 0, 0, 100, 200, 300)]
        clock.shift(0.3)
        assert (await bucket.take(KEY)).wait_ms == 100
        clock.shift(60)
        assert [(await bucket.take(KEY)).wait_ms for _ in range(4)] == [0, 0, 0, 100]


async def test_a_refusal_reserves_nothing(fake: Store) -> None:
    bucket = Bucket(fake, Rate(1, 1))
    with time_machine.travel(NOON, tick=False):
        await bucket.take(KEY)
        assert [await bucket.take(KEY, 500) for _ in range(3)] == [Grant(granted=False, wait_ms=1_000, throttled=0)] * 3
        assert await bucket.take(KEY, 1_000) == Grant(granted=True, wait_ms=1_000, throttled=0)


async def test_who_asks_at_once_gets_what_one_after_another_would_have_got(fake: Store) -> None:
    bucket, takers = Bucket(fake, Rate(10, 3)), range(12)
    with time_machine.travel(NOON, tick=False) as clock:
        for pause_s, shut_ms in ((0, 0), (0.3, 0), (60, 150)):
            clock.shift(pause_s)
            for key in ("apart", "at once") if shut_ms else ():
                await bucket.slow(key, [shut_ms])
            apart = [await bucket.take("apart", 500) for _ in takers]
            assert await asyncio.gather(*(bucket.take("at once", 500) for _ in takers)) == apart
            assert {grant.granted for grant in apart} == {True, False}
            assert await fake.hgetall("at once") == await fake.hgetall("apart")


async def test_who_asks_at_once_is_served_by_one_call(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    run = Script.__call__

    async def counted(script: Script, touched: Sequence[str], args: Sequence[Argument]) -> object:
        nonlocal calls
        calls += 1
        return await run(script, touched, args)

    monkeypatch.setattr(Script, "__call__", counted)
    bucket = Bucket(store, FAST)
    await asyncio.gather(*(bucket.take(KEY) for _ in range(50)), bucket.take("another"))
    assert calls == 2


async def test_two_senders_share_one_rate(store: Store) -> None:
    """However many ask at once: the burst goes at once, and then one after another in steps of the rate."""
    senders = [Bucket(store, Rate(10, 20)), Bucket(store, Rate(10, 20))]
    before = time.monotonic()
    grants = await asyncio.gather(*(senders[number % 2].take(KEY, 10_000) for number in range(100)))
    took_ms = (time.monotonic() - before) * 1_000
    waits = sorted(grant.wait_ms for grant in grants)
    assert waits[:20] == [0] * 20
    # The 100th token exists 8 s after the first was asked for, whoever asks.
    assert 8_000 - took_ms - 2 <= waits[-1] <= 8_000


async def test_a_stored_time_that_no_rate_can_have_led_to_is_not_believed(store: Store) -> None:
    """A failover to a server whose clock is behind, or another limit, must not stop all sending."""
    await store.hset(KEY, mapping={"full_at_us": "9" * 16, "shut_until_us": "9" * 16})
    bucket = Bucket(store, Rate(10, 5))
    assert await bucket.take(KEY) == Grant(granted=True, wait_ms=0, throttled=0)
    assert 0 <= (await bucket.take(KEY)).wait_ms <= 100


async def test_a_bucket_of_a_wrong_type_is_made_anew(store: Store) -> None:
    await store.set(KEY, "1790000000000000")
    assert (await Bucket(store, Rate(10, 5)).take(KEY)).granted
    await store.set(KEY, "1790000000000000")
    assert await Bucket(store, Rate(10, 5)).slow(KEY, WAITS) == 1_000


async def test_throttling_slows_every_sender_and_longer_each_round(fake: Store) -> None:
    ours, theirs = Bucket(fake, Rate(10, 5)), Bucket(fake, Rate(10, 5))
    with time_machine.travel(NOON, tick=False) as clock:
        assert await ours.slow(KEY, WAITS) == 1_000
        assert await theirs.slow(KEY, WAITS) == 1_000, "an answer to a request under way is the same round"
        assert await theirs.take(KEY, 500) == Grant(granted=False, wait_ms=1_000, throttled=1)
        clock.shift(1)
        assert [(await theirs.take(KEY)).wait_ms for _ in range(3)] == [0, 100, 200], "it opens without a burst"
        assert await theirs.slow(KEY, WAITS) == 300_000
        clock.shift(300)
        assert await ours.slow(KEY, WAITS) == 3_600_000
        clock.shift(3_600)
        assert await ours.slow(KEY, WAITS) == 3_600_000, "beyond the last round the wait stays"


async def test_an_acceptance_forgets_the_throttled_rounds(fake: Store) -> None:
    bucket = Bucket(fake, Rate(10, 5))
    with time_machine.travel(NOON, tick=False) as clock:
        await bucket.slow(KEY, WAITS)
        clock.shift(1)
        assert (await bucket.take(KEY)).throttled == 1
        await bucket.recover(KEY)
        assert (await bucket.take(KEY)).throttled == 0
        assert await bucket.slow(KEY, WAITS) == 1_000


async def test_a_bucket_that_is_shut_until_midnight_lives_until_then(fake: Store) -> None:
    with time_machine.travel(NOON, tick=False):
        await Bucket(fake, Rate(10, 5)).slow(KEY, [DAY_MS // 2])
        assert await fake.pttl(KEY) > DAY_MS // 2
        assert (await Bucket(fake, Rate(10, 5)).take(KEY)).wait_ms == DAY_MS // 2


async def test_a_slow_advertiser_takes_nothing_from_the_others(store: Store) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    limiter = Limiter(store, Rate(1, 2), Rate(0.5, 1), sleep=sleep)
    assert (await limiter.permit("a", "lease")).granted
    assert not (await limiter.permit("a", "lease")).granted
    assert (await limiter.permit("b", "lease")).granted
    assert (await limiter.permit("c", "lease")).granted, "the refusal has cost the app nothing"
    assert waited == [0, 0, pytest.approx(1, abs=0.5)]


@time_machine.travel(NOON, tick=False)
async def test_room_is_for_what_gets_its_token_within_half_a_second(fake: Store) -> None:
    async def sleep(_: float) -> None:
        pass

    now = 0.0
    limiter = Limiter(fake, Rate(10, 1), FAST, ticks=lambda: now, sleep=sleep)
    assert limiter.room == 5
    for waited_ms, room in ((0, 5), (100, 4), (200, 3), (300, 2)):
        assert (await limiter.permit("a", "lease")).wait_ms == pytest.approx(waited_ms, abs=50)
        assert limiter.room == pytest.approx(room, abs=1)
    await asyncio.gather(*(limiter.permit("a", "lease") for _ in range(4)))
    assert limiter.room == 0
    now = 0.6
    assert limiter.room > 0


async def test_room_is_kept_for_claims_that_have_not_asked_yet(store: Store) -> None:
    """Rounds follow each other faster than turns come to ask: each would claim for the same room again."""
    limiter = Limiter(store, Rate(10, 5), FAST)
    with limiter.expecting("first"), limiter.expecting("second"):
        assert limiter.room == 3
        assert (await limiter.permit("a", "first")).granted
        assert limiter.room == 4
        with limiter.expecting("third"):
            assert limiter.room == 3
    assert limiter.room == 5


async def test_throttling_answers_shut_the_bucket_they_speak_of(fake: Store) -> None:
    async def sleep(_: float) -> None:
        pass

    limiter = Limiter(fake, FAST, FAST, sleep=sleep)
    with time_machine.travel(NOON, tick=False) as clock:
        now = int(NOON.timestamp() * 1000)
        permit = await limiter.permit("a", "lease")
        await limiter.heed("advertiser_throttled", "a", permit, now)
        assert (await limiter.permit("b", "lease")).granted
        clock.shift(1)
        permit = await limiter.permit("a", "lease")
        assert permit.throttled == (keys.advertiser_bucket("a"),)
        await limiter.heed("advertiser_throttled", "a", permit, now)
        assert (await limiter.permit("a", "lease")).wait_ms == 2_000
        clock.shift(2)
        permit = await limiter.permit("a", "lease")
        await limiter.heed("accepted", "a", permit, now)
        assert (await limiter.permit("a", "lease")).throttled == ()

        await limiter.heed("throttled", "a", permit, now)
        clock.shift(1)
        await limiter.heed("throttled", "a", permit, now)
        assert (await limiter.permit("b", "lease")).wait_ms == 300_000
        assert limiter.room == 0
        clock.shift(300)
        await limiter.heed("throttled", "a", permit, now)
        assert (await limiter.permit("b", "lease")).wait_ms == DAY_MS // 2, "until 00:00 UTC"
