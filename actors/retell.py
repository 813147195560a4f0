"""Retelling: facts that were set aside are told again, once what was in their way has been repaired."""

from msgspec import Struct

from actors.aside import let_go, read_aside
from actors.conversations import Conversations
from actors.scripts import Store
from rules.facts import Addressed, ConversationId


class Retold(Struct, frozen=True):
    """How many facts are stored now, how many are still set aside, and why those are."""

    stored: int
    aside: int
    error: str | None


class Retelling:
    """Tells conversations what was set aside of them."""

    def __init__(self, store: Store, conversations: Conversations) -> None:
        """Read from a store, and tell these."""
        self._store = store
        self._conversations = conversations

    async def retell(self, conversation: ConversationId) -> Retold:
        """Tell a conversation again, in the order of arrival, what was set aside of it. Repeating is safe.

        What still cannot be stored is set aside anew. Raises Overloaded or StoreUnavailable, or StoredDamage of an
        entry or of what the page shares.
        """
        entries = await read_aside(self._store, conversation)
        for entry in entries:
            if await self._conversations.tell([Addressed(conversation, fact) for fact in entry.facts]):
                await let_go(self._store, conversation, entry)
        left = await read_aside(self._store, conversation)
        aside = sum(len(entry.facts) for entry in left)
        told = sum(len(entry.facts) for entry in entries)
        return Retold(max(0, told - aside), aside, left[-1].error if left else None)
