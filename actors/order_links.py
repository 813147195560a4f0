"""Which conversation an order belongs to, learned from any push of it that says so."""

from collections.abc import Iterable, Iterator

import msgspec
import structlog
from msgspec import Struct

from actors import codec, keys
from actors.connect import store_errors
from actors.scripts import Script, Store
from actors.together import Together
from rules.facts import ConversationId, OrderSeen
from rules.state import KEPT_WITH_CLICK_MS
from rules.times import DAY_MS, utc

UNLINKED_KEPT_MS = DAY_MS
MOST_UNLINKED = 20

_decoder = msgspec.json.Decoder(OrderSeen)

log = structlog.get_logger()


class Linked(Struct, frozen=True):
    """The conversation of an order, and its pushes that waited for that, oldest first."""

    conversation: ConversationId
    waiting: tuple[OrderSeen, ...]


class OrderLinks:
    """Links between orders and conversations, and the pushes that wait for one.

    With `durable_on_replica` each is stored only when a replica has it, as a commit is.
    """

    def __init__(self, store: Store, *, durable_on_replica: bool = False) -> None:
        """Bind to a store."""
        # Together: a burst of pushes would otherwise need a connection each, more than the pool has.
        self._together = Together(store, durable_on_replica=durable_on_replica)
        self._link = Script(store, "link", self._together)
        self._park = Script(store, "park", self._together)

    async def link(self, order: OrderSeen, conversation: ConversationId) -> Linked:
        """Learn the order's conversation, unless it has one already. Raises StoreUnavailable.

        The first one stays: told of in two conversations, an order would fire its events twice. But an order that was
        created at another time is another order, whatever its number; and where the push does not name its shop, one of
        another page is another shop's, which counts its orders for itself.
        """
        created = (order.created_at, utc(order.created_at))
        place = (conversation.page_id, conversation.psid, KEPT_WITH_CLICK_MS, int(bool(order.org_id)))
        page_id, psid, *waiting = await self._link(_keys(order), [*place, *created])
        return Linked(ConversationId(page_id.decode(), psid.decode()), tuple(_readable(order, waiting)))

    async def find_or_park(self, order: OrderSeen) -> ConversationId | None:
        """Return the order's conversation; while it is not known, keep the push 24 hours. Raises StoreUnavailable."""
        arguments: list[str | bytes | int] = [
            codec.encode(order),
            UNLINKED_KEPT_MS,
            KEPT_WITH_CLICK_MS,
            MOST_UNLINKED,
        ]
        found: list[bytes] = await self._park(_keys(order), arguments)
        return ConversationId(found[0].decode(), found[1].decode()) if found else None

    async def unpark(self, order: OrderSeen) -> None:
        """Let go of the pushes that waited, once they are committed. Raises StoreUnavailable."""
        unlinked = keys.unlinked_order(order.org_id, order.order_id)
        with store_errors():
            await self._together.execute(unlinked, "DEL", unlinked)


def _keys(order: OrderSeen) -> list[str]:
    return [keys.order(order.org_id, order.order_id), keys.unlinked_order(order.org_id, order.order_id)]


def _readable(order: OrderSeen, waiting: Iterable[bytes]) -> Iterator[OrderSeen]:
    for push in waiting:
        try:
            yield _decoder.decode(push)
        except msgspec.DecodeError:
            named = {"org_id": order.org_id, "order_id": order.order_id}
            log.error("order.parked_push_unreadable", **named)  # noqa: TRY400  a traceback may quote the push
