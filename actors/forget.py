"""Forgetting a customer: everything that is stored of one conversation goes, in an order that can be repeated."""

from typing import Any

from actors import keys
from actors.connect import store_errors
from actors.errors import StoredDamage
from actors.scripts import Script, Store
from actors.views import Views
from rules.facts import ConversationId

SCANNED = 500
"""Events of the delivery log that are looked at in one round trip."""

FORGOTTEN = 100
"""Most events that one script call forgets, so that none keeps Redis busy for long."""


class Forgetting:
    """Removes a customer from one page. Meta may ask for it at any time, and so may the operator."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._views = Views(store)
        self._script = Script(store, "forget")

    async def forget(self, conversation: ConversationId) -> None:
        """Remove everything about the customer; nothing to remove is fine. Raises StoreUnavailable: repeat it.

        Looks through the page's whole delivery log, since an event outlives its conversation.
        """
        # The links go first, since only the state says where they are; the log comes last, when no turn can add to it.
        await self._forget_order_links(conversation)
        await self._remove(conversation, [])
        logged = await self._logged(conversation)
        for start in range(0, len(logged), FORGOTTEN):
            await self._remove(conversation, logged[start : start + FORGOTTEN])

    async def _forget_order_links(self, conversation: ConversationId) -> None:
        try:
            state = await self._views.conversation(conversation)
        except StoredDamage:
            state = None  # the links then end by themselves, nine days after the order's last push
        for order in state.orders if state else ():
            with store_errors():
                await self._store.delete(keys.order(order.org_id, order.order_id))
                await self._store.delete(keys.unlinked_order(order.org_id, order.order_id))

    async def _remove(self, conversation: ConversationId, event_ids: list[str]) -> None:
        page_id = conversation.page_id
        script_keys = [
            keys.conversation(conversation),
            keys.timeline(conversation),
            keys.outbox(page_id),
            keys.due(keys.partition(page_id)),
            keys.events(page_id),
            keys.dead(page_id),
            keys.buried(keys.partition(page_id)),
        ]
        for event_id in event_ids:
            script_keys += [keys.event(page_id, event_id), keys.attempts(page_id, event_id)]
        await self._script(script_keys, [page_id, *event_ids])

    async def _logged(self, conversation: ConversationId) -> list[str]:
        found: list[str] = []
        with store_errors():
            logged: list[bytes] = await self._store.zrange(keys.events(conversation.page_id), 0, -1)
            for start in range(0, len(logged), SCANNED):
                ids = [event_id.decode() for event_id in logged[start : start + SCANNED]]
                pipeline = self._store.pipeline(transaction=False)
                for event_id in ids:
                    pipeline.hget(keys.event(conversation.page_id, event_id), "psid")
                owners: list[bytes | None] = await pipeline.execute()
                mine = conversation.psid.encode()
                found += [event_id for event_id, owner in zip(ids, owners, strict=True) if owner == mine]
        return found
