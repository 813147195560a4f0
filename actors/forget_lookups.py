"""Forgetting a customer, the look-ups: no value that support may be given leads to them any more."""

from collections.abc import Iterable
from typing import Any

import msgspec

from actors import keys
from actors.asking import replies_of
from actors.lookups import read_event_id, read_member, waiting_member
from rules.facts import ConversationId

AT_ONCE = 500
"""Values that are looked at in one round trip."""

_FIELDS = ("ref", "order_id", "order_number", "event_id", "request_id")


def values_in(text: bytes) -> set[str]:
    """Return what can be looked up of an entry of the timeline, or of an attempt; nothing when it is damaged."""
    try:
        entry = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return set()
    named = entry.get("fact", entry)
    return {named[field] for field in _FIELDS if named.get(field)}


async def forget_lookups(store: Any, conversation: ConversationId, values: Iterable[str]) -> None:  # noqa: ANN401  redis-py types every reply for both decoding settings at once
    """Take the customer out of what these values lead to, and out of the page's lists. Raises StoreUnavailable.

    Other customers stay: an advertisement's ref, for example, is shared by all who came through it.
    """
    number = keys.partition(conversation.page_id)
    known = {value.strip() for value in values}
    wanted = sorted(known)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        pipeline = store.pipeline(transaction=False)
        for value in some:
            pipeline.zrange(keys.index(number, value), 0, -1)
        found: list[list[bytes] | None] = await replies_of(pipeline)
        pipeline = store.pipeline(transaction=False)
        pipeline.zrem(keys.page_conversations(conversation.page_id), conversation.psid)
        # A value may be the id of an order; that of anything else is no member.
        pipeline.zrem(keys.waiting_orders(number), *(waiting_member(conversation, value) for value in some))
        for value, members in zip(some, found, strict=True):
            if mine := [
                text for text in members or () if _leads_to(conversation, text) or read_event_id(text) in known
            ]:
                pipeline.zrem(keys.index(number, value), *mine)
        await replies_of(pipeline)


def _leads_to(conversation: ConversationId, text: bytes) -> bool:
    member = read_member(text)
    return member is not None and (member.page_id, member.psid) == (conversation.page_id, conversation.psid)
