"""The audit streams: newest first, refusals apart, bounded in time."""

from typing import Any

from redis.asyncio import Redis

from actors import keys
from actors.audit import KEPT_MS, Audit, AuditEntry
from rules.times import DAY_MS


async def test_it_gives_back_what_was_written_newest_first_and_refusals_apart(store: Redis) -> None:
    audit = Audit(store)
    seen = AuditEntry(at=1, who="linh", action="page", page_id="900", psid="7101", event_id="e", why="w", detail="d")
    changed = AuditEntry(at=2, who="linh", action="resend", page_id="900")
    refused = AuditEntry(at=3, who="nobody", action="GET /support", allowed=False)
    for entry in (seen, changed, refused):
        await audit.write(entry)
    assert await audit.newest(10) == (changed, seen)
    assert await audit.newest(1) == (changed,)
    assert await audit.refused(10) == (refused,)


async def test_it_is_kept_for_a_year_after_the_last_entry(store: Redis) -> None:
    await Audit(store).write(AuditEntry(at=1, who="linh", action="home"))
    left: Any = await store.pttl(keys.AUDIT)
    assert KEPT_MS - DAY_MS < left <= KEPT_MS
