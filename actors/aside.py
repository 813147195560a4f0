"""Setting aside: facts that the store cannot take, because something unexpected lies under their conversation's keys.

The webhook is answered 200, since repeating would fail for ever and hold up its neighbours. Nothing is lost: the facts
stay in Redis for 30 days, for an operator to mend the conversation and replay them.
"""

from actors import codec, keys
from actors.connect import store_errors
from actors.together import Together
from rules.facts import ConversationId, Fact
from rules.times import DAY_MS

MOST = 10_000
KEPT_MS = 30 * DAY_MS


async def set_aside(together: Together, conversation: ConversationId, facts: tuple[Fact, ...], error: str) -> None:
    """Keep facts for an operator. Raises StoreUnavailable."""
    key = keys.aside(keys.partition(conversation.page_id))
    who = ("page_id", conversation.page_id, "psid", conversation.psid)
    what = ("error", error, "facts", codec.encode(facts))
    with store_errors():
        # No script: if the client repeats it after a lost reply, an operator sees the facts twice, which is harmless.
        await together.execute(key, "XADD", key, "MAXLEN", "~", MOST, "*", *who, *what)
        await together.execute(key, "PEXPIRE", key, KEPT_MS)
