"""What the actors need from the outside world. `gateway` fills it."""

from typing import Protocol

from actors.connections import Connection
from actors.outbox import OutboxEntry
from rules.delivery import Reply


class Channel(Protocol):
    """The way to TikTok."""

    async def post(self, connection: Connection, entries: tuple[OutboxEntry, ...]) -> Reply:
        """Send events of one event set in one request. Whatever TikTok or the network does comes back as a reply."""
        ...
