"""Setting aside: facts that the store cannot take, because something unexpected lies under their conversation's keys.

The webhook is answered 200, since repeating would fail for ever and hold up its neighbours. The facts stay in Redis for
30 days, for an operator to see what the conversation lacks.
"""

from typing import Any

from actors import codec, keys
from actors.asking import reply_of
from actors.connect import store_errors
from actors.together import Together
from rules.facts import ConversationId, Fact, without_buyer
from rules.times import DAY_MS

MOST = 10_000
KEPT_MS = 30 * DAY_MS

SCANNED = 500
"""Entries that are looked at in one round trip."""


async def set_aside(together: Together, conversation: ConversationId, facts: tuple[Fact, ...], error: str) -> None:
    """Keep facts for an operator, orders without their buyers. Raises StoreUnavailable."""
    key = keys.aside(keys.partition(conversation.page_id))
    who = ("page_id", conversation.page_id, "psid", conversation.psid)
    what = ("error", error, "facts", codec.encode([without_buyer(fact) for fact in facts]))
    with store_errors():
        # No script: if the client repeats it after a lost reply, an operator sees the facts twice, which is harmless.
        await together.execute(key, "XADD", key, "MAXLEN", "~", MOST, "*", *who, *what)
        await together.execute(key, "PEXPIRE", key, KEPT_MS)


async def forget_aside(store: Any, conversation: ConversationId) -> None:  # noqa: ANN401  redis-py types every reply for both decoding settings at once
    """Let go of what was set aside of a customer. Raises StoreUnavailable."""
    key = keys.aside(keys.partition(conversation.page_id))
    mine = (conversation.page_id.encode(), conversation.psid.encode())
    after = b"-"
    while entries := await reply_of(store.xrange(key, min=after, count=SCANNED)):
        ids = [number for number, fields in entries if (fields.get(b"page_id"), fields.get(b"psid")) == mine]
        if ids:
            await reply_of(store.xdel(key, *ids))
        after = b"(" + entries[-1][0]
