"""Stores for the model: a fake one whose clock jumps and steps back, and a real one whose leases are short."""

from datetime import UTC, datetime
from typing import ClassVar

import time_machine
from fakeredis import FakeAsyncRedis, FakeServer
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from actors.claims import LEASE_MS
from rules.times import HOUR_MS, MINUTE_MS, SECOND_MS
from tests.stores import Store

BEGINNING = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FakeStore:
    """An empty fake Redis, and all clocks in our hand."""

    lease_ms = LEASE_MS
    steps_ms: ClassVar[tuple[int, ...]] = (1, SECOND_MS, LEASE_MS, LEASE_MS + 1, 10 * MINUTE_MS, 2 * HOUR_MS)
    can_step_back = True

    def __init__(self) -> None:
        self.redis: Store = FakeAsyncRedis(server=FakeServer())
        self._travel = time_machine.travel(BEGINNING, tick=False)
        self._clock = self._travel.start()

    def pass_time(self, milliseconds: int) -> None:
        """Let the time go on, or back."""
        self._clock.shift(milliseconds / SECOND_MS)

    def close(self) -> None:
        """Give the clocks back."""
        self._travel.stop()


class RealStore:
    """A real Redis, emptied. Its clock cannot be moved, so leases are so short that they can be waited for."""

    url: ClassVar[str] = ""
    lease_ms = 40
    steps_ms: ClassVar[tuple[int, ...]] = (1, 41)
    can_step_back = False

    def __init__(self) -> None:
        with BlockingRedis.from_url(self.url) as client:
            client.flushall()
        self.redis: Store = Redis.from_url(self.url)

    def pass_time(self, milliseconds: int) -> None:
        """Wait until Redis's clock shows it."""
        with BlockingRedis.from_url(self.url) as client:
            until = _milliseconds(client) + milliseconds
            while _milliseconds(client) < until:
                pass

    def close(self) -> None:
        """Nothing is left to do."""


def _milliseconds(client: BlockingRedis) -> int:
    seconds, microseconds = client.time()
    return int(seconds * SECOND_MS + microseconds // 1_000)
