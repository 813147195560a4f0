"""Orders that are about to be lost: bound to a click that runs out, and their `CompletePayment` has not fired."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from actors import keys
from actors.asking import ask_all
from actors.scripts import Store

MOST_OF_A_PARTITION = 1_000
"""Orders of one partition that are listed, those that run out first."""


class WaitingOrder(Struct, frozen=True):
    """An order that can still fire, and until when (ms, UTC)."""

    page_id: str
    psid: str
    order_id: str
    until: int


class WaitingOrders:
    """Reads over all pages' waiting orders. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        self._store = store

    async def within(self, now: int, ms: int) -> tuple[WaitingOrder, ...]:
        """Return the orders whose click runs out in `ms` milliseconds from `now` (ms, UTC), soonest first."""

        def ask(pipeline: Any, number: int) -> None:  # noqa: ANN401  redis-py has no one type for its pipelines
            pipeline.zrangebyscore(
                keys.waiting_orders(number), now, now + ms, start=0, num=MOST_OF_A_PARTITION, withscores=True
            )

        replies = await ask_all(self._store, ask)
        found = (order for entries in replies for order in _read(entries or ()))
        return tuple(sorted(found, key=lambda order: order.until))

    async def count(self, now: int, ms: int) -> int:
        """Return how many there are."""

        def ask(pipeline: Any, number: int) -> None:  # noqa: ANN401  redis-py has no one type for its pipelines
            pipeline.zcount(keys.waiting_orders(number), now, now + ms)

        return sum(number or 0 for number in await ask_all(self._store, ask))


def _read(entries: Iterable[tuple[bytes, float]]) -> Iterable[WaitingOrder]:
    for text, until in entries:
        try:
            page_id, psid, order_id = msgspec.json.decode(text, type=tuple[str, str, str])
        except msgspec.DecodeError:
            continue
        yield WaitingOrder(page_id, psid, order_id, int(until))
