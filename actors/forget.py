"""Forgetting a customer: everything that is stored of one conversation goes, in an order that can be repeated."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from actors import keys
from actors.aside import forget_aside
from actors.asking import replies_of
from actors.commits import Unreadable, read_snapshot
from actors.connect import store_errors
from actors.errors import StoreUnavailable
from actors.forget_lookups import forget_lookups, values_in
from actors.lookups import index
from actors.scripts import Script, Store
from actors.traces import Traces
from rules.facts import ConversationId
from rules.state import Conversation

FORGOTTEN = 100
"""Most events that one script call forgets, so that none keeps Redis busy for long."""

TRIES = 10
"""How often a conversation is read again because a turn of it came in between."""


class _Known(Struct, frozen=True):
    """What is known of a conversation, as of its last commit, and the values that lead to it."""

    commit: bytes
    state: Conversation
    values: set[str]


class Forgetting:
    """Removes a customer from one page. Meta may ask for it at any time, and so may the operator."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._script = Script(store, "forget")
        self._traces = Traces(store)

    async def forget_everywhere(self, psid: str, page_ids: Iterable[str]) -> int:
        """Forget the customer on whichever of the pages they left anything; return on how many. As for `forget`."""
        # A look at all pages takes a tenth of the time of forgetting on each.
        pages = await self._traces.pages(psid, page_ids)
        for page_id in pages:
            await self.forget(ConversationId(page_id, psid))
        return len(pages)

    async def forget(self, conversation: ConversationId) -> None:
        """Remove everything about the customer; nothing to remove is fine. Raises StoreUnavailable: repeat it.

        Looks through the page's whole delivery log, since an event outlives its conversation.
        """
        # The log comes last, when no turn can add to it.
        commit = await self._forget_conversation(conversation)
        await forget_aside(self._store, conversation)
        logged = await self._traces.events(conversation)
        for start in range(0, len(logged), FORGOTTEN):
            event_ids = logged[start : start + FORGOTTEN]
            await self._forget_what_leads_to(conversation, event_ids)
            await self._remove(conversation, commit, event_ids)

    async def _forget_conversation(self, conversation: ConversationId) -> bytes:
        """Remove it as it stands, and return its last commit."""
        # What leads to it goes first, since only the state says where that is; so nothing may be added meanwhile.
        for _ in range(TRIES):
            known = await self._known(conversation)
            await self._forget_order_links(known.state)
            await forget_lookups(self._store, conversation, known.values)
            if await self._remove(conversation, known.commit, []):
                return known.commit
        raise StoreUnavailable("the customer keeps writing meanwhile")

    async def _known(self, conversation: ConversationId) -> _Known:
        pipeline = self._store.pipeline(transaction=False)
        pipeline.hmget(keys.conversation(conversation), ["version", "commit", "state"])
        pipeline.xrange(keys.timeline(conversation))
        row, entries = await replies_of(pipeline)
        version, commit, text = row or (None, None, None)
        try:
            state = read_snapshot(version, commit, text).state
        except Unreadable:
            state = Conversation()  # links of orders then end by themselves, nine days after the order's last push
        values = {conversation.psid, *(value for value, _ in index(conversation, state))}
        values.update(*(values_in(fields[b"entry"]) for _, fields in entries or ()))
        return _Known(commit or b"", state, values)

    async def _forget_order_links(self, state: Conversation) -> None:
        for order in state.orders:
            with store_errors():
                await self._store.delete(keys.order(order.org_id, order.order_id))
                await self._store.delete(keys.unlinked_order(order.org_id, order.order_id))

    async def _forget_what_leads_to(self, conversation: ConversationId, event_ids: list[str]) -> None:
        page_id = conversation.page_id
        values = set(event_ids)
        pipeline = self._store.pipeline(transaction=False)
        for event_id in event_ids:
            pipeline.hmget(keys.event(page_id, event_id), ["problem", "order_id", "tracking_id", "request_id"])
            pipeline.lrange(keys.attempts(page_id, event_id), 0, -1)
        found: list[list[bytes | None] | None] = await replies_of(pipeline)
        pipeline = self._store.pipeline(transaction=False)
        for event_id, row, attempts in zip(event_ids, found[::2], found[1::2], strict=True):
            problem, *others = row or (None,)
            values.update(value.decode() for value in others if value)
            values.update(*(values_in(attempt) for attempt in attempts or () if attempt))
            if problem:
                pipeline.zrem(keys.problem(page_id, problem.decode()), event_id)
        await replies_of(pipeline)
        await forget_lookups(self._store, conversation, values)

    async def _remove(self, conversation: ConversationId, commit: bytes, event_ids: list[str]) -> bool:
        """Remove the events, and the conversation unless there was another commit; return whether it is gone."""
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
        gone: int = await self._script(script_keys, [page_id, commit, *event_ids])
        return gone == 1
