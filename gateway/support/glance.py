"""What needs support's eyes now: the few numbers below the search box."""

from msgspec import Struct

from gateway.parts import Parts
from gateway.running_out import SOON_MS


class Glance(Struct, frozen=True, kw_only=True):
    """`oldest_fired_at` is of the events that wait (ms, UTC)."""

    problems: int
    about_to_be_lost: int
    waiting: int
    oldest_fired_at: int | None


async def look(parts: Parts, now: int) -> Glance:
    """Look over all pages. `now` is ms, UTC. Raises StoreUnavailable."""
    depths = await parts.depths.all_pages()
    oldest = (each.oldest_fired_at for each in depths if each.oldest_fired_at is not None)
    return Glance(
        problems=len(await parts.problems.all()),
        about_to_be_lost=await parts.waiting_orders.count(now, SOON_MS),
        waiting=sum(each.waiting for each in depths),
        oldest_fired_at=min(oldest, default=None),
    )
