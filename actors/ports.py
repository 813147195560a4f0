"""What the actors need from the outside world. `gateway` fills it."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeAlias

from actors.connection import Connection
from actors.outbox import OutboxEntry
from rules.delivery import Reply

Request: TypeAlias = Callable[[], Awaitable[Reply]]
"""Makes one request to TikTok. Whatever TikTok or the network does comes back as a reply."""

Unsendable: TypeAlias = Literal["too_large", "token_unreadable"]
"""Why there is no request: fewer events would go into one; or nothing can be sent with what is stored as the token."""


class Channel(Protocol):
    """The way to TikTok."""

    def prepare(self, connection: Connection, entries: tuple[OutboxEntry, ...], now: int) -> Request | Unsendable:
        """Prepare to send events of one event set at `now` (ms, UTC). A lone event is never too large."""
        ...
