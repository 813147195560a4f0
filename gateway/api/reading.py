"""Reading what the API tells: the stored state of one conversation, its events and its page, brought together."""

from actors.connections import Connections
from actors.timeline import TimelinePage
from actors.views import Views
from gateway.api.shapes import ConversationShape, TimelineShape
from gateway.api.telling import tell_conversation, tell_entry
from rules.facts import ConversationId
from rules.standing import standings
from rules.state import Conversation


async def read_conversation(
    views: Views, connections: Connections, conversation: ConversationId, now: int
) -> ConversationShape | None:
    """Return where a conversation stands at `now` (ms, UTC), None when nothing is known of it.

    Raises StoreUnavailable or StoredDamage.
    """
    state = await views.conversation(conversation)
    connection = await connections.read(conversation.page_id)
    if state is None and connection is not None:
        return None
    # Of a page that is not connected nothing is recorded; the reason of every event is just that (rule 13).
    state = state or Conversation()
    fired = [each.event_id for each in standings(conversation, state, None, now) if each.fired and each.event_id]
    rows = await views.rows(conversation.page_id, fired)
    deliveries = {row.event_id: row for row in rows if row is not None}
    return tell_conversation(conversation, state, connection, deliveries, now)


async def read_timeline_forwards(
    views: Views, conversation: ConversationId, after: str | None, limit: int
) -> TimelineShape:
    """Return a page of the timeline, oldest first, newer than the entry `after`. Raises StoreUnavailable."""
    return _tell(await views.timeline_forwards(conversation, after, limit))


async def read_timeline(views: Views, conversation: ConversationId, before: str | None, limit: int) -> TimelineShape:
    """Return a page of the timeline, newest first, older than the entry `before`. Raises StoreUnavailable."""
    return _tell(await views.timeline(conversation, before, limit))


def _tell(page: TimelinePage) -> TimelineShape:
    entries = tuple(tell_entry(entry_id, entry) for entry_id, entry in page.entries)
    return TimelineShape(entries=entries, next=page.next)
