"""A TikTok that behaves as it is told, down to the moment in which the sender that posts to it is killed."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from hypothesis import strategies as st

from actors.connection import Connection
from actors.outbox import OutboxEntry
from actors.ports import Request
from rules.delivery import Reply
from rules.facts import ConversationId
from tests.actors.delivering import BAD_ITEM, BROKEN, NO_PERMISSION, OK, REFUSED, TIMED_OUT

Behaviour: TypeAlias = Reply | Literal["dies_before", "dies_after"]
Entries: TypeAlias = tuple[OutboxEntry, ...]

behaviours = st.lists(
    st.sampled_from((OK, OK, OK, BAD_ITEM, BROKEN, REFUSED, TIMED_OUT, NO_PERMISSION, "dies_before", "dies_after")),
    min_size=1,
    max_size=4,
)


class Died(Exception):  # noqa: N818  names what happened
    """The sender was killed while it was posting."""


class TikTok:
    """A channel that remembers every event that it has recorded, whatever it said."""

    def __init__(self, look_at: Callable[[Entries], None]) -> None:
        """Let `look_at` judge each request first."""
        self._look_at = look_at
        self.behaviours: list[Behaviour] = []
        self.recorded: set[str] = set()
        self.ids: defaultdict[tuple[ConversationId, str], set[str]] = defaultdict(set)

    def prepare(self, _: Connection, entries: Entries, __: int) -> Request:
        """Prepare one request."""
        return partial(self._post, entries)

    async def _post(self, entries: Entries) -> Reply:
        self._look_at(entries)
        behaviour = self.behaviours.pop(0) if self.behaviours else OK
        if behaviour in (OK, TIMED_OUT, "dies_after"):
            self.record(entries)
        if isinstance(behaviour, str):
            raise Died
        return behaviour

    def record(self, entries: Entries) -> None:
        """Count events as TikTok does."""
        self.recorded |= {entry.event.event_id for entry in entries}
        for entry in entries:
            self.ids[entry.conversation, entry.event.name].add(entry.event.event_id)
