"""The audit streams: what support saw and did, and (apart, so that a flood cannot push out the others) who was refused.

What somebody typed is never written, only what was found: it may be a customer's phone number.
"""

from typing import Any

import msgspec
from msgspec import Struct

from actors import codec, keys
from actors.connect import store_errors
from actors.scripts import Store
from rules.times import DAY_MS

MOST_ENTRIES = 100_000
"""Entries of one stream, about; the oldest leave."""

KEPT_MS = 365 * DAY_MS
"""A stream is kept so long after its last entry, in milliseconds."""


class AuditEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did what (or was refused it), to what, and why. `at` is ms, UTC."""

    at: int
    who: str
    action: str
    allowed: bool = True
    page_id: str = ""
    psid: str = ""
    event_id: str = ""
    why: str = ""
    detail: str = ""


class Audit:
    """The streams. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store

    async def write(self, entry: AuditEntry) -> None:
        """Write an entry; what it tells of may happen only after that."""
        key = keys.AUDIT if entry.allowed else keys.AUDIT_REFUSED
        with store_errors():
            # An entry whose reply is lost stands there twice: better than not at all.
            pipeline = self._store.pipeline(transaction=False)
            pipeline.xadd(key, {"entry": codec.encode(entry)}, maxlen=MOST_ENTRIES)
            pipeline.pexpire(key, KEPT_MS)
            await pipeline.execute()

    async def newest(self, limit: int) -> tuple[AuditEntry, ...]:
        """Return what support saw and did, newest first."""
        return await self._newest(keys.AUDIT, limit)

    async def refused(self, limit: int) -> tuple[AuditEntry, ...]:
        """Return who was refused, newest first."""
        return await self._newest(keys.AUDIT_REFUSED, limit)

    async def _newest(self, key: str, limit: int) -> tuple[AuditEntry, ...]:
        with store_errors():
            found: list[tuple[bytes, dict[bytes, bytes]]] = await self._store.xrevrange(key, count=limit)
        return tuple(msgspec.json.decode(fields[b"entry"], type=AuditEntry) for _, fields in found)
