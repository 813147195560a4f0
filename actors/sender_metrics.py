"""What senders count, published to Redis: a sender has no HTTP of its own, so the web processes show it for them."""

import secrets
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from actors import keys, metrics
from actors.connect import store_errors
from actors.scripts import Store
from rules.times import SECOND_MS

PUBLISHED_S: Final = 5.0
"""How often a sender says what it has counted, in seconds."""

KEPT_MS: Final = 60 * SECOND_MS
"""How long what a sender said is shown after its last word."""

FAMILIES: Final = (
    metrics.CLAIMS,
    metrics.ATTEMPTS,
    metrics.SETTLED,
    metrics.POISONED,
    metrics.BUCKET_WAIT_SECONDS,
    metrics.SENDER_LAG_SECONDS,
    metrics.ACT_TO_ACCEPTANCE_SECONDS,
)


log = structlog.get_logger()


class Measured(Struct, frozen=True):
    """One sample of one sender."""

    family: str
    name: str
    labels: dict[str, str]
    value: float


class SenderMetrics:
    """Publishing and reading. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store; this process, if it publishes, gets a name of its own."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._name = secrets.token_hex(4)
        self._unreadable: set[str] = set()

    async def publish(self, now: int) -> None:
        """Say what this process has counted so far. `now` in ms, UTC."""
        with store_errors():
            pipeline = self._store.pipeline(transaction=False)
            pipeline.hset(keys.SENDERS, self._name, msgspec.json.encode((now, _measure())))
            pipeline.pexpire(keys.SENDERS, KEPT_MS)
            await pipeline.execute()

    async def published(self, now: int) -> dict[str, tuple[Measured, ...]]:
        """Return what the senders of the last minute have counted, by sender. `now` in ms, UTC.

        What cannot be read is left out: during an upgrade it may be another version's.
        """
        with store_errors():
            rows: dict[bytes, bytes] = await self._store.hgetall(keys.SENDERS)
        read = ((name.decode(errors="replace"), row) for name, row in rows.items())
        said = {name: found for name, row in read if (found := self._read(name, row)) is not None}
        silent = [name for name, (at, _) in said.items() if now - at > KEPT_MS]
        if silent:
            with store_errors():
                await self._store.hdel(keys.SENDERS, *silent)
        return {name: measured for name, (_, measured) in said.items() if name not in silent}

    def _read(self, name: str, row: bytes) -> tuple[int, tuple[Measured, ...]] | None:
        try:
            return msgspec.json.decode(row, type=tuple[int, tuple[Measured, ...]])
        except (msgspec.DecodeError, UnicodeDecodeError):
            if name not in self._unreadable:
                self._unreadable.add(name)
                log.warning("sender_metrics.unreadable", sender=name)
            return None


def _measure() -> Iterable[Measured]:
    return [
        Measured(family.name, sample.name, dict(sample.labels), sample.value)
        for collector in FAMILIES
        for family in collector.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    ]
