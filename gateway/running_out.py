"""Orders that run out: whose click does so within a day, and that still wait to be confirmed or shipped."""

from collections.abc import Collection
from itertools import groupby
from typing import Final

from msgspec import Struct

from actors.connection import Connection
from actors.waiting_orders import WaitingOrder
from gateway.parts import Parts
from rules.catalogue import ReasonCode
from rules.facts import ConversationId
from rules.standing import Standing, standings
from rules.state import Conversation
from rules.times import DAY_MS

SOON_MS: Final = DAY_MS
"""An order whose click runs out within this time (ms) is about to be lost."""

LOOKED_AT: Final = 200
"""So many orders are compared with their conversations at a time, those that run out first."""

_WAITS_FOR: Final[frozenset[ReasonCode]] = frozenset({"awaiting_confirmation", "awaiting_shipment"})


class OrderRunningOut(Struct, frozen=True, kw_only=True):
    """An order, what it waits for, and until when that counts (ms, UTC). `order_number` is empty where it has none."""

    page_id: str
    psid: str
    order_id: str
    order_number: str
    waits_for: ReasonCode
    until: int


class RunningOut(Struct, frozen=True):
    """Orders, those that run out first; `more`: there were others, which were not looked at."""

    orders: tuple[OrderRunningOut, ...]
    more: bool

    @property
    def by_page(self) -> dict[str, tuple[OrderRunningOut, ...]]:
        """The same, page by page: the page whose order runs out first comes first."""
        places = {page_id: place for place, page_id in enumerate(dict.fromkeys(each.page_id for each in self.orders))}
        in_order = sorted(self.orders, key=lambda each: places[each.page_id])
        return {page_id: tuple(some) for page_id, some in groupby(in_order, key=lambda each: each.page_id)}


async def running_out(parts: Parts, now: int, page_ids: Collection[str] | None = None) -> RunningOut:
    """Find the orders of all pages, or of these, as their conversations stand at `now` (ms, UTC).

    Raises StoreUnavailable.
    """
    waiting = await parts.waiting_orders.within(now, SOON_MS)
    if page_ids is not None:
        waiting = tuple(each for each in waiting if each.page_id in page_ids)
    looked_at = waiting[:LOOKED_AT]
    connections = await parts.connections.read_all(sorted({each.page_id for each in looked_at}))
    states = await parts.views.conversations(sorted({_conversation(each) for each in looked_at}))
    orders = (_look(each, states.get(_conversation(each)), connections.get(each.page_id), now) for each in looked_at)
    return RunningOut(tuple(each for each in orders if each is not None), len(waiting) > LOOKED_AT)


def _look(
    waiting: WaitingOrder, state: Conversation | None, connection: Connection | None, now: int
) -> OrderRunningOut | None:
    if state is None or connection is None:
        return None
    found = standings(_conversation(waiting), state, connection.terms, now)
    standing = next((each for each in found if _is_of(each, waiting)), None)
    if standing is None or standing.until is None or standing.answer.reason not in _WAITS_FOR:
        return None
    return OrderRunningOut(
        page_id=waiting.page_id,
        psid=waiting.psid,
        order_id=waiting.order_id,
        order_number=next(each.order_number for each in state.orders if each.order_id == waiting.order_id),
        waits_for=standing.answer.reason,
        until=standing.until,
    )


def _is_of(standing: Standing, waiting: WaitingOrder) -> bool:
    return standing.event == "CompletePayment" and standing.order_id == waiting.order_id


def _conversation(waiting: WaitingOrder) -> ConversationId:
    return ConversationId(waiting.page_id, waiting.psid)
