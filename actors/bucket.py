"""Token buckets in Redis, on Redis's time, shared by all senders: one for the app, one for each advertiser."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil
from typing import Any, TypeAlias

from msgspec import Struct

from actors import keys, metrics
from actors.connect import store_errors
from actors.lane import Lane, Lanes
from actors.scripts import Script, Store
from actors.together import Together
from rules.delivery import AnswerClass, slow_down
from rules.times import SECOND_MS

LONGEST_WAIT_MS = 1_000
"""A sender waits this long for a token at most; beyond that its events wait in the outbox."""

QUEUE_S = 0.5
"""How far ahead (s) a sender lets its claims queue for tokens of the app: a fresh event is claimed behind them."""

PROBE_S = 5.0
"""How long a sender that the app's bucket refused leaves the outbox alone, at most."""

TAKEN_AT_ONCE = 100
"""Most tokens of one bucket in one call."""

THROTTLED_ROUNDS = 10
"""After so many throttled rounds one after another the wait grows no more."""


Sleep: TypeAlias = Callable[[float], Coroutine[Any, Any, None]]


class Rate(Struct, frozen=True):
    """Tokens a second, and how many may be taken at once after a pause. One token is one request."""

    per_second: float
    burst: int


class Grant(Struct, frozen=True):
    """The answer to a taker: granted, and to be used after `wait_ms`; or refused, and no sooner to be had than that.

    `throttled` counts the rounds in which TikTok has throttled this bucket without an acceptance since.
    """

    granted: bool
    wait_ms: int
    throttled: int


class Bucket:
    """Buckets of one rate, by key. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store, rate: Rate) -> None:
        """Bind to a store."""
        self._store = store
        self.rate = rate
        self._take = Script(store, "take", Together(store))
        self._slow = Script(store, "slow")
        self._lanes: Lanes[str, int, Grant] = Lanes(lambda key: Lane(partial(self._take_for, key), TAKEN_AT_ONCE))

    async def take(self, key: str, longest_wait_ms: int = LONGEST_WAIT_MS) -> Grant:
        """Reserve a token if it can be used within `longest_wait_ms`; a refusal reserves nothing."""
        return await self._lanes.ask(key, longest_wait_ms)

    async def slow(self, key: str, waits_ms: list[int]) -> int:
        """Shut the bucket: at the n-th throttled round for the n-th wait. Return for how long (ms) it is shut."""
        shut_ms: int = await self._slow([key], [*self._limits(), *waits_ms])
        return shut_ms

    async def recover(self, key: str) -> None:
        """Forget the throttled rounds, because TikTok has accepted something."""
        with store_errors():
            await self._store.hdel(key, "rounds")

    async def _take_for(self, key: str, waits_ms: list[int]) -> list[Grant]:
        found = await self._take([key], [*self._limits(), *waits_ms])
        return [Grant(granted == 1, wait_ms, throttled) for granted, wait_ms, throttled in found]

    def _limits(self) -> tuple[str, int]:
        return str(self.rate.per_second), self.rate.burst


class Permit(Struct, frozen=True):
    """Leave to send one request, with how long that took (ms), or word when to ask again (ms).

    `throttled` is what `heed` has to know.
    """

    granted: bool
    wait_ms: int = 0
    throttled: tuple[str, ...] = ()


class Limiter:
    """Who may send when: the advertiser's bucket first, so that a slow advertiser takes nothing from the others."""

    def __init__(
        self,
        store: Store,
        app: Rate,
        advertiser: Rate,
        *,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Bind to a store."""
        self._sleep = sleep
        self._app = Bucket(store, app)
        self._advertiser = Bucket(store, advertiser)
        self._ticks = ticks
        self._free_at = 0.0
        self._expected: set[str] = set()

    @property
    def room(self) -> int:
        """For how many more requests it is worth claiming events now, as far as this process knows the bucket."""
        queue_s = max(0.0, self._free_at - self._ticks())
        return max(0, ceil((QUEUE_S - queue_s) * self._app.rate.per_second) - len(self._expected))

    @contextmanager
    def expecting(self, lease: str) -> Iterator[None]:
        """Keep room for what a claim will ask for while the block runs, or until it has been answered."""
        self._expected.add(lease)
        try:
            yield
        finally:
            self._expected.discard(lease)

    async def permit(self, advertiser_id: str, lease: str) -> Permit:
        """Take a token of the advertiser and one of the app for one request of a claim, and wait until they hold."""
        key = keys.advertiser_bucket(advertiser_id)
        own = await self._advertiser.take(key)
        if not own.granted:
            return Permit(granted=False, wait_ms=own.wait_ms)
        shared = await self._app.take(keys.BUCKET)
        self._free_at = self._ticks() + min(shared.wait_ms / SECOND_MS, PROBE_S)
        self._expected.discard(lease)
        if not shared.granted:
            return Permit(granted=False, wait_ms=shared.wait_ms)
        wait_ms = max(own.wait_ms, shared.wait_ms)
        metrics.BUCKET_WAIT_SECONDS.observe(wait_ms / SECOND_MS)
        await self._sleep(wait_ms / SECOND_MS)
        throttled = ((key, own.throttled), (keys.BUCKET, shared.throttled))
        return Permit(granted=True, wait_ms=wait_ms, throttled=tuple(name for name, rounds in throttled if rounds))

    async def heed(self, answer: AnswerClass, advertiser_id: str, permit: Permit, now: int) -> None:
        """Slow down all senders after a throttling answer, and forget earlier ones after an acceptance."""
        if answer == "throttled":
            await self._app.slow(keys.BUCKET, _waits(answer, now))
        elif answer == "advertiser_throttled":
            await self._advertiser.slow(keys.advertiser_bucket(advertiser_id), _waits(answer, now))
        elif answer in {"accepted", "accepted_partially"}:
            for key in permit.throttled:
                await (self._app if key == keys.BUCKET else self._advertiser).recover(key)


def _waits(answer: AnswerClass, now: int) -> list[int]:
    return [slow_down(answer, consecutive, now) for consecutive in range(1, THROTTLED_ROUNDS + 1)]
